"""`peertube_purge`: scrub old tombstones."""

from argparse import ArgumentParser
from typing import Any

from peertube_sync.conf import get_settings
from peertube_sync.history import record_once
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line, counted
from peertube_sync.models import Action, Via
from peertube_sync.sync.purge import purge


class Command(base.Command):
    """Scrub what has been gone for longer than TOMBSTONE_RETENTION."""

    help = (
        "Scrub the texts, pictures, tags and files of videos, channels, accounts and playlists that were removed "
        "longer ago than TOMBSTONE_RETENTION. Their rows stay, so that what points at them holds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer JSON."""
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Scrub and say how many."""
        scrubbed = purge(get_settings())
        record_once(Action.PURGED, str(scrubbed), via=Via.COMMAND)
        self.stdout.write(
            as_line({"scrubbed": scrubbed}) if options["json"] else f"{counted(scrubbed, 'tombstone')} scrubbed"
        )
