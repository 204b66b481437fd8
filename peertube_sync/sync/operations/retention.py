"""What would grow for ever is bounded here, once a day: tombstones, records of runs, items that could not be read.

All of it goes in batches, each in a transaction of its own, so that it may be interrupted at any time.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from peertube_sync.beat import DAY_SECONDS
from peertube_sync.conf import Settings
from peertube_sync.ingest.derived import derive_due
from peertube_sync.ingest.skipped import keep_newest
from peertube_sync.models import Instance, RunState, SkippedItem, SyncRun
from peertube_sync.sync.bulk_removal import remove_all_marked
from peertube_sync.sync.operations.purge import purge

BATCH = 1_000


@dataclass(frozen=True)
class Forgotten:
    """What went: videos whose removal had been interrupted, tombstones that were scrubbed, items and runs deleted."""

    removed: int
    scrubbed: int
    skipped: int
    runs: int


def clean_up_daily(settings: Settings) -> Forgotten:
    """Do all that is to be done once a day so that the database stays within bounds; returns what went."""
    before = timezone.now() - timedelta(seconds=settings.run_retention)
    removed = remove_all_marked()
    scrubbed = purge(settings)
    skipped = sum(map(keep_newest, Instance.objects.order_by("pk"))) + _forget_skipped(before)
    runs = _forget_runs(before)
    derive_due()
    return Forgotten(removed, scrubbed, skipped, runs)


class Daily:
    """Does `clean_up_daily` when it is called, once a day; what breaks it off costs that day's."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.due = settings, 0.0

    def __call__(self) -> None:
        """Do it if a day is over since the last time, of this process."""
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + DAY_SECONDS
            clean_up_daily(self.settings)


def _forget_skipped(before: datetime) -> int:
    """Delete what wasn't seen again since `before`: it was mended at its source, or is gone from there."""
    deleted, old = 0, SkippedItem.objects.filter(last_seen_at__lt=before)
    while pks := list(old.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        deleted += SkippedItem.objects.filter(pk__in=pks).delete()[0]
    return deleted


def _forget_runs(before: datetime) -> int:
    """Delete the runs that began before `before`, but for those under way and the last of each kind."""
    kinds = SyncRun.objects.order_by().values("instance", "source", "kind")
    last = set(kinds.annotate(newest=Max("pk")).values_list("newest", flat=True))
    old, after, deleted = SyncRun.objects.filter(started_at__lt=before), 0, 0
    while rows := list(old.filter(pk__gt=after).order_by("pk").values_list("pk", "state")[:BATCH]):
        after = rows[-1][0]
        ended = [pk for pk, state in rows if state != RunState.RUNNING and pk not in last]
        # One that is taken up again at this moment stays.
        deleted += SyncRun.objects.filter(pk__in=ended).exclude(state=RunState.RUNNING).delete()[0]
    return deleted
