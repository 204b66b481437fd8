"""What every step of a slice is given (`Work`), and the record of what it does (`SyncRun`)."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, cached_property
from threading import Event
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from peertube_sync.client.detect import detect
from peertube_sync.client.errors import MalformedAnswer, PeerTubeError
from peertube_sync.client.parse import Page, Unreadable
from peertube_sync.client.peertube import PeerTube
from peertube_sync.client.types import VideoDetails, VideoItem
from peertube_sync.conf import Settings
from peertube_sync.ingest.actors import KnownActors
from peertube_sync.ingest.skipped import FIELD, forget_skipped, keep_skipped, key_of, odd_fields
from peertube_sync.ingest.upsert import Written
from peertube_sync.ingest.videos import Ingested
from peertube_sync.models import PUBLIC, Follow, Instance, OptOut, RunKind, RunState, Source, SourceKind, SyncRun, Video
from peertube_sync.models.prepared import PreparedUpdate, placeholders
from peertube_sync.models.source import AT_REST
from peertube_sync.models.tally import Measure, add_to_tallies
from peertube_sync.models.video import VideoQuerySet
from peertube_sync.sync.lease import Lease, LeaseLost
from peertube_sync.sync.rhythm import WIDE, jittered
from peertube_sync.sync.walks.storages import Storages

STALE = timedelta(days=1)
RARER = 8
"""A rotation is this many times as long for rows whose bell is proven."""
COST_COLUMNS = ("requests", "rate_limited", "waited_seconds")
ODD_COLUMNS = ("skipped", "odd_fields")
COUNTS = ("created", "updated", "unchanged", "restored", "removed", *ODD_COLUMNS, *COST_COLUMNS)
RUN_COLUMNS = (*COUNTS, "excluded", "state", "finished_at", "cursor", "error", "result")
"""The columns of a run that are written while it goes on, and when it ends."""
OF_VIDEOS = frozenset({RunKind.HEAD, RunKind.SWEEP, RunKind.REMOVAL, RunKind.DETAILS, RunKind.SCOPE, RunKind.RINGS})
"""The kinds of runs that count videos; others count channels, playlists or captions."""
Counts = dict[str, Any]
ParsedVideo = VideoItem | VideoDetails
"""An answer about a video, in a list or alone."""
Progress = Callable[[str, int, int | None], None]


def no_progress(_kind: str, _done: int, _total: int | None) -> None:
    """Do nothing as pages and details are read: the default."""


class SliceEnded(Exception):  # noqa: N818 - a fact, not an error: the rest waits for the next slice
    """The time of this slice is over."""


@dataclass
class Work:
    """One slice of work on `instance`, until `deadline` (monotonic seconds).

    `progress` is called with the kind of run, how much is done and of how much (None when nobody knows). `done`
    collects the counts of each run. Once `stop` is set, the slice ends as if its time were over.

    It is anonymous, about what is public, or done as the owner whose source is `owner_source`, about what of theirs
    isn't. `rows` are the rows that it may write, `covers` says whether an answer is about one of these.
    """

    instance: Instance
    client: PeerTube
    lease: Lease
    settings: Settings
    deadline: float
    progress: Progress = no_progress
    done: list[tuple[str, Counts]] = field(default_factory=list)
    stop: Event = field(default_factory=Event)
    actors: KnownActors = field(default_factory=KnownActors)
    storages: Storages = field(default_factory=Storages)
    _before: dict[int, "_Before"] = field(default_factory=dict)
    confirmed: bool = False
    owner_source: Source | None = None
    _began: tuple[int, int, float] = field(init=False)

    def __post_init__(self) -> None:
        """Remember what asking had cost before."""
        self._began = self._cost()

    @property
    def rows(self) -> VideoQuerySet:
        """The rows that this work may write, tombstones included."""
        if self.owner_source:
            return Video.objects.of_source(self.owner_source)
        return Video.objects.public().filter(instance=self.instance)

    def covers(self, video: ParsedVideo) -> bool:
        """Return whether this work may write a parsed video, by what the video says of itself."""
        if self.owner_source:
            return video.privacy_id != PUBLIC and video.account.name == self.owner_source.name
        return video.privacy_id == PUBLIC

    @property
    def rotation(self) -> timedelta:
        """How long captions, chapters and elements are good for: for each another time, so that they spread."""
        times = RARER if self.bell_proven else 1
        return jittered(timedelta(seconds=times * self.settings.rotation_interval), WIDE)

    @cached_property
    def bell_proven(self) -> bool:
        """Whether all that this work reads rings when it changes, as far as that can be known."""
        worked_on = [source for source in self.sources if source.state not in AT_REST and source.kind != SourceKind.OWN]
        if not self.settings.doorbell or self.owner_source or not worked_on:
            return False
        follows = Follow.objects.proven().filter(host=self.instance.host)
        proven = set(follows.values_list("kind", "name"))
        return all((source.kind, source.name) in proven for source in worked_on)

    @cached_property
    def sources(self) -> list[Source]:
        """The instance's sources, as they were at the start of the slice."""
        return list(self.instance.sources.all())

    @contextmanager
    def within(self, share: float) -> Iterator[None]:
        """Give the block this share of a slice; when that is used up, the slice goes on with something else."""
        end = self.deadline
        self.deadline = min(end, time.monotonic() + share * self.settings.slice_seconds)
        try:
            yield
        except SliceEnded:
            if self.stop.is_set() or time.monotonic() >= end:
                raise
        finally:
            self.deadline = end

    def check_time(self) -> None:
        """Raise SliceEnded when the time is over; every slice asks at least once, so that it gets on."""
        if self.stop.is_set() or (time.monotonic() >= self.deadline and self.client.transport.tally.requests):
            raise SliceEnded

    @cached_property
    def opted_out(self) -> frozenset[str]:
        """The names of the instance's accounts and channels that have opted out, in small letters."""
        rows = OptOut.objects.filter(host=self.instance.host)
        return frozenset(map(str.lower, rows.values_list("name", flat=True)))

    def confirm_peertube(self) -> None:
        """Make sure, once in a slice, that a PeerTube still answers: what another software refuses proves nothing."""
        if not self.confirmed:
            self.client.version = detect(self.client.transport)
            self.confirmed = True

    @contextmanager
    def recording(self, kind: str, source: Source | None = None, run: SyncRun | None = None) -> Iterator[SyncRun]:
        """Keep a SyncRun of what the block does: a new one, or `run` that goes on.

        An error is written down and raised on; what the block itself finds wrong, it writes into the run. A run that
        a transient error or the end of the slice interrupts stays open when it has a cursor to go on from, unless what
        came contradicts itself.
        """
        if run is None:
            with self.lease.transaction():
                run = SyncRun.objects.create(instance=self.instance, source=source or self.owner_source, kind=kind)
        before = self._before[run.pk] = _Before(_counts_of_run(run), self._cost())
        try:
            yield run
        except SliceEnded:
            self._close(run, before, RunState.RUNNING if run.cursor else RunState.DONE, "")
            raise
        except PeerTubeError as error:
            goes_on = error.transient and run.cursor and not isinstance(error, MalformedAnswer)
            self._close(run, before, RunState.RUNNING if goes_on else RunState.FAILED, str(error))
            raise
        self._close(run, before, RunState.FAILED if run.error else RunState.DONE, run.error)

    def write_source(self, source: Source, **columns: Any) -> None:
        """Write `columns` of a source, fenced: it may have been removed meanwhile, and the lease with it."""
        with self.lease.transaction():
            Source.objects.filter(pk=source.pk).update(**columns)
        for name, value in columns.items():
            setattr(source, name, value)

    def count(self, run: SyncRun, written: Ingested | Written[Any]) -> None:
        """Add what a page came to."""
        run.created += len(written.created)
        run.updated += len(written.updated)
        run.unchanged += len(written.unchanged)
        run.restored += len(written.restored) if isinstance(written, Ingested) else 0

    def skip(self, run: SyncRun, kind: str, page: Page[Any], refused: list[Unreadable], key: str = "") -> None:
        """Keep what could not be read or was refused, items and fields, inside the page's transaction.

        `key` is what the items belong to, where they have no name of their own.
        """
        bad, kind = page.unreadable + refused, f"own {kind}" if self.owner_source else kind
        odd = [odd_fields(item, key or key_of(item)) for item in page.items if item.odd]
        bad = [replace(item, uuid=key) for item in bad] if key else bad
        keep_skipped(self.instance, kind, bad, run.started_at)
        keep_skipped(self.instance, f"{kind} {FIELD}", odd, run.started_at)
        run.skipped += len(bad)
        run.odd_fields += sum(len(item.odd) for item in page.items)
        self._unreadable_before.update((kind, item.uuid) for item in bad)
        self._unreadable_before.update((f"{kind} {FIELD}", item.uuid) for item in odd)
        good = ({key} if key else {key_of(item) for item in page.items}) - {bad_item.uuid for bad_item in bad}
        for name, read in {kind: good, f"{kind} {FIELD}": good - {item.uuid for item in odd}}.items():
            if noted := sorted(text for text in read if (name, text) in self._unreadable_before):
                forget_skipped(self.instance, name, noted)

    @cached_property
    def _unreadable_before(self) -> set[tuple[str, str]]:
        """Items that could not be read, by kind and key: at the start of the work, and since."""
        return set(self.instance.skipped_items.values_list("kind", "key"))

    def _cost(self) -> tuple[int, int, float]:
        tally, transport = self.client.transport.tally, self.client.transport
        return tally.requests, tally.rate_limited, transport.budget.waited(transport.host)

    def count_cost(self) -> Counts:
        """Add the cost of requests since this work began to the instance's sums, with or without a run; return it.

        Requests of a process that was killed, or lost its lease, aren't counted.
        """
        measures = (Measure.REQUESTS, Measure.RATE_LIMITED, Measure.WAITED_SECONDS)
        spent = {measure: now - then for measure, now, then in zip(measures, self._cost(), self._began, strict=True)}
        with suppress(LeaseLost), self.lease.transaction():
            add_to_tallies(self.instance.pk, {(measure, ""): amount for measure, amount in spent.items()})
        return {measure.value: amount for measure, amount in spent.items()}

    def save(self, run: SyncRun) -> None:
        """Write a run of this slice with what it has cost so far, inside the transaction of what it counts."""
        before = self._before[run.pk]
        for name, now, then in zip(COST_COLUMNS, self._cost(), before.cost, strict=True):
            setattr(run, name, before.counts[name] + now - then)
        if not _run_update().run(id=run.pk, **{name: getattr(run, name) for name in RUN_COLUMNS}):
            run.save()

    def _close(self, run: SyncRun, before: "_Before", state: RunState, error: str) -> None:
        run.state, run.error = state, error
        run.finished_at = None if state == RunState.RUNNING else timezone.now()
        with self.lease.transaction():
            self.save(run)
            count_run(run)
        self.done.append((run.kind, {name: now - before.counts[name] for name, now in _counts_of_run(run).items()}))


