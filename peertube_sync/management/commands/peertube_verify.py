"""`peertube_verify HOST`: ask the source again and print every difference."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError

from peertube_sync.conf import get_settings
from peertube_sync.management import base
from peertube_sync.management.hosts import instance_at
from peertube_sync.management.output import add_json_argument, as_line, counted, progress_line
from peertube_sync.sync.audit.findings import tell_no_difference
from peertube_sync.sync.audit.instance import SAMPLE, audit


class Command(base.Command):
    """Compare an instance with its source; differences fail the command."""

    stopped = "stopped; nothing mirrored was changed. Run it again to compare anew."
    help = (
        "Ask an instance again for its lists, and for the details, captions and chapters of a sample, and print "
        "every difference from what is mirrored. Nothing mirrored changes; no sync of the instance runs meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a host, and how many details to compare."""
        parser.add_argument("host", metavar="HOST", help="the instance")
        size = parser.add_mutually_exclusive_group()
        size.add_argument(
            "--sample",
            type=_number_of_videos,
            default=SAMPLE,
            metavar="N",
            help=f"compare the details of N videos and the elements of N playlists, at random (default: {SAMPLE})",
        )
        size.add_argument("--all", action="store_true", help="compare the details of all: three requests a video")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Compare, and fail when there is a difference or no answer."""
        instance = instance_at(options["host"])
        sample = None if options["all"] else options["sample"]
        tell = tell_no_difference if options["json"] else lambda difference: self.stdout.write(str(difference))
        with progress_line(wanted=not options["json"]) as progress:
            result = audit(instance, get_settings(), sample=sample, tell=tell, progress=progress)
        summary = (
            f"{result.host}: {counted(result.checked, 'video')} compared, {result.details_checked} of them with "
            f"details: {result.missing} missing, {counted(result.ghosts, 'ghost')}, {result.differing} differing; "
            f"{counted(result.requests, 'request')}, {result.seconds:.1f} s"
        )
        self.stdout.write(as_line(result.as_dict()) if options["json"] else summary)
        if result.error:
            raise CommandError(f"{result.host}: the audit is not complete: {result.error}")
        if result.total:
            raise CommandError(f"{result.host}: the copy is not equal to its source")


def _number_of_videos(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a number of videos")
    return int(text)
