"""`peertube_index`: bring the search up to date."""

from argparse import ArgumentParser
from typing import Any

from peertube_sync.ingest.search import index_due, make_all_due
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line, counted


class Command(base.Command):
    """Write the documents by which videos are found."""

    help = (
        "Write the search documents of the videos that changed; every slice of a sync does so too. "
        "With --all, of all videos: after rows came in by other means than a sync."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer all videos, and JSON."""
        parser.add_argument("--all", action="store_true", help="index every video again")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Index and say how many."""
        if options["all"]:
            make_all_due()
        indexed = index_due()
        self.stdout.write(as_line({"indexed": indexed}) if options["json"] else f"{counted(indexed, 'video')} indexed")
