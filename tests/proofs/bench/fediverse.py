"""P7: a fediverse mirrored from nothing, then watched for an hour: `python -m tests.proofs.bench.fediverse`.

At full size 1,764 hosts and 909,000 videos, most hosts with fewer than a hundred, the largest with some 50,000; a few
in a hundred are dead, silent, slow, limiting or lying (`fediverse_server.py`). Only lists are read: details are one
request each, and their time is the limit's. The judge is the servers' own log.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any

import psutil
import time_machine

from tests.proofs.bench.fediverse_server import WINDOW, Host, hosts
from tests.proofs.bench.report import Section
from tests.proofs.site import site

HOSTS, VIDEOS = 1_764, 909_000
PAGE = 100
API = "/api/"
LIMIT = 50
SHARE = 0.5
AT_ONCE = 32
HOUR = timedelta(hours=1)
STEP = timedelta(minutes=1)
MOST = 1.05
"""How many times the least number of list requests a complete first sweep may take."""

Log = dict[str, list[tuple[float, str, str, int]]]


@dataclass
class Figures:
    """What came of it; `over` are the hosts that were asked more often than was due."""

    hosts: Counter[str]
    videos: int
    largest: float = 0.0
    seconds: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0
    sweeps: int = 0
    least: int = 0
    requests: int = 0
    busiest: int = 0
    refused: int = 0
    unfinished: int = 0
    idle_requests: int = 0
    idle_due: float = 0.0
    over: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether everything is as it should be."""
        calm = self.busiest <= LIMIT * SHARE and not self.over
        return calm and self.sweeps <= MOST * self.least and not self.unfinished and not self.refused

    def rows(self) -> list[tuple[str, str]]:
        """Return the figures in words."""
        others = ", ".join(f"{number} {kind}" for kind, number in sorted(self.hosts.items()) if kind != "good")
        return [
            ("hosts", f"{self.hosts.total():,}, of them {others}"),
            ("videos of those that can be mirrored", f"{self.videos:,}"),
            ("all lists complete after", f"{self.seconds:,.0f} s, {AT_ONCE} hosts at once"),
            ("the largest one needs, at its pace", f"{self.largest:,.0f} s"),
            ("CPU of the mirroring process", f"{self.cpu:,.0f} s"),
            ("memory of the mirroring process", f"{self.memory:.0f} MiB"),
            ("living hosts not complete by then", f"{self.unfinished}"),
            ("list requests of the sweeps", f"{self.sweeps:,}, {self.sweeps / self.least:.3f} times the least"),
            ("all requests", f"{self.requests:,}"),
            ("most requests to one host in one of its windows", f"{self.busiest}, its share is {LIMIT * SHARE:.0f}"),
            ("429 answers from hosts that apply the limit they announce", f"{self.refused}"),
            ("an hour later: requests to idle hosts", f"{self.idle_requests}, due were {self.idle_due:.0f}"),
            ("hosts asked more than once in a head interval", f"{len(self.over)}"),
        ]


def measure(scale: float, seed: int = 1) -> Figures:
    """Mirror a fediverse of this size into the site's database."""
    fleet = hosts(max(5, round(HOSTS * scale)), round(VIDEOS * scale), seed)
    import_module("django.core.management").call_command("flush", interactive=False, verbosity=0)
    with _served(fleet, seed) as (names, log):
        figures = Figures(
            Counter(one.kind for one in fleet), sum(one.size for one in fleet if names[one] and _living(one))
        )
        figures.largest = ceil(max(one.size for one in fleet if _living(one)) / PAGE) * WINDOW / (LIMIT * SHARE)
        _add(fleet, names)
        cpu = time.process_time()
        figures.seconds = _mirror({names[one] for one in fleet if _living(one)})
        figures.cpu = time.process_time() - cpu
        figures.memory = psutil.Process().memory_info().rss / 2**20
        hour = _watch({names[one] for one in fleet if one.kind == "good"})
    _read(figures, fleet, log, hour)
    return figures


def _living(host: Host) -> bool:
    return host.kind not in {"dead", "silent", "lying"}


@contextmanager
def _served(fleet: list[Host], seed: int) -> Iterator[tuple[dict[Host, str], Log]]:
    """Serve the fleet in a process of its own; gives the names of the hosts, and at the end fills the log."""
    numbers = (len(fleet), sum(one.size for one in fleet), seed, LIMIT)
    log: Log = {}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.proofs.bench.fediverse_server", *map(str, numbers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        assert server.stdin
        port, silent = server.stdout.readline().split()
        ports = {"dead": "1", "silent": silent}
        yield {one: f"{one.address}:{ports.get(one.kind, port)}" for one in fleet}, log
        server.stdin.close()
        log |= json.loads(server.stdout.read())


def _add(fleet: list[Host], names: dict[Host, str]) -> None:
    """Add all hosts; those that never answer are due first."""
    models = import_module("peertube_sync.models")
    for one in sorted(fleet, key=_living):
        models.Instance.objects.create(host=names[one], scheme="http").sources.create()


def _mirror(living: set[str], patience: float = 3600.0) -> float:
    """Work off the line until every living host has been swept, or the patience is over; returns the seconds."""
    began = time.monotonic()
    complete: dict[str, float] = {}

    def tell(instance: Any, _result: Any) -> None:
        if not instance.sources.filter(sweep_at=None).exists():
            complete.setdefault(instance.host, time.monotonic() - began)

    line = _line(120.0, tell)
    while not living <= complete.keys() and time.monotonic() < began + patience:
        line.run_slices()
    return max(complete.values())


