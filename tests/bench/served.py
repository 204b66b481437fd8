"""P4, served: requests a second, and how long the slowest hundredth waits, of gunicorn under wrk."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from peertube_sync.models import Video
from tests.bench.report import Section
from tests.bench.world import VIDEOS, mirror

WORKERS, CONNECTIONS, SECONDS = 2, 4, 10
PATHS = {"a list of 100": "/api/videos/?page_size=100", "one video": "/api/videos/{uuid}/"}
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
SLOWEST = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
BROKEN = re.compile(r"(Non-2xx or 3xx responses|Socket errors).*")
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
TITLE = f"P4, served: gunicorn with {WORKERS} workers"
HEADER = ("answer", "requests/s", "99 % within (ms)")


def section(videos: int = VIDEOS) -> Section:
    """Measure each kind of answer; without wrk, say that nothing was."""
    if not shutil.which("wrk"):
        return Section(TITLE, "Skipped: there is no `wrk` on this machine.", HEADER, [])
    if Video.objects.count() != videos:
        mirror(videos)
    text = f"`wrk --connections {CONNECTIONS} --duration {SECONDS}s`, on the same machine, out of {videos:,} videos."
    uuid = Video.objects.listed().values_list("uuid", flat=True)[0]
    with served() as url:
        return Section(
            TITLE, text, HEADER, [(name, *wrk(url + path.format(uuid=uuid))) for name, path in PATHS.items()]
        )


@contextmanager
def served() -> Iterator[str]:
    """Serve the site of the bench; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "project.wsgi", "--bind", address, "--workers", str(WORKERS)]
    environment = {**os.environ, "ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "0"}
    with subprocess.Popen([*command, "--no-control-socket", "--log-level", "error"], env=environment) as server:
        try:
            _wait(address)
            yield f"http://{address}"
        finally:
            server.terminate()


def wrk(url: str) -> tuple[str, str]:
    """Return requests a second, and milliseconds of the slowest hundredth."""
    options = ["--threads", "1", "--connections", str(CONNECTIONS), "--duration"]
    _wrk([*options, "2s", url])
    out = _wrk([*options, f"{SECONDS}s", "--latency", url])
    rate, slowest = RATE.search(out), SLOWEST.search(out)
    assert rate, out
    assert slowest, out
    assert not BROKEN.search(out), out
    return f"{float(rate[1]):.0f}", f"{float(slowest[1]) * MILLISECONDS[slowest[2]]:.1f}"


def _wrk(options: list[str]) -> str:
    return subprocess.run(["wrk", *options], capture_output=True, text=True, check=True).stdout


def _wait(address: str) -> None:
    host, port = address.split(":")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)
