"""`python -m tests.bench.fleet`: a fediverse in one process, mirrored for the first time, with dead hosts and without.

Sizes of catalogues are log-normal: many small ones, a few large. Dead hosts take connections and never answer, and
are due first; with --known-dead they have failed before, as all of them have after their first day.
"""

import argparse
import random
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any

from peertube_sync.testing import Catalogue, Sandbox
from tests.proof_site import site

SPREAD = 1.3
"""Sigma of the logarithm of the sizes: the largest of 50 has about a fifth of all videos."""
PAGE = 100
WINDOW = 10.0
MOST = 1.05
"""How many times the least number of list requests a complete first sweep may take."""


@dataclass
class Figures:
    """One first sync of all lists: when the last living host was complete, and what each was asked."""

    complete: float
    sweeps: int
    heads: int
    least: int
    busiest: int
    refused: int

    def __str__(self) -> str:
        return (
            f"lists of all living hosts complete after {self.complete:.1f} s; {self.sweeps} list requests for sweeps, "
            f"{self.sweeps / self.least:.3f} times the least ({self.least}), beside {self.heads} for what is newest; "
            f"at most {self.busiest} requests per host in {WINDOW:.0f} s; {self.refused} refused"
        )


def main() -> int:
    """Mirror the fleet twice; returns 1 where a sweep asks too often, or a host sees more than its share."""
    given = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="peertube-sync-") as directory, site(Path(directory), given.database):
        alone, beside = _measured(given, dead=0), _measured(given, dead=given.dead)
    sys.stdout.write(f"without dead hosts: {alone}\nwith {given.dead} dead hosts: {beside}\n")
    share = given.limit * given.share + 1
    good = all(one.sweeps <= MOST * one.least and one.busiest <= share and not one.refused for one in (alone, beside))
    return int(not good)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fleet", description=__doc__)
    parser.add_argument("--instances", type=int, default=50)
    parser.add_argument("--videos", type=int, default=20_000, help="of all instances together")
    parser.add_argument("--dead", type=int, default=5, help="hosts that never answer, beside the others")
    parser.add_argument("--known-dead", action="store_true")
    parser.add_argument("--hosts", type=int, default=8, help="HOSTS_AT_ONCE")
    parser.add_argument("--limit", type=int, default=50, help="requests that a host allows in 10 s")
    parser.add_argument("--share", type=float, default=0.5, help="RATE_LIMIT_SHARE")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    return parser


def _sizes(given: argparse.Namespace) -> list[int]:
    """Return the sizes of the catalogues: at least a video each."""
    drawn = random.Random(given.seed)
    weights = [drawn.lognormvariate(0, SPREAD) for _ in range(given.instances)]
    return [max(1, round(given.videos * weight / sum(weights))) for weight in weights]


@contextmanager
def _fleet(given: argparse.Namespace, dead: int) -> Iterator[tuple[list[Sandbox], list[str]]]:
    """Serve the fleet: living sandboxes, and the hosts that take connections but never answer."""
    with ExitStack() as running:
        catalogues = [Catalogue.generate(videos=size, seed=number) for number, size in enumerate(_sizes(given))]
        living = [running.enter_context(Sandbox(one, limit=given.limit, window=WINDOW)) for one in catalogues]
        silent = [running.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(dead)]
        yield living, [f"127.0.0.1:{one.getsockname()[1]}" for one in silent]


def _measured(given: argparse.Namespace, dead: int) -> Figures:
    """Mirror all lists once, from nothing; the dead are due first."""
    management = import_module("django.core.management")
    models = import_module("peertube_sync.models")
    management.call_command("flush", interactive=False, verbosity=0)
    with _fleet(given, dead) as (living, silent):
        for host in (*silent, *(one.host for one in living)):
            failures = int(given.known_dead and host in silent)
            models.Instance.objects.create(host=host, scheme="http", failures=failures).sources.create()
        complete = _mirror(given, {one.host for one in living})
        return _figures(complete, living)


def _mirror(given: argparse.Namespace, living: set[str]) -> float:
    """Work off the line until every living host has been swept; returns how many seconds that took."""
    conf, due = import_module("peertube_sync.conf"), import_module("peertube_sync.sync.due")
    models = import_module("peertube_sync.models")
    began = time.monotonic()
    complete: dict[str, float] = {}

    def tell(instance: Any, result: Any) -> None:
        if result.error is None and not instance.sources.filter(sweep_at=None).exists():
            complete.setdefault(instance.host, time.monotonic() - began)

    wanted = {"hosts_at_once": given.hosts, "rate_limit_share": given.share}
    settings = conf.Settings(allow_private_hosts=True, **wanted)
    line = due.Line(models.Instance.objects.all(), settings, 3600.0, details=False, told=tell)
    while not living <= complete.keys():
        line.work_off()
    return max(complete[host] for host in living)


def _figures(complete: float, living: list[Sandbox]) -> Figures:
    asked = [one for sandbox in living for one in sandbox.log if one.path == "/api/v1/videos"]
    sorts = Counter(one.query["sort"][0] for one in asked)
    return Figures(
        complete=complete,
        sweeps=sorts["createdAt"],
        heads=sorts["-publishedAt"],
        least=sum(ceil(len(sandbox.catalogue.local_videos()) / PAGE) for sandbox in living),
        busiest=max(_busiest([one.started for one in sandbox.log]) for sandbox in living),
        refused=sum(one.status == 429 for sandbox in living for one in sandbox.log),
    )


def _busiest(times: list[float]) -> int:
    """Return the most requests in any window of 10 s."""
    times = sorted(times)
    return max(sum(start <= at < start + WINDOW for at in times) for start in times)


if __name__ == "__main__":
    sys.exit(main())