@cache
def _run_update() -> PreparedUpdate:
    """Return the statement that every page ends with."""
    return PreparedUpdate(SyncRun.objects.filter(**placeholders(SyncRun, "id")), **placeholders(SyncRun, *RUN_COLUMNS))


def open_run(source: Source, kind: RunKind, due_at: datetime | None) -> SyncRun | None:
    """Return the walk of `kind` to go on with; None where there is none, it is too old, or `due_at` came after it."""
    run = source.runs.filter(kind=kind, state=RunState.RUNNING).first()
    if run is None:
        return None
    if run.started_at <= timezone.now() - STALE:
        run.error = "left unfinished for too long"
    elif due_at and run.started_at < due_at:
        run.error = "left unfinished: another one was asked for"
    else:
        return run
    run.state, run.finished_at = RunState.FAILED, timezone.now()
    run.save()
    count_run(run)
    return None


def fail_runs(runs: "QuerySet[SyncRun]", error: str) -> None:
    """End `runs` that nobody goes on with, inside a transaction."""
    for run in runs:
        run.state, run.error, run.finished_at, run.cursor = RunState.FAILED, error, timezone.now(), {}
        run.save()
        count_run(run)


def count_run(run: SyncRun) -> None:
    """Count a run that came to its end; one that goes on doesn't count yet."""
    if run.state != RunState.RUNNING:
        add_to_tallies(run.instance_id, {(Measure.RUNS, f"{run.kind} {run.state}"): 1})


def add_up(done: Iterable[tuple[str, Counts]], spent: Counts) -> "Counter[str]":
    """Return what runs, given by kind, came to in all, and `spent`, what all asking cost.

    What was created, updated, unchanged, restored, removed or fetched counts of videos alone.
    """
    total: Counter[str] = Counter(spent)
    for kind, counts in done:
        counted = counts.keys() - COST_COLUMNS if kind in OF_VIDEOS else ODD_COLUMNS
        total.update({name: counts[name] for name in counted})
    return total


@dataclass(frozen=True)
class _Before:
    """How a run, which may go on from an earlier slice, and the tallies stood when this slice took it up."""

    counts: Counts
    cost: tuple[int, int, float]


def _counts_of_run(run: SyncRun) -> Counts:
    return {name: getattr(run, name) for name in COUNTS} | {"fetched": run.result.get("fetched", 0)}
