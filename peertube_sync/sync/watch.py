"""Working on what is due, as workers and --watch do: the rows say which instances that are, and who is next."""

import logging
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import NoReturn

from django.db import DatabaseError, connections
from django.utils import timezone

from peertube_sync.conf import Settings
from peertube_sync.models import Instance, Ring
from peertube_sync.models.instance import InstanceQuerySet
from peertube_sync.sync import events
from peertube_sync.sync.events import logger
from peertube_sync.sync.lease import give_back_all
from peertube_sync.sync.pool import side_by_side
from peertube_sync.sync.slices import SliceResult, run_slice

REST = 1.0
"""Seconds until a host is looked at again whose slice found nothing to do although it was due."""
POLL = 1.0
"""Seconds between two looks at the schedule where one watches."""
LONGEST_BREAK = 60.0
"""Seconds until the next try, at the most, where a database is away."""
LONG_REST = 300.0
"""Seconds until such a host is looked at again, at the most; also until one whose slice a bug ended."""

PLACES_PER_FAILING = 4
"""For so many places there is one more, for hosts that failed last time: these may hold it until their timeout."""

OnSliceEnd = Callable[[Instance, SliceResult], None]


def tell_nobody(_instance: Instance, _result: SliceResult) -> None:
    """Do nothing at the end of a slice: the default."""


@dataclass
class DueInstances:
    """The instances of `rows` that are due, one slice of each at a time; nobody begins after `seconds`.

    With `survives_errors`, what breaks a slice (a database that fails, a bug) is logged and costs its host a rest.
    """

    rows: InstanceQuerySet
    settings: Settings
    seconds: float
    details: bool = True
    on_slice_end: OnSliceEnd = tell_nobody
    survives_errors: bool = False
    begun: dict[int, datetime] = field(default_factory=dict)
    resting: dict[int, float] = field(default_factory=dict)

    def run_slices(self) -> None:
        """Do slices, `settings.hosts_at_once` side by side, until nothing is due or the time is over.

        Hosts that failed last time have places of their own beside those, so that dead ones delay nobody.
        """
        self._end = time.monotonic() + self.seconds
        side_by_side(self.settings.hosts_at_once + self._places_for_failing, self._next, self._slice, self._done)

    def due(self, busy: Collection[Instance] = ()) -> InstanceQuerySet:
        """Return who waits: due, not at work, and not at rest, which what rang since the last slice ends."""
        now, rung = time.monotonic(), set[int]()
        if self.resting:
            rings = Ring.objects.filter(waiting=True, instance__in=self.resting).values_list("instance_id", "rung_at")
            rung = {pk for pk, rung_at in rings if rung_at and rung_at > self.begun[pk]}
        self.resting = {pk: until for pk, until in self.resting.items() if until > now and pk not in rung}
        return self.rows.due().exclude(pk__in=[*(instance.pk for instance in busy), *self.resting])

    @property
    def _places_for_failing(self) -> int:
        return self.settings.hosts_at_once // PLACES_PER_FAILING

    def _next(self, busy: Collection[Instance], free: int) -> Iterable[Instance]:
        if time.monotonic() >= self._end:
            return []
        due, for_failing = self.due(busy), self._places_for_failing
        if not for_failing:
            return due[:free]
        failing = sum(instance.failures > 0 for instance in busy)
        places = self.settings.hosts_at_once - (len(busy) - failing)
        return [*due.filter(failures__gt=0)[: max(0, for_failing - failing)], *due.filter(failures=0)[: max(0, places)]]

    def watch(self, after: Callable[[], None], sleep: Callable[[float], None] = time.sleep) -> NoReturn:
        """Do what becomes due, and `after` each round, for ever, whatever breaks it off."""

        def one_round() -> None:
            self.run_slices()
            after()

        while True:
            keep_trying(one_round, sleep)
            sleep(POLL)

    def _slice(self, instance: Instance, stop: Event) -> SliceResult:
        self.begun[instance.pk] = timezone.now()
        try:
            return run_slice(instance, self.settings, details=self.details, stop=stop)
        except Exception as error:
            if not self.survives_errors or isinstance(error, DatabaseError):
                raise
            facts = {"host": instance.host, "reason": _describe(error)}
            events.note(logging.ERROR, "slice_broken", "%(host)s: %(reason)s, which is a bug", **facts)
            logger.exception("what broke the slice of %s", instance.host)
            return SliceResult(broken=True)

    def _done(self, instance: Instance, result: SliceResult) -> None:
        if not result.done:  # its details may be due, and not be asked for
            wait = (result.due_at - timezone.now()).total_seconds() if result.due_at else 0.0
            rest = LONG_REST if result.broken else min(max(wait, REST), LONG_REST)
            self.resting[instance.pk] = time.monotonic() + rest
        self.on_slice_end(instance, result)


def keep_trying(do: Callable[[], None], sleep: Callable[[float], None] = time.sleep) -> None:
    """Do `do` until nothing breaks it off: a database that is away or a full disk is logged, and waited for."""
    broken = 0
    while True:
        try:
            if broken:
                connections.close_all()
                give_back_all()
            do()
        except Exception as error:
            broken += 1
            wait = min(LONGEST_BREAK, 2.0**broken)
            sentence = "%(reason)s; goes on in %(seconds)s s"
            events.note(logging.ERROR, "watch_broken", sentence, reason=_describe(error), seconds=wait)
            logger.debug("what broke it off", exc_info=True)
            sleep(wait)
        else:
            return


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
