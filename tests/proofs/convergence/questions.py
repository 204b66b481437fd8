"""Hostile questions to a site with many videos: none breaks it, costs a second of CPU, or a hundred megabytes.

The site is served by one worker of gunicorn, which lets addresses of any length through. CPU seconds are those of the
worker and of PostgreSQL's processes together; memory is what they have for themselves alone.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from django.db import connection

from peertube_sync.models import Account, Tag
from peertube_sync.site.sitemaps import PART
from tests.proofs.bench.filler import fill, word
from tests.support.hostile_questions import JSON, Question, posted, questions
from tests.support.servers import free_port

MOST_CPU, MOST_MEMORY, MOST_SITEMAP, MOST_TIMES = 1.0, 100, 0.3, 1.5
MUTED, ROUNDS, COMMON = 5_000, 21, 40
SEARCH = "/api/v1/search/videos"
NO_LIMITS = {"PEERTUBE_SYNC_SITE_REQUESTS_PER_MINUTE": "0", "PEERTUBE_SYNC_COMPAT_RATE_LIMIT": "1000000"}


class Site:
    """A site that is served, and the processes that answer."""

    def __init__(self, port: int, worker: psutil.Process) -> None:
        self.port, self.worker = port, worker

    def processes(self) -> list[psutil.Process]:
        if connection.vendor != "postgresql":
            return [self.worker]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE backend_type LIKE '%% backend'")
            return [self.worker, *(psutil.Process(pid) for (pid,) in cursor.fetchall())]

    def cpu(self) -> float:
        times = [one.cpu_times() for one in self.processes()]
        return float(sum(one.user + one.system for one in times))

    def memory(self) -> float:
        """Return megabytes."""
        return float(sum(one.memory_info().rss - one.memory_info().shared for one in self.processes()) / 2**20)

    def ask(self, question: Question, **headers: str) -> tuple[int, dict[str, str], bytes]:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        given = {**question.headers, **headers, **({"Content-Type": JSON} if question.body else {})}
        asked.request(question.method, question.address, body=question.body or None, headers=given)
        answer = asked.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def main(given: argparse.Namespace) -> int:
    fill(given.videos)
    table = questions([*Tag.objects.order_by("pk").values_list("name", flat=True)[:100]], word(COMMON))
    with _served() as site:
        for question in table:
            if question.statuses == {200}:
                site.ask(question)  # what Python keeps of what it has once done isn't growth
                break
        begin, wrong = site.memory(), list(_wrong(site, table))
        grown = site.memory() - begin
        part, again = _sitemap(site)
        times = _muted(site)
    wrong += [f"memory grew by {grown:.0f} MB"] if grown >= MOST_MEMORY else []
    wrong += (
        [f"a part of the sitemap took {part:.2f} s, and was {again} again"]
        if part > MOST_SITEMAP or again != 304
        else []
    )
    wrong += [f"with muted accounts a search took {times:.2f} times as long"] if times > MOST_TIMES else []
    _say(f"{len(table)} questions; memory grew by {grown:.0f} MB.")
    _say(f"{PART:,} videos of the sitemap took {part:.2f} s of CPU; again: {again}.")
    _say(f"A search with {MUTED:,} muted accounts took {times:.2f} times as long as without.")
    _say(*wrong)
    return bool(wrong)


def _wrong(site: Site, table: list[Question]) -> Iterator[str]:
    slowest = []
    for question in table:
        before = site.cpu()
        status, _headers, body = site.ask(question) if "{part}" not in question.path else (200, {}, b"")
        took = site.cpu() - before
        slowest.append((took, str(question)))
        if status not in question.statuses or question.names not in body.decode(errors="replace"):
            yield f"{question}: {status} {body[:200]!r}"
        if took > MOST_CPU:
            yield f"{question}: {took:.2f} s of CPU"
    _say("The slowest, in seconds of CPU:", *(f"  {took:.2f} {which}" for took, which in sorted(slowest)[:-9:-1]))


def _sitemap(site: Site) -> tuple[float, int]:
    """Return the CPU seconds of a whole part, and the status when it is asked for again."""
    part = Question("a part", "/sitemap-1.xml", frozenset({200}))
    site.ask(part)
    before = site.cpu()
    status, headers, body = site.ask(part)
    took = site.cpu() - before
    assert (status, body.count(b"<url>")) == (200, PART)
    return took, site.ask(part, **{"If-None-Match": headers["ETag"]})[0]


def _muted(site: Site) -> float:
    """Return how many times as long a search takes for somebody who muted many accounts.

    Half of them are known here: the half that published less.
    """
    rows = Account.objects.order_by("-pk").values_list("name", "instance__host")[: MUTED // 2]
    muted = [f"{name}@{host}" for name, host in rows] + [f"name_{n}@video-{n}.example" for n in range(MUTED // 2)]
    plain = posted("a search", SEARCH, frozenset({200}), search=word(COMMON), count=20)
    asked = posted("the same", SEARCH, frozenset({200}), search=word(COMMON), count=20, blockedAccounts=muted)
    found: dict[str, list[float]] = {"a search": [], "the same": []}
    for question in [plain, asked] * ROUNDS:
        begin = time.perf_counter()
        status, _headers, body = site.ask(question)
        found[question.what].append(time.perf_counter() - begin)
        assert (status, bool(json.loads(body)["data"])) == (200, True), body[:200]
    medians = [statistics.median(one) for one in found.values()]
    _say(f"a search: {medians[0] * 1000:.1f} ms, with {MUTED:,} muted accounts {medians[1] * 1000:.1f} ms")
    return medians[1] / medians[0]


@contextmanager
def _served() -> Iterator[Site]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "project.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    options = ["--timeout", "120", "--limit-request-line", "0", "--no-control-socket", "--log-level", "error"]
    environment = {**os.environ, "ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "0", **NO_LIMITS}
    with subprocess.Popen([*command, *options], env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(port)
            (worker,) = psutil.Process(server.pid).children()
            yield Site(port, worker)
        finally:
            server.terminate()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            asked.request("GET", "/api/health/")
            asked.getresponse()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(port)


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
