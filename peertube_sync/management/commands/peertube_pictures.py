"""`peertube_pictures`: how many pictures are here, and putting them in order."""

from argparse import ArgumentParser
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError

from peertube_sync.conf import get_settings
from peertube_sync.ingest.pictures.keeping import storage
from peertube_sync.management import base
from peertube_sync.management.hosts import instance_at
from peertube_sync.management.output import add_json_argument, as_line, counted, in_words
from peertube_sync.models import Instance
from peertube_sync.sync.operations.pictures import count_pictures, fetch_missing, prune, verify


class Command(base.Command):
    """Tell how many pictures are here; with options fetch, verify and prune them, in this order's turn."""

    help = (
        "Show how many pictures this site keeps, and how many are missing. --prune deletes files of no row, and the "
        "least recently seen beyond PICTURES_BYTES; --verify looks at every file; --fetch fetches missing pictures, at "
        "the pace of the settings."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take hosts, for --fetch, and what is to be done."""
        parser.add_argument("hosts", nargs="*", metavar="HOST", help="fetch of these instances only (default: all)")
        parser.add_argument("--prune", action="store_true", help="delete files of removed rows, and files of no row")
        parser.add_argument("--verify", action="store_true", help="look at every file; damaged ones are made anew")
        parser.add_argument("--fetch", action="store_true", help="fetch missing ones now, rather than with slices")
        parser.add_argument("--again", action="store_true", help="with --fetch, also those that failed or were refused")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the options say, and print how it stands then."""
        settings = get_settings()
        try:
            storage()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        found: dict[str, Any] = {}
        lines: list[str] = []
        ended: list[str] = []
        if options["prune"]:
            pruned = prune(settings)
            found["pruned"] = vars(pruned)
            lines.append(
                f"{counted(pruned.stale, 'picture')} of rows that went, {pruned.dropped} for room and "
                f"{counted(pruned.orphans, 'file')} of nobody deleted"
            )
        if options["verify"]:
            found["damaged"] = verify()
            lines.append(f"{counted(found['damaged'], 'damaged picture')}, to be fetched again")
        if options["fetch"]:
            if settings.pictures != "site":
                raise CommandError('PEERTUBE_SYNC["PICTURES"] is "source": browsers get pictures from the instances.')
            if not find_spec("PIL"):
                raise CommandError('Pictures are made by Pillow: pip install "django-peertube-sync[pictures]"')
            instances = [instance_at(host) for host in options["hosts"]] or list(Instance.objects.mirrored())
            ended = fetch_missing(instances, settings, again=options["again"])
        counts = count_pictures()
        if options["json"]:
            self.stdout.write(as_line({**found, **counts.as_dict(), "not_asked": ended}))
        else:
            self.stdout.write("\n".join([*lines, *ended, in_words(counts, settings)]))
