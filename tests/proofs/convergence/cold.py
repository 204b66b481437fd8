"""The first view of a page whose pictures nobody has fetched: twenty visitors at once, then the same page warm.

The site is served as in production, and asks the source at the pace of its settings.
"""

import argparse
import http.client
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from peertube_sync.models import Video
from peertube_sync.models.picture_shapes import pick
from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.convergence.bell import served
from tests.proofs.convergence.pictures import prepare
from tests.support.servers import free_port

CARDS, VISITORS = 24, 20
PLACEHOLDER, WHOLE, WARM = 0.3, 8.0, 0.005
"""Seconds: of 95 in 100 answers while the page is cold, until all pictures are here, and of a warm picture."""
ROUNDS = 40
LOOK = 0.5

Answer = tuple[int, float]


@dataclass
class Outcome:
    """Status and seconds of all first answers, seconds of warm ones, what the source was asked, and when it ended.

    `first_cpu` and `warm_cpu` are seconds of the server's processors for one answer, which tell more on a busy machine.
    """

    first: list[Answer]
    warm: list[float]
    asked: list[str]
    whole: float
    first_cpu: float
    warm_cpu: float

    @property
    def p95(self) -> float:
        """Seconds of a first answer, of 95 in 100."""
        return quantiles([seconds for _status, seconds in self.first], n=20)[-1]

    def __str__(self) -> str:
        slowest = max(seconds for _status, seconds in self.first)
        placeholders = sum(status == 202 for status, _seconds in self.first)
        return (
            f"{VISITORS} visitors, {CARDS} pictures: {len(self.first)} first answers, {placeholders} plain areas,"
            f" p95 {self.p95:.2f} s, slowest {slowest:.2f} s; {len(self.asked)} requests for {len(set(self.asked))}"
            f" pictures, all here after {self.whole:.1f} s; warm, median {1000 * median(self.warm):.1f} ms a picture;"
            f" of the processors {1000 * self.first_cpu:.1f} ms a first, {1000 * self.warm_cpu:.1f} ms a warm answer"
        )


def main(given: argparse.Namespace) -> int:
    """Look at a cold page and at the same page warm; returns 1 where anything takes longer than it may."""
    port, directory = free_port(), Path(given.directory)
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(Catalogue.generate(videos=CARDS, seed=3), limit=None))
        prepare(sandbox)
        os.environ |= {"PEERTUBE_SYNC_PICTURES": "site", "PICTURES_FOLDER": str(directory / "pictures")}
        os.environ["PEERTUBE_SYNC_PICTURES_REQUESTS_PER_MINUTE"] = "0"
        server = stack.enter_context(served(port, directory))
        _get_when_there(port)
        outcome = _look(port, sandbox, server.pid)
    sys.stdout.write(f"{outcome}\n")
    once = len(outcome.asked) == len(set(outcome.asked)) == CARDS
    good = outcome.p95 <= PLACEHOLDER and outcome.whole <= WHOLE and median(outcome.warm) <= WARM
    return int(not (once and good))


def _look(port: int, sandbox: Sandbox, server: int) -> Outcome:
    paths = [_path(video) for video in Video.objects.available()[:CARDS]]
    before, used = len(sandbox.log), _processor_seconds(server)
    began = time.monotonic()
    first = _at_once(lambda: _page(port, paths))
    first_cpu = (_processor_seconds(server) - used) / len(first)
    while any(status != 200 for status, _seconds in _page(port, paths)):
        time.sleep(LOOK)
        if time.monotonic() - began > 10 * WHOLE:
            break
    log = [one for one in sandbox.log[before:] if one.path.startswith("/lazy-static/")]
    whole = max(one.ended for one in log) - began
    used = _processor_seconds(server)
    warm = [seconds for _round in range(ROUNDS) for _status, seconds in _page(port, paths)]
    warm_cpu = (_processor_seconds(server) - used) / len(warm)
    return Outcome(first, warm, [one.path for one in log], whole, first_cpu, warm_cpu)


def _processor_seconds(server: int) -> float:
    """Return how long the processes that serve have computed, by the kernel's clock ticks."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in children]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


def _path(video: Video) -> str:
    """Return the address of its card; the served site alone knows that pictures are its own."""
    picked = pick("video", video.thumbnails, video.preview_path, video.thumbnail_path)
    assert picked is not None
    return f"/pictures/video/{video.pk}/{picked.version}/320"


def _at_once(look: Callable[[], list[Answer]]) -> list[Answer]:
    begin, found = threading.Barrier(VISITORS), []

    def visit() -> None:
        begin.wait()
        found.extend(look())

    threads = [threading.Thread(target=visit) for _number in range(VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _page(port: int, paths: list[str]) -> list[Answer]:
    """Get all pictures of a page one after the other, by one connection."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = []
    for path in paths:
        began = time.monotonic()
        asked.request("GET", path)
        answer = asked.getresponse()
        answer.read()
        found.append((answer.status, time.monotonic() - began))
    asked.close()
    return found


def _get_when_there(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            _page(port, ["/pictures/video/1/0/320"])
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return
