"""When an instance is asked next: the schedule is in the rows, workers only read it.

"Sync now" sets columns and sends nothing (`make_due`): `Source.head_due_at`, with a full sweep also
`Source.sweep_due_at`, and `Instance.next_due_at`, the queue of all workers, become now. Sources without head polls
(`head_due_at` is NULL: playlists, single videos) get `sweep_due_at` in any case. The next task `sync_due` (beat sends
one every 30 seconds) or `peertube_sync --watch` takes the instance from the queue (`sync/watch.py`) and does a slice
(`sync/slices.py`).

`peertube_sync` calls `make_due` itself. The admin's actions do so through `make_sources_due` in `admin/actions.py`,
which leaves paused sources out with a warning and writes down who did it; the API's `POST /api/sources/<id>/sync/`
answers 409 for a paused source, and writes it down too.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, QuerySet
from django.utils import timezone

from peertube_sync.client.errors import AnswerError, BudgetClosed, Disallowed, PeerTubeError
from peertube_sync.conf import Settings
from peertube_sync.models import (
    Account,
    Channel,
    Follow,
    FollowState,
    Instance,
    Playlist,
    Reason,
    Ring,
    Source,
    SourceKind,
    SourceState,
    Video,
)
from peertube_sync.models.source import AT_REST
from peertube_sync.sync.rhythm import RHYTHM_OF, SLIGHT, WIDE, head_interval, jittered

GRACE = timedelta(minutes=2)
"""How long a ring may come after what it rings for was found by a walk."""
BACKOFF = timedelta(minutes=1)
LONGEST_WAIT = timedelta(days=1)

DueColumns = tuple[tuple[type[Video | Channel | Account | Playlist], str], ...]
LISTED: DueColumns = (
    (Channel, "details_due_at"),
    (Account, "details_due_at"),
    (Playlist, "elements_due_at"),
)
DUE_COLUMNS: DueColumns = (*LISTED, (Video, "details_due_at"), (Video, "captions_due_at"))


def is_due(at: datetime | None) -> bool:
    return at is not None and at <= timezone.now()


def next_due(instance: Instance, *, details: bool = True) -> datetime | None:
    """Return when the earliest piece of work on `instance` is due; None without any source.

    Overdue work counts as due now: an instance with more work than one slice goes to the end of the queue. Without
    `details`, what rang, details of videos, captions and chapters don't count.
    """
    if not active_sources(instance.sources.all()):
        return None
    if details and Ring.objects.filter(instance=instance, waiting=True).exists():
        return timezone.now()
    earliest = min((due for due in _dues(instance, details=details) if due is not None), default=None)
    return earliest and max(earliest, timezone.now())


def next_head(source: Source, settings: Settings) -> datetime:
    """Return when to look for new videos of `source` again: see `head_interval`; removed ones were published too.

    Where they ring, that is as rarely as the settings allow.
    """
    now = timezone.now()
    if settings.doorbell and Follow.objects.proven().of_source(source).exists():
        rarely: datetime = now + jittered(timedelta(seconds=settings.head_interval_max), SLIGHT)
        return rarely
    newest = Video.objects.of_source(source).order_by("-published_at")[:RHYTHM_OF]
    published = list(newest.values_list("published_at", flat=True))
    shortest, longest = timedelta(seconds=settings.head_interval_min), timedelta(seconds=settings.head_interval_max)
    due: datetime = now + jittered(head_interval(published, now, shortest, longest), SLIGHT)
    return due


def next_sweep(settings: Settings) -> datetime:
    """Return when to walk through a source again."""
    return timezone.now() + jittered(timedelta(seconds=settings.sweep_interval), WIDE)


def active_sources(sources: Iterable[Source]) -> list[Source]:
    """Return those of `sources` that are worked on."""
    return [source for source in sources if source.state not in AT_REST]


def retry_at(error: PeerTubeError, failures: int) -> datetime:
    """Return when to ask again after `failures` in a row: what the server said, or exponential backoff.

    After a first failure the server's time counts; after further ones the longer of both. What robots.txt disallows is
    tried again after a day, when robots.txt is read anew.
    """
    now = timezone.now()
    if isinstance(error, BudgetClosed):
        return datetime.fromtimestamp(error.until, tz=now.tzinfo)
    if isinstance(error, Disallowed):
        return now + LONGEST_WAIT
    said = timedelta(seconds=(isinstance(error, AnswerError) and error.retry_after) or 0)
    if said and failures <= 1:
        return now + said
    wait: timedelta = min(LONGEST_WAIT, BACKOFF * 2.0 ** min(failures, 12))
    return now + max(said, wait * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, no secret


def make_due(sources: Iterable[Source], *, full: bool) -> None:
    """Make the head polls (and, with `full`, the sweeps) of `sources` due now; workers or --watch do them.

    A sweep that is under way begins anew with `full`: a walk goes on only if it began after it was due.
    """
    now = timezone.now()
    chosen = Source.objects.filter(pk__in=[source.pk for source in sources])
    chosen.exclude(head_due_at=None).update(head_due_at=now)
    named = chosen.filter(head_due_at=None).exclude(sweep_due_at__lte=now)
    (chosen if full else named).update(sweep_due_at=now)
    Instance.objects.filter(sources__in=chosen).update(next_due_at=now)


def _dues(instance: Instance, *, details: bool) -> Iterator[datetime | None]:
    yield from (instance.refresh_due_at, instance.audit_due_at)
    follows = Follow.objects.filter(host=instance.host).exclude(state=FollowState.LEAVING)
    yield from _earliest([follows], "next_at")
    for source in active_sources(instance.sources.all()):
        yield from (source.head_due_at, source.sweep_due_at, source.lists_due_at)
    if not instance.sources.filter(state=SourceState.SUSPICIOUS).exists():
        yield from _earliest(_workable(instance), "missing_since")
    for model, column in DUE_COLUMNS if details else LISTED:
        if model is Video:
            yield from _earliest(_workable(instance), column)
        else:
            known = {} if model is Playlist else {"private": False}  # actors of which something public tells
            rows = model._default_manager.filter(instance=instance, removed_at=None, **known)
            yield from _earliest([rows], column)
    if details:
        missed = instance.rings.aggregate(earliest=Min("missed_at"))["earliest"]
        yield missed + GRACE if missed else None
        yield instance.pictures_due_at
        # Those tombstones are asked for again that no list would bring back.
        hidden = Video.objects.public().filter(instance=instance).exclude(removed_at=None)
        yield from _earliest([hidden.exclude(removed_reason=Reason.OUT_OF_SCOPE)], "details_due_at")


def _earliest(querysets: "Iterable[QuerySet[Any, Any]]", column: str) -> Iterator[datetime | None]:
    return (rows.aggregate(earliest=Min(column))["earliest"] for rows in querysets)


def _workable(instance: Instance) -> "Iterator[QuerySet[Video, Video]]":
    """Yield the living videos that can be asked for: public ones, and those of owners whose login is good."""
    yield Video.objects.public().filter(instance=instance, removed_at=None)
    for source in active_sources(instance.sources.filter(kind=SourceKind.OWN).exclude(head_due_at=None)):
        yield Video.objects.of_source(source).filter(removed_at=None)
