"""Doing all that is due in this process, to the end, with no broker: what the command runs."""

import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from threading import Event

from django.utils import timezone

from peertube_sync.client.errors import BudgetClosed, BudgetLost, with_name
from peertube_sync.conf import Settings
from peertube_sync.models import Instance, Video
from peertube_sync.sync.pool import side_by_side
from peertube_sync.sync.slices import SliceResult, run_slice
from peertube_sync.sync.work import Progress, add_up, no_progress

PATIENCE = 3
"""Failures in a row after which a host is left to its schedule, however long anybody would wait."""


@dataclass
class Totals:
    """What was done: `created`, `updated`, `unchanged`, `restored` and `removed` count videos.

    `videos` are those that the instances now have here; the first details of a new video are no update. `errors` say
    what failed, `left` which hosts are left, until when, and since when they fail.
    """

    videos: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    restored: int = 0
    removed: int = 0
    skipped: int = 0
    odd_fields: int = 0
    requests: int = 0
    rate_limited: int = 0
    waited_seconds: float = 0.0
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def add(self, result: SliceResult) -> None:
        """Add what a slice came to."""
        for name, number in add_up(result.done, result.spent).items():
            if name != "fetched":  # first details are no update
                setattr(self, name, getattr(self, name) + number)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def drain(
    instances: Iterable[Instance],
    settings: Settings,
    *,
    details: bool = True,
    wait: bool = False,
    progress: Progress = no_progress,
    sleep: Callable[[float], None] = time.sleep,
) -> Totals:
    """Work on `instances` side by side until nothing is due that can be done now.

    Each does a slice and goes to the end of the line. A host that fails, or may not be asked for a while, is left to
    its schedule; with `wait` it is waited for, and tried PATIENCE times more. `progress` is called with the work on a
    single host, or with the number of hosts that are done where there are several.
    """
    began = time.monotonic()
    draining = _Draining(list(instances), settings, details, wait, progress)
    draining.to_the_end(sleep)
    totals = draining.totals
    totals.videos = Video.objects.filter(instance__in=draining.chosen, removed_at=None).count()
    totals.seconds = round(time.monotonic() - began, 3)
    totals.waited_seconds = round(totals.waited_seconds, 3)
    return totals


@dataclass
class _Draining:
    """The hosts of one drain: `line` are those that may begin, `retry` (timestamps) those that failed and wait."""

    chosen: list[Instance]
    settings: Settings
    details: bool
    wait: bool
    progress: Progress
    totals: Totals = field(default_factory=Totals)
    retry: dict[Instance, float] = field(default_factory=dict)
    failures: Counter[Instance] = field(default_factory=Counter)
    finished: int = 0

    def __post_init__(self) -> None:
        """Let all stand in line, those that failed last time behind the others: they may be dead."""
        self.line = deque(sorted(self.chosen, key=lambda instance: instance.failures > 0))

    def to_the_end(self, sleep: Callable[[float], None]) -> None:
        """Work, and sleep while there are only hosts that wait for another try."""
        hosts = max(1, min(self.settings.hosts_at_once, len(self.chosen)))
        while self.line:
            side_by_side(hosts, self._next, self._slice, self._done)
            if self.retry:
                first = min(self.retry, key=lambda instance: self.retry[instance])
                sleep(max(0.0, self.retry.pop(first) - time.time()))
                self.line.append(first)

    def _next(self, _busy: Collection[Instance], free: int) -> list[Instance]:
        ready = [instance for instance, at in self.retry.items() if at <= time.time()]
        for instance in ready:
            del self.retry[instance]
        self.line.extend(ready)
        return [self.line.popleft() for _ in range(min(free, len(self.line)))]

    def _slice(self, instance: Instance, stop: Event) -> SliceResult:
        progress = self.progress if len(self.chosen) == 1 else no_progress
        return run_slice(instance, self.settings, details=self.details, progress=progress, stop=stop)

    def _done(self, instance: Instance, result: SliceResult) -> None:
        """Put the host at the end of the line, among those that wait, or away."""
        self.totals.add(result)
        error, lost = result.error, isinstance(result.error, BudgetLost)
        self.failures[instance] += error is not None and not isinstance(error, BudgetClosed)
        if result.more:
            self.line.append(instance)
        elif self.wait and error and error.transient and not lost and self.failures[instance] <= PATIENCE:
            self.retry[instance] = _next_due(instance)
        else:
            if result.error and not result.held:
                self.totals.left.append(left_until(instance))
            if isinstance(result.error, BudgetClosed) and not isinstance(result.error, BudgetLost):
                self.totals.left[-1] += f": {result.error.reason}"
            elif trouble := _trouble(instance, result):
                self.totals.errors.append(trouble)
            self.finished += 1
            if len(self.chosen) > 1:
                self.progress("hosts", self.finished, len(self.chosen))


def left_until(instance: Instance) -> str:
    """Say since when a host fails, if it does, and when it is tried again."""
    until = datetime.fromtimestamp(_next_due(instance), UTC)
    since = instance.failing_since
    fails = f"fails since {since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC and " if since else ""
    return f"{instance.host} {fails}is left until {until:%Y-%m-%d %H:%M:%S} UTC"


def _next_due(instance: Instance) -> float:
    instance.refresh_from_db(fields=["next_due_at", "failing_since"])
    return (instance.next_due_at or timezone.now()).timestamp()


def _trouble(instance: Instance, result: SliceResult) -> str:
    """Return what keeps the copy from being complete although all is done, or ""."""
    if result.held:
        return f"{instance.host}: another process is at work on it; try again when it is done"
    if result.error is not None:
        return with_name(instance.host, str(result.error))
    sources = instance.sources.exclude(last_error="").select_related("instance")
    return "; ".join(with_name(str(source), source.last_error) for source in sources)
