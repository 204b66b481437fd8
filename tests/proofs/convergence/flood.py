"""Floods at the doorbell: how long answers of the site take while somebody posts junk, or an instance tells of views.

Quiet and flooded stretches take turns, so that whatever else the machine does strikes both.
"""

import argparse
import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles

from peertube_sync.conf import get_settings
from peertube_sync.models import Delivery, Ring
from peertube_sync.sync.operations.add import add_source, plan_source
from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.convergence.bell import served
from tests.support.paths import ROOT
from tests.support.servers import free_port

A_MINUTE = 5000
MOST_TIMES = 1.5
STRETCH, TURNS = 6.0, 3
PAGE = "/api/videos/?page_size=20"
JUNK = b'{"type": "Update", "actor": "http://elsewhere.example/a", "object": "http://elsewhere.example/videos/watch/1"}'


def main(given: argparse.Namespace) -> int:
    """Measure both floods; returns 1 where one makes the site slower than it may, or leaves anything behind."""
    port = free_port()
    os.environ |= {
        "PEERTUBE_SYNC_DOORBELL": "1",
        "PEERTUBE_SYNC_SITE_URL": f"http://127.0.0.1:{port}",
        "PEERTUBE_SYNC_API_REQUESTS_PER_MINUTE": "0",
    }
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(Catalogue.generate(videos=given.videos, seed=1), limit=None))
        sandbox.federation.deliveries.bodies = False
        add_source(plan_source(sandbox.url, get_settings()))
        stack.enter_context(served(port, Path(given.directory)))
        time.sleep(5)
        subprocess.run([sys.executable, "manage.py", "peertube_sync"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        sandbox.federation.deliveries.wait()
        sandbox.federation.deliveries.threads = 2
        before = _left()
        asked = len(sandbox.log)
        views = _times(port, lambda: sandbox.federation.send_views(1))
        junk = _times(port, lambda: _post(port))
        wrong = [name for name, times in (("views", views), ("junk", junk)) if times > MOST_TIMES]
        left = _left() - before
        statuses = {one.status for one in sandbox.federation.deliveries.log}
    sys.stdout.write(
        f"p95 of an answer, times as long as when it is quiet: {views:.2f} with {A_MINUTE} views a minute,"
        f" {junk:.2f} with {A_MINUTE} junk posts; {left} rows came of it, {len(sandbox.log) - asked} requests went out;"
        f" deliveries were answered with {statuses}\n"
    )
    return int(bool(wrong or left))


def _left() -> int:
    return Ring.objects.count() + Delivery.objects.count()


def _times(port: int, knock: Callable[[], object]) -> float:
    """Return how many times as long the p95 of answers is while somebody knocks."""
    quiet: list[float] = []
    flooded: list[float] = []
    for _turn in range(TURNS):
        quiet += _answers(port)
        with _flood(knock) as sent:
            flooded += _answers(port)
        sys.stdout.write(f"  {sent[0] / STRETCH * 60:.0f} a minute\n")
    slow, fast = (quantiles(ones, n=20)[-1] for ones in (flooded, quiet))
    sys.stdout.write(f"  quiet {fast * 1000:.1f} ms, flooded {slow * 1000:.1f} ms, of {len(flooded)} answers\n")
    return slow / fast


def _answers(port: int) -> list[float]:
    took, end = [], time.monotonic() + STRETCH
    while (began := time.monotonic()) < end:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        asked.request("GET", PAGE)
        answer = asked.getresponse()
        answer.read()
        asked.close()
        assert answer.status == 200, answer.status
        took.append(time.monotonic() - began)
        time.sleep(0.05)
    return took


@contextmanager
def _flood(knock: Callable[[], object]) -> Iterator[list[int]]:
    ended, sent = threading.Event(), [0]

    def run() -> None:
        began = time.monotonic()
        while not ended.is_set():
            if sent[0] < (time.monotonic() - began) * A_MINUTE / 60:
                knock()
                sent[0] += 1
            else:
                time.sleep(0.002)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield sent
    finally:
        ended.set()
        thread.join()


def _post(port: int) -> None:
    headers = {"Content-Type": "application/activity+json", "Signature": 'keyId="http://elsewhere.example/a#main-key"'}
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asked.request("POST", "/ap/inbox", JUNK, headers)
    asked.getresponse().read()
    asked.close()
