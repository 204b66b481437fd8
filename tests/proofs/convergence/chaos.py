"""Chaos: a worker killed at random moments, a database and a broker that crash, and a copy equal in the end.

A real Celery worker does the work; a dispatcher looks for what is due, as beat does. A seed draws the order of
the accidents and how long each waits from the moment on when somebody holds the lease, so that it strikes during
the work. When all is mirrored before the last accident, everything is due again.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from celery import Celery
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from peertube_sync.conf import get_settings
from peertube_sync.models import Instance, RunState, SyncRun, Video
from peertube_sync.sync.operations.add import add_source, plan_source
from peertube_sync.sync.schedule import DUE_COLUMNS, make_due, next_due
from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.convergence.truth import untrue
from tests.proofs.convergence.worker import Worker
from tests.support.servers import crash_postgres, running_redis

LEASE_SECONDS = 4.0
SLICE_SECONDS = 3.0
REQUEST_TIMEOUT = 1.0
"""A worker that is killed while it asks keeps others from the host for a little longer than this."""
LOOK_SECONDS = 0.5
"""How often the dispatcher looks: beat is slower, and so would be the proof."""
LATEST = 1.5
"""Seconds after the lease was taken that an accident strikes, at the latest."""
PATIENCE = 120.0
"""Seconds without any progress after which the proof has failed."""


def main(given: argparse.Namespace) -> int:
    """Let it happen to PostgreSQL, a Redis and a worker of its own; returns 1 when the copy isn't equal."""
    directory = Path(given.directory)
    catalogue = Catalogue.generate(videos=given.videos, seed=given.seed)
    with running_redis(directory) as redis, Sandbox(catalogue, limit=None) as sandbox:
        worker = Worker(environment(os.environ["DATABASE_URL"], redis.url), directory / "worker.log")
        accidents = {"kill": worker.crash, "postgres": lambda: _crash_database(given.server), "redis": redis.crash}
        with Celery(broker=redis.url, set_as_current=False) as broker:
            chaos = Chaos(sandbox, worker, broker, Random(given.seed), accidents)
            outcome = chaos.run({"kill": given.kills, "postgres": given.restarts, "redis": given.restarts})
    sys.stdout.write("".join(f"{line}\n" for line in (outcome, *outcome.differences[:20])))
    return int(not outcome.fine)


def environment(database_url: str, redis_url: str) -> dict[str, str]:
    """Return the variables of a worker whose slices and leases are short."""
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PEERTUBE_SYNC_RATE_LIMIT_SHARE": "1.0",
        "PEERTUBE_SYNC_LEASE_SECONDS": str(LEASE_SECONDS),
        "PEERTUBE_SYNC_SLICE_SECONDS": str(SLICE_SECONDS),
        "PEERTUBE_SYNC_REQUEST_TIMEOUT": str(REQUEST_TIMEOUT),
    }


def _crash_database(server: Any) -> None:
    crash_postgres(server)
    connection.close()


class Stuck(Exception):  # noqa: N818 - a fact about the system under test
    """Nothing went on although a worker, a database and a broker were there."""


