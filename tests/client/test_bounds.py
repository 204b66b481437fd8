"""Answers that never end, or are larger than they look: each is cut off, and memory stays small."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.hostile import QUICK, REDIRECTS, SLOW, HostileServer
from tests.support.paths import ROOT

MEBIBYTE = 2**20

ASK = """
import json, sys
from pathlib import Path
from peertube_sync.client.errors import PeerTubeError
from peertube_sync.client.transport import Transport
from tests.support.budgets import at_once

host, timeout, *names = sys.argv[1:]
for name in names:
    transport = Transport(
        f"http://{host}", host, at_once(), "test", float(timeout),
        allow_private=True, retries=0,
    )
    try:
        outcome = len(transport.get(f"/{name}").body)
    except PeerTubeError as error:
        outcome = type(error).__name__
    transport.close()
    print(json.dumps([name, outcome]))
most = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps(["memory", int(most.split()[1]) * 1024]))
"""


pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="/proc tells how much memory was used")


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    running = HostileServer()
    yield running
    running.close()


def asked(server: HostileServer, timeout: float, *scripts: object) -> dict[str, object]:
    """Ask for each script, in a process of its own: what it came to, and the most memory that was ever in use.

    `getrusage` would count the process that starts another one too, so the kernel is asked for this one's alone.
    """
    names = [script.__name__ for script in scripts]  # type: ignore[attr-defined]
    command = [sys.executable, "-c", ASK, server.host, str(timeout), *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return dict(map(json.loads, done.stdout.splitlines()))


def test_what_is_too_much_is_cut_off_and_fits_into_200_mb(server: HostileServer) -> None:
    found = asked(server, 20.0, *QUICK)
    memory = found.pop("memory")
    assert found == {**{script.__name__: "MalformedAnswer" for script in QUICK}, "endless_chunk_size": "Unreachable"}
    assert isinstance(memory, int)
    assert memory <= 200 * MEBIBYTE


def test_a_redirect_is_reported_without_a_look_at_its_body(server: HostileServer) -> None:
    found = asked(server, 20.0, *REDIRECTS)
    memory = found.pop("memory")
    assert set(found.values()) <= {"Moved", "MalformedAnswer"}
    assert isinstance(memory, int)
    assert memory <= 200 * MEBIBYTE


def test_what_is_too_slow_ends_with_its_time(server: HostileServer) -> None:
    found = asked(server, 0.3, *SLOW)
    del found["memory"]
    assert found == {script.__name__: "Unreachable" for script in SLOW}
