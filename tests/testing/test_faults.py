"""Faults on demand, the command line and the fixture for host projects."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from typing import Any

import pytest

from peertube_sync.testing import Fault, Sandbox
from tests.testing.asking import ask, uuids

VIDEOS = "/api/v1/videos"


def test_a_fault_strikes_what_it_matches_as_often_as_told(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status", match=r"/videos\?count", status=503, retry_after=7, times=2, after=1))
    replies = [ask(sandbox, VIDEOS, count=1) for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 503, 503, 200]
    assert replies[1].headers["retry-after"] == "7"
    assert ask(sandbox, "/api/v1/config").status == 200


def test_a_fault_for_ever_ends_when_cleared(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status", times=None))
    assert {ask(sandbox, VIDEOS).status for _ in range(3)} == {500}
    sandbox.faults.clear()
    assert ask(sandbox, VIDEOS).status == 200


def test_a_storm_of_429_tells_when_to_come_back(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("too_many", times=3, retry_after=2))
    replies = [ask(sandbox, VIDEOS) for _ in range(4)]
    assert [reply.status for reply in replies] == [429, 429, 429, 200]
    assert replies[0].headers["retry-after"] == "2"


def test_a_reset_breaks_the_connection(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("reset"))
    with pytest.raises(ConnectionResetError):
        ask(sandbox, VIDEOS)
    assert sandbox.log[-1].status == 0
    assert ask(sandbox, VIDEOS).status == 200


def test_a_truncated_body_ends_early(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("truncated"))
    with pytest.raises(http.client.IncompleteRead):
        ask(sandbox, VIDEOS)


@pytest.mark.parametrize(("status", "expected"), [(200, 200), (403, 403)])
def test_an_anti_bot_page_is_html(sandbox: Sandbox, status: int, expected: int) -> None:
    sandbox.faults.add(Fault("html", status=status))
    reply = ask(sandbox, VIDEOS)
    assert reply.status == expected
    assert reply.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_slow_answers_are_late_and_whole(sandbox: Sandbox, kind: Any) -> None:
    whole = ask(sandbox, f"{VIDEOS}/categories").body
    sandbox.faults.add(Fault(kind, delay=0.05))
    assert ask(sandbox, f"{VIDEOS}/categories").body == whole


def test_odd_pages(sandbox: Sandbox) -> None:
    query = {"sort": "createdAt", "isLocal": "true", "nsfw": "both", "count": 10, "start": 10}
    before = uuids(ask(sandbox, VIDEOS, **query | {"start": 0}))
    honest = ask(sandbox, VIDEOS, **query)
    for kind in ("empty", "short", "total", "duplicates", "malformed"):
        sandbox.faults.add(Fault(kind, match="start=10"))
    empty, short, total, doubled, spoiled = (ask(sandbox, VIDEOS, **query) for _ in range(5))
    assert empty.data == {"total": 0, "data": []}
    assert uuids(short) == uuids(honest)[:5]
    assert total.data["total"] == 1060
    assert uuids(doubled) == [before[-1], *uuids(honest)[:-1]]
    assert set(uuids(spoiled)) - set(uuids(honest)) == {None}


def command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "peertube_sync.testing", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_end(number: signal.Signals) -> None:
    with command("--videos", "5", "--port", "0", "--limit", "0") as process:
        assert process.stdout
        line = process.stdout.readline()
        host = line.partition("http://")[2].partition(" ")[0]
        connection = http.client.HTTPConnection(host, timeout=5)
        connection.request("GET", f"{VIDEOS}?isLocal=true&nsfw=both&count=0")
        assert connection.getresponse().read() == b'{"total":5,"data":[]}'
        connection.close()
        process.send_signal(number)
        out, error = process.communicate(timeout=10)
    assert (process.returncode, out, error) == (0, "", "")


def test_the_command_says_in_one_line_that_its_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with command("--videos", "1", "--port", str(port)) as process:
            _out, error = process.communicate(timeout=20)
    assert process.returncode == 1
    assert error.count("\n") == 1
    assert f"port {port}" in error


def test_the_command_says_in_one_line_that_a_world_is_missing() -> None:
    with command("--world", "nowhere.json.gz", "--port", "0") as process:
        _out, error = process.communicate(timeout=20)
    assert (process.returncode, error.count("\n")) == (1, 1)
    assert "nowhere.json.gz" in error


def test_the_fixture_for_host_projects_is_a_running_sandbox(peertube_sandbox: Sandbox) -> None:
    assert ask(peertube_sandbox, VIDEOS, isLocal="true", nsfw="both").data["total"] == 40
    assert peertube_sandbox.limit is None
