"""Visitors ask at once for 200 videos whose details aren't read yet: the site answers all others as before.

A visitor asks for the list of videos all the time, before and meanwhile; the sandbox's log tells what its home was
asked. Gunicorn has two processes, with the threads that the Procfile gives each.
"""

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.core.management import call_command

from peertube_sync.ingest.answers import write_answers
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import HostBudget, Video
from peertube_sync.testing import Catalogue, Sandbox
from peertube_sync.testing.respond import LoggedRequest
from tests.proofs.bench.serving import HOST, served
from tests.proofs.convergence.removals import QUESTIONS, SLOWER, Web, asked_over_and_over, slowest_twentieth, timed
from tests.support.mirror import Mirror

LIMIT, WINDOW = 50, 10.0
QUARTER = LIMIT // 4
"""All of the home's limit is ours in a proof, and a quarter of that the visitors'."""
THREADS = {"GUNICORN_CMD_ARGS": "--threads 4"}


@dataclass
class Outcome:
    """What it came to. Times are seconds; `crowded` is the largest number of requests in any window of the home."""

    quiet: float
    busy: float = 0.0
    longest: float = 0.0
    crowded: int = 0
    twice: int = 0
    told: list[bool] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Whether the site was as quick as it should be, and the home asked as seldom."""
        kept = self.crowded <= QUARTER and not self.twice
        return kept and any(self.told) and self.busy <= SLOWER * self.quiet and self.longest <= LONGEST

    def __str__(self) -> str:
        return (
            f"{len(self.told)} visitors at once, of whom {sum(self.told)} got files; 95 % of /api/videos/ within"
            f" {self.quiet * 1000:.1f} ms before and {self.busy * 1000:.1f} ms meanwhile ({self.busy / self.quiet:.2f}"
            f" times); nobody waited for longer than {self.longest:.1f} s; the home was asked {self.crowded} times in"
            f" a window at the most ({QUARTER} are allowed), {self.twice} times again for the same"
        )


LONGEST = 3.0


def main(given: argparse.Namespace) -> int:
    """Let it happen on a site of its own; returns 1 when anything is slow, or asked for too often."""
    with Sandbox(Catalogue.generate(videos=2 * given.visitors, seed=1), limit=None) as sandbox:
        mirror = Mirror(sandbox)
        mirror.add()
        mirror.sync(details=False)
        index_due()
        write_answers()
        HostBudget.objects.all().delete()
        sandbox.limit = LIMIT
        call_command("collectstatic", interactive=False, verbosity=0)
        with served(workers=2, settings=THREADS) as port:
            outcome = run(Web(f"http://{HOST}:{port}"), sandbox, given.visitors)
    sys.stdout.write(f"{outcome}\n")
    return int(not outcome.fine)


def run(web: Web, sandbox: Sandbox, visitors: int) -> Outcome:
    """Have so many visitors ask at once, each for another video."""
    uuids = list(Video.objects.listed().order_by("pk").values_list("uuid", flat=True)[:visitors])
    outcome, before = Outcome(slowest_twentieth([timed(web.get) for _ in range(QUESTIONS)])), len(sandbox.log)

    def visit(uuid: object) -> bool:
        began = time.monotonic()
        status, text = web.get(f"/api/v1/videos/{uuid}")
        outcome.longest = max(outcome.longest, time.monotonic() - began)
        if status != 200:
            raise RuntimeError(f"{uuid} answered {status}: {text[:500]}")
        return bool(json.loads(text)["files"])

    with asked_over_and_over(web.get) as times, ThreadPoolExecutor(visitors) as crowd:
        outcome.told = list(crowd.map(visit, uuids))
        until = time.monotonic() + WINDOW
        while len(times) < QUESTIONS and time.monotonic() < until:
            time.sleep(0.1)
    outcome.busy = slowest_twentieth(times)
    outcome.crowded, outcome.twice = _asked(sandbox.log[before:])
    return outcome


def _asked(log: list[LoggedRequest]) -> tuple[int, int]:
    """Return how many requests there were in a window at the most, and how many were of one that was there before."""
    started, paths = [one.started for one in log], [one.path for one in log]
    crowded = max((sum(at <= other < at + WINDOW for other in started) for at in started), default=0)
    return crowded, len(paths) - len(set(paths))
