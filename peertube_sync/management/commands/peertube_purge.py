"""`peertube_purge`: keep the database within bounds."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from peertube_sync.conf import get_settings
from peertube_sync.history import record_once
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line, counted
from peertube_sync.models import Action, Via
from peertube_sync.sync.operations.retention import clean_up_daily


class Command(base.Command):
    """Scrub tombstones, delete old records, and go on with removals that were interrupted."""

    help = (
        "Go on with removals that were interrupted; scrub the texts, pictures, tags and files of videos, channels, "
        "accounts and playlists that were removed longer ago than TOMBSTONE_RETENTION (their rows stay, so that what "
        "points at them holds); delete sync runs and skipped items older than RUN_RETENTION."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        done = clean_up_daily(get_settings())
        record_once(Action.PURGED, str(done.scrubbed), via=Via.COMMAND)
        lines = [
            f"{counted(done.scrubbed, 'tombstone')} scrubbed",
            f"{counted(done.runs, 'sync run')} and {counted(done.skipped, 'skipped item')} deleted",
            *([f"{counted(done.removed, 'video')} of interrupted removals removed"] if done.removed else []),
        ]
        self.stdout.write(as_line(asdict(done)) if options["json"] else "\n".join(lines))
