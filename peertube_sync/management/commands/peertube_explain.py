"""`peertube_explain URL`: why something is missing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.conf import get_settings
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line
from peertube_sync.sync.explain.explanation import explain


class Command(base.Command):
    """Say in plain words what became of an address."""

    help = (
        "Say why the video, channel, account, playlist or instance at URL is missing here, or that it is not: which "
        "step rejected it, or has not reached it yet. Its server is asked once where nothing here holds it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", metavar="URL", help="address, handle or host, as for peertube_add")
        parser.add_argument("--offline", action="store_true", help="ask no server")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            found = explain(options["url"], get_settings(), offline=options["offline"])
        except InvalidTarget as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(as_line(found.as_dict()))
        else:
            self.stdout.writelines(f"{finding.text}\n" for finding in found.findings)
