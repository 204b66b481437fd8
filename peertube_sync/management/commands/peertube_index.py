"""`peertube_index`: bring the search up to date."""

from argparse import ArgumentParser
from typing import Any

from peertube_sync.ingest import answers
from peertube_sync.ingest.search_documents import index_due, queue_all_documents
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line, counted


class Command(base.Command):
    """Write what is made of rows: the documents by which videos are found, and parts of answers."""

    help = (
        "Write the search documents of the videos that changed, and the parts of answers; every slice of a sync does "
        "so too. With --all, of all rows: after rows came in by other means than a sync."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="index every video again")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["all"]:
            queue_all_documents()
            answers.queue_all_answers()
        indexed = index_due()
        answers.write_answers()
        self.stdout.write(as_line({"indexed": indexed}) if options["json"] else f"{counted(indexed, 'video')} indexed")
