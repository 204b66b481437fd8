"""Servers of the bench, and who asks them: gunicorn with few workers, one client that asks in turns, and wrk."""

import gc
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from peertube_sync.conf import TYPES
from tests.support.paths import ROOT
from tests.support.servers import free_port

SITE, FLOOR = "project.wsgi", "tests.proofs.bench.floor"
HOST = "127.0.0.1"
OPEN = {
    "ALLOWED_HOSTS": HOST,
    "HTTPS": "0",
    "PEERTUBE_SYNC_API_REQUESTS_PER_MINUTE": "0",
    "PEERTUBE_SYNC_SITE_REQUESTS_PER_MINUTE": "0",
    "PEERTUBE_SYNC_COMPAT_RATE_LIMIT": str(10**9),
}
"""An environment in which nobody is throttled."""
KEEP = "KEEP_ANSWERS"
"""The setting that says for how many seconds answers are kept."""
KEEPS = KEEP in TYPES
"""Whether this tree has it."""
KEEPING = {f"PEERTUBE_SYNC_{KEEP}": "60"}
LATER = ("PEERTUBE_SYNC_PICTURES",)
"""Settings that an old tree doesn't know."""
NOT_KEEPING = {f"PEERTUBE_SYNC_{KEEP}": "0"} if KEEPS else {}
NO_KEEPING = "" if KEEPS else f" Not measured: this version has no setting {KEEP}."
ROUNDS, WARM = 101, 7
"""Rounds that count, and those before: psycopg prepares a statement when it comes for the sixth time."""
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
SLOWEST = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
BROKEN = re.compile(r"(Non-2xx or 3xx responses|Socket errors).*")
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
CYCLE = """
local paths, at = {}, 0
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
"""
"""A script for wrk: ask for one address of a file after another."""


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    body: bytes
    etag: str


class Load(NamedTuple):
    """What wrk saw: requests a second, and milliseconds of the slowest hundredth."""

    rate: float
    slowest: float


@contextmanager
def served(
    application: str = SITE, workers: int = 1, root: Path = ROOT, settings: Mapping[str, str] = NOT_KEEPING
) -> Iterator[int]:
    """Serve an application of the tree below `root` with the database of the bench; gives its port.

    An old tree needn't know the setting that keeps answers, so it is told only by `settings`.
    """
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"{HOST}:{port}", "--workers", str(workers)]
    unknown = KEEPING.keys() if root == ROOT else {*KEEPING, *LATER}
    inherited = {name: value for name, value in os.environ.items() if name not in unknown}
    environment = {**inherited, **OPEN, **settings, "PYTHONPATH": str(root)}
    quiet = ["--no-control-socket", "--log-level", "error"]
    with subprocess.Popen([*command, *quiet], env=environment, cwd=root) as server:
        try:
            _wait(port)
            yield port
        finally:
            server.terminate()


def ask(port: int, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Ask a server once, on a connection of its own: gunicorn's plain workers keep none open.

    The host goes without the port, so that addresses in answers don't tell one server from the other.
    """
    client = HTTPConnection(HOST, port)
    client.request("GET", path.removeprefix(f"http://{HOST}"), headers={"Host": HOST, **(headers or {})})
    response = client.getresponse()
    answer = Answer(response.status, response.read(), response.headers.get("ETag", ""))
    client.close()
    return answer


def body(port: int, path: str) -> bytes:
    """Return what a server answers; anything but 200 ends the bench."""
    answer = ask(port, path)
    assert answer.status == 200, (path, answer)
    return answer.body


def in_turns(ways: Sequence[Callable[[], Any]], rounds: int = ROUNDS) -> list[float]:
    """Return the median milliseconds of each of `ways`, taken in turns: what else the machine does hits all alike."""
    for _ in range(WARM):
        for way in ways:
            way()
    gc.collect()
    gc.freeze()
    found: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, times in zip(ways, found, strict=True):
            began = time.perf_counter()
            way()
            times.append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in found]


def wrk(port: int, paths: Sequence[str], directory: Path, connections: int, seconds: int) -> Load:
    """Let wrk ask for `paths` over and over, one after the other."""
    script, listed = directory / "cycle.lua", directory / "paths"
    script.write_text(CYCLE)
    listed.write_text("\n".join(paths))
    options = ["--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--latency"]
    command = ["wrk", *options, "--script", str(script), f"http://{HOST}:{port}"]
    environment = {**os.environ, "PATHS": str(listed)}
    out = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    rate, slowest = RATE.search(out), SLOWEST.search(out)
    assert rate, out
    assert slowest, out
    assert not BROKEN.search(out), out
    return Load(float(rate[1]), float(slowest[1]) * MILLISECONDS[slowest[2]])


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(port)
