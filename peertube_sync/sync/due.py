"""Doing what is due: the rows say what that is, and their order who is next; workers and --watch only look."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from threading import Event

from django.utils import timezone

from peertube_sync.conf import Settings
from peertube_sync.models import Instance
from peertube_sync.models.instance import InstanceQuerySet
from peertube_sync.sync.pool import side_by_side
from peertube_sync.sync.slices import SliceResult, run_slice

REST = 1.0
"""Seconds until a host is looked at again whose slice found nothing to do although it was due."""
LONG_REST = 300.0
"""The most of them, where what is due there is none of this line's work."""

DOUBTFUL = 4
"""To so many places comes one for hosts that failed last time: they may be dead, and hold it until their timeout."""

Told = Callable[[Instance, SliceResult], None]


def untold(_instance: Instance, _result: SliceResult) -> None:
    """Tell nobody."""


@dataclass
class Line:
    """The instances of `rows` that are due, one slice of each at a time; nobody begins after `seconds`."""

    rows: InstanceQuerySet
    settings: Settings
    seconds: float
    details: bool = True
    told: Told = untold
    resting: dict[int, float] = field(default_factory=dict)

    def work_off(self) -> None:
        """Do slices, `settings.hosts_at_once` side by side, until nothing is due or the time is over.

        Hosts that failed last time have places of their own beside those, so that dead ones delay nobody.
        """
        self._end = time.monotonic() + self.seconds
        side_by_side(self.settings.hosts_at_once + self._apart, self._next, self._slice, self._done)

    def due(self, busy: Collection[Instance] = ()) -> InstanceQuerySet:
        """Return who waits: due, not at work, and not at rest."""
        now = time.monotonic()
        self.resting = {pk: until for pk, until in self.resting.items() if until > now}
        return self.rows.due().exclude(pk__in=[*(one.pk for one in busy), *self.resting])

    @property
    def _apart(self) -> int:
        return self.settings.hosts_at_once // DOUBTFUL

    def _next(self, busy: Collection[Instance], free: int) -> Iterable[Instance]:
        if time.monotonic() >= self._end:
            return []
        due, apart = self.due(busy), self._apart
        if not apart:
            return due[:free]
        doubtful = sum(one.failures > 0 for one in busy)
        places = self.settings.hosts_at_once - (len(busy) - doubtful)
        return [*due.filter(failures__gt=0)[: max(0, apart - doubtful)], *due.filter(failures=0)[: max(0, places)]]

    def _slice(self, instance: Instance, stop: Event) -> SliceResult:
        return run_slice(instance, self.settings, details=self.details, stop=stop)

    def _done(self, instance: Instance, result: SliceResult) -> None:
        if not result.done:
            self.resting[instance.pk] = time.monotonic() + _rest(result)
        self.told(instance, result)


def _rest(result: SliceResult) -> float:
    """Return how long to leave a host alone that had nothing to do: its details may be due, and not be asked for."""
    wait = (result.due_at - timezone.now()).total_seconds() if result.due_at else 0.0
    return min(max(wait, REST), LONG_REST)