@dataclass
class Outcome:
    """What it came to: `differences` is empty where the copy is equal in the end."""

    videos: int
    accidents: dict[str, int]
    interrupted: int
    left_open: int
    longest_lease: float
    longest_pause: float
    seconds: float
    differences: list[str] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Whether the copy is equal, no run is left open, and no lease was left for longer than its time."""
        return not (self.differences or self.left_open) and self.longest_lease <= LEASE_SECONDS

    def __str__(self) -> str:
        struck = ", ".join(f"{count} of {name}" for name, count in self.accidents.items())
        return (
            f"{len(self.differences)} differences in {self.videos} videos after accidents ({struck});"
            f" {self.interrupted} runs were interrupted, {self.left_open} left open; longest lease left behind"
            f" {self.longest_lease:.1f} s of {LEASE_SECONDS:.0f} s, longest pause until somebody went on"
            f" {self.longest_pause:.1f} s; {self.seconds:.0f} s in all"
        )


@dataclass
class Chaos:
    """One run: `accidents` are what may happen, by name; each leaves everything running again."""

    sandbox: Sandbox
    worker: Worker
    broker: Celery
    random: Random
    accidents: Mapping[str, Callable[[], Any]]
    stop: threading.Event = field(default_factory=threading.Event)
    left_behind: Any = None
    longest_lease: float = 0.0
    longest_pause: float = 0.0

    def run(self, plan_: Mapping[str, int]) -> Outcome:
        """Let as many accidents of each kind happen as `plan_` says, then let the work end, and compare."""
        began = time.monotonic()
        add_source(plan_source(self.sandbox.url, get_settings()))
        with self._dispatching():
            self._let_happen([name for name, times in plan_.items() for _ in range(times)])
            self._until(self._done)
        return Outcome(
            videos=Video.objects.filter(removed_at=None).count(),
            accidents=dict(plan_),
            interrupted=SyncRun.objects.filter(state=RunState.FAILED, error="interrupted").count(),
            left_open=SyncRun.objects.filter(state=RunState.RUNNING).count(),
            longest_lease=self.longest_lease,
            longest_pause=self.longest_pause,
            seconds=time.monotonic() - began,
            differences=untrue(self.sandbox.catalogue, self._instance()),
        )

    def _let_happen(self, names: list[str]) -> None:
        self.random.shuffle(names)
        for name in names:
            self._await_work()
            time.sleep(self.random.uniform(0, LATEST))
            self.accidents[name]()
            self._look_at_lease()

    def _await_work(self) -> None:
        """Wait until somebody takes the lease anew; where all is done, everything becomes due again."""
        began = time.monotonic()
        self._until(self._taken_up)
        self.longest_pause = max(self.longest_pause, time.monotonic() - began)

    def _taken_up(self) -> bool:
        if self._done():
            self._everything_due()
        held = Instance.objects.filter(lease_until__gt=Now()).exclude(lease_token=None)
        return held.exclude(lease_token=self.left_behind).exists()

    def _look_at_lease(self) -> None:
        """Note whose lease the accident left behind, and for how long it keeps others out."""
        self.left_behind, until, now = Instance.objects.values_list("lease_token", "lease_until", Now()).get()
        if self.left_behind:
            self.longest_lease = max(self.longest_lease, (until - now).total_seconds())

    def _everything_due(self) -> None:
        make_due(self._instance().sources.all(), full=True)
        for model, column in DUE_COLUMNS:
            model._default_manager.filter(removed_at=None).update(**{column: timezone.now()})

    def _done(self) -> bool:
        instance = self._instance()
        due = next_due(instance)
        return instance.lease_token is None and due is not None and due > timezone.now()

    def _instance(self) -> Instance:
        return Instance.objects.get()

    def _until(self, fact: Callable[[], bool]) -> None:
        """Wait for `fact`, over databases that come and go; raises Stuck when nothing goes on for long."""
        progress, since = None, time.monotonic()
        while not fact():
            now = self._progress()
            if now != progress:
                progress, since = now, time.monotonic()
            if time.monotonic() - since > PATIENCE:
                raise Stuck(f"nothing went on for {PATIENCE} s; see {self.worker.log}")
            time.sleep(0.05)

    def _progress(self) -> tuple[Any, ...]:
        instance = self._instance()
        return instance.lease_token, instance.lease_until, instance.next_due_at

    @contextmanager
    def _dispatching(self) -> Iterator[None]:
        """Look for due work now and then, as beat does; the broker may be away."""
        thread = threading.Thread(target=self._dispatch)
        self.worker.start()
        thread.start()
        try:
            yield
        finally:
            self.stop.set()
            thread.join()
            self.worker.kill()

    def _dispatch(self) -> None:
        while not self.stop.wait(LOOK_SECONDS):
            with suppress(Exception):
                self.broker.send_task("peertube_sync.tasks.sync_due", ignore_result=True, expires=30, retry=False)