def _line(seconds: float, told: Callable[[Any, Any], None] = lambda *_: None) -> Any:
    conf, watch = import_module("peertube_sync.conf"), import_module("peertube_sync.sync.watch")
    wanted: dict[str, Any] = {"hosts_at_once": AT_ONCE, "rate_limit_share": SHARE, "request_timeout": 5.0}
    settings = conf.Settings(allow_private_hosts=True, **wanted)
    rows = import_module("peertube_sync.models").Instance.objects.all()
    return watch.DueInstances(rows, settings, seconds, details=False, on_slice_end=told)


@dataclass
class Hour:
    """An hour of simulated time: when it began and ended (monotonic), and the head polls that were due, by host."""

    began: float
    ended: float
    due: dict[str, float]


def _watch(good: set[str]) -> Hour:
    """Let an hour pass, a minute at a time, in which no host has anything new and only head polls are due."""
    models = import_module("peertube_sync.models")
    now = import_module("django.utils.timezone").now
    later = now() + timedelta(days=2)
    models.Instance.objects.update(refresh_due_at=later)
    models.Source.objects.update(sweep_due_at=later, lists_due_at=None)
    for model, column in ((models.Channel, "details_due_at"), (models.Account, "details_due_at")):
        model.objects.update(**{column: None})
    models.Playlist.objects.update(elements_due_at=None)
    models.Video.objects.update(details_due_at=None, captions_due_at=None)
    began, start = time.monotonic(), now()
    for minute in range(1, HOUR // STEP + 1):
        with time_machine.travel(start + minute * STEP, tick=True):
            _line(30.0).run_slices()
    return Hour(began, time.monotonic(), dict(_polls_due(good, start + HOUR)))


def _polls_due(good: set[str], now: Any) -> Iterator[tuple[str, float]]:
    """Yield how often each host may be looked at in the hour: its head intervals, jitter included, and one more."""
    models, rhythm = import_module("peertube_sync.models"), import_module("peertube_sync.sync.rhythm")
    settings = import_module("peertube_sync.conf").Settings()
    shortest, longest = (timedelta(seconds=one) for one in (settings.head_interval_min, settings.head_interval_max))
    for source in models.Source.objects.filter(instance__host__in=good).select_related("instance"):
        newest = models.Video.objects.of_source(source).order_by("-published_at")[: rhythm.NEWEST]
        times = list(newest.values_list("published_at", flat=True))
        interval = rhythm.head_interval(times, now - HOUR, shortest, longest) * (1 - rhythm.SLIGHT)
        yield source.instance.host, HOUR / interval


def _read(figures: Figures, fleet: list[Host], log: Log, hour: Hour) -> None:
    """Take the figures from the servers' log."""
    kinds = {one.address: one for one in fleet}
    for address, asked in log.items():
        before = [one for one in asked if one[0] < hour.began]
        after = len([one for one in asked if hour.began <= one[0] < hour.ended])
        figures.requests += len(before)
        figures.busiest = max(figures.busiest, _busiest([at for at, path, *_ in asked if path.startswith(API)]))
        if kinds[address].kind == "good":
            figures.refused += sum(status == 429 for *_, status in before)
            figures.sweeps += sum(path == "/api/v1/videos" and sort == "createdAt" for _, path, sort, _ in before)
            figures.least += ceil(kinds[address].size / PAGE)
            due = next(times for host, times in hour.due.items() if host.startswith(f"{address}:"))
            figures.idle_requests += after
            figures.idle_due += due
            if after > ceil(due):
                figures.over.append(address)
    models = import_module("peertube_sync.models")
    swept = set(models.Source.objects.exclude(sweep_at=None).values_list("instance__host", flat=True))
    held = {host.partition(":")[0] for host in swept}
    figures.unfinished = sum(_living(one) and one.address not in held for one in fleet)


def _busiest(times: list[float]) -> int:
    """Return the most requests in any window, as PeerTube's limiter counts: the first request begins one."""
    most, begun, number = 0, -WINDOW, 0
    for at in sorted(times):
        begun, number = (begun, number + 1) if at < begun + WINDOW else (at, 1)
        most = max(most, number)
    return most


def section() -> Section:
    """Measure at the scale that is in the environment."""
    scale = float(os.environ.get("SCALE", "0.1"))
    return Section(
        "P7: the fediverse",
        f"{scale:.0%} of {HOSTS:,} hosts and {VIDEOS:,} videos, in one sandbox process, with {SHARE} of a limit of"
        f" {LIMIT} requests in {WINDOW:.0f} s; lists only. Then a simulated hour, in which nothing is published.",
        ("", "figure"),
        measure(scale).rows(),
    )


def main() -> int:
    """Print the figures; returns 1 where a sweep asks too often, or a host sees more than its share."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.bench.fediverse", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.1, help="1: all 1,764 hosts and 909,000 videos")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="peertube-sync-") as directory, site(Path(directory), given.database):
        figures = measure(given.scale, given.seed)
    for name, figure in figures.rows():
        sys.stdout.write(f"{name}: {figure}\n")
    return int(not figures.good)


if __name__ == "__main__":
    sys.exit(main())
