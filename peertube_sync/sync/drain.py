"""Doing all that is due in this process, to the end, with no broker: what the command runs."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils import timezone

from peertube_sync.client.errors import BudgetClosed, BudgetLost
from peertube_sync.conf import Settings
from peertube_sync.models import Instance, RunKind, Video
from peertube_sync.sync.slices import run_slice
from peertube_sync.sync.work import Counts, Progress, silent

PATIENCE = 3
"""Failures in a row after which a host is left to its schedule."""
OF_VIDEOS = frozenset({RunKind.HEAD, RunKind.SWEEP, RunKind.REMOVAL, RunKind.DETAILS})


@dataclass
class Totals:
    """What was done: `created`, `updated`, `unchanged` and `removed` count videos.

    `videos` are those that the instances now have here; the first details of a new video are no update.
    """

    videos: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    skipped: int = 0
    requests: int = 0
    rate_limited: int = 0
    waited_seconds: float = 0.0
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)

    def add(self, done: Iterable[tuple[str, Counts]]) -> None:
        """Add what the runs of a slice came to."""
        for kind, counts in done:
            for name in COST + (CHANGES if kind in OF_VIDEOS else ()):
                setattr(self, name, getattr(self, name) + counts[name])

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


CHANGES = ("created", "updated", "unchanged", "removed")
COST = ("skipped", "requests", "rate_limited", "waited_seconds")


def drain(
    instances: Iterable[Instance],
    settings: Settings,
    *,
    details: bool = True,
    progress: Progress = silent,
    sleep: Callable[[float], None] = time.sleep,
) -> Totals:
    """Work on each of `instances` until nothing is due; a host that keeps failing is left with its error."""
    began = time.monotonic()
    totals = Totals()
    pks = []
    for instance in instances:
        pks.append(instance.pk)
        if error := _drain_one(instance, settings, totals, details=details, progress=progress, sleep=sleep):
            totals.errors.append(error)
    totals.videos = Video.objects.filter(instance__in=pks, removed_at=None).count()
    totals.seconds = round(time.monotonic() - began, 3)
    totals.waited_seconds = round(totals.waited_seconds, 3)
    return totals


def _drain_one(
    instance: Instance,
    settings: Settings,
    totals: Totals,
    *,
    details: bool,
    progress: Progress,
    sleep: Callable[[float], None],
) -> str:
    """Slice after slice until nothing is due; returns the error that it was left with, or ""."""
    failures = 0
    while True:
        result = run_slice(instance, settings, details=details, progress=progress)
        totals.add(result.done)
        if result.held:
            return f"{instance.host}: another process is at work on it; try again when it is done"
        if result.error is None and not result.more:
            return _parked(instance)
        if result.error is not None:
            failures += not isinstance(result.error, BudgetClosed)
            lost = isinstance(result.error, BudgetLost)
            if lost or not result.error.transient or failures > PATIENCE:
                return f"{instance.host}: {result.error}"
            sleep(_until_next(instance))


def _until_next(instance: Instance) -> float:
    instance.refresh_from_db(fields=["next_due_at"])
    due = instance.next_due_at or timezone.now()
    return max(0.0, (due - timezone.now()).total_seconds())


def _parked(instance: Instance) -> str:
    """Return what keeps a source from being complete although all is done."""
    sources = instance.sources.exclude(last_error="")
    return "; ".join(f"{source}: {source.last_error}" for source in sources)
