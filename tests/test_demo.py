"""The demo as a new user sees it: `make demo`, a look at its pages, Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
import requests

from tests.support.paths import ROOT
from tests.support.servers import free_port

VIDEOS = 150

pytestmark = pytest.mark.smoke


@dataclass
class Demo:
    """A running demo."""

    process: subprocess.Popen[str]
    site: str
    ports: tuple[int, int]

    def read_to(self, word: str) -> str:
        """Return what it prints, up to the line with this word."""
        lines = []
        for line in self.process.stdout or ():
            lines.append(line)
            if word in line:
                return "".join(lines)
        pytest.fail(f"the demo ended without {word!r}:\n{''.join(lines)}")

    def get(self, path: str) -> requests.Response:
        answer = requests.get(self.site + path, timeout=30)
        answer.raise_for_status()
        return answer


def start(**variables: object) -> subprocess.Popen[str]:
    words = [f"{name}={value}" for name, value in variables.items()]
    return subprocess.Popen(
        ["make", "--no-print-directory", "demo", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def demo() -> Iterator[Demo]:
    """A demo whose lists are mirrored."""
    ports = (free_port(), free_port())
    with start(PORT=ports[0], SANDBOX_PORT=ports[1], VIDEOS=VIDEOS) as process:
        demo = Demo(process, f"http://127.0.0.1:{ports[0]}", ports)
        try:
            yield demo
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_it_mirrors_and_serves_and_leaves_nothing_behind(demo):
    told = demo.read_to("password")
    assert f"{demo.site}/admin/" in told
    demo.read_to("Ctrl-C")

    first = demo.get("/api/videos/?page_size=100").json()
    second = demo.get(first["next"].removeprefix(demo.site)).json()
    assert len({video["uuid"] for video in first["results"] + second["results"]}) == VIDEOS
    assert "peertube-card" in demo.get("/").text
    assert "swagger" in demo.get("/api/docs/").text.lower()
    assert demo.get("/api/schema/?format=json").json()["openapi"]
    login(demo)

    started = family(demo.process)
    assert len(started) >= 3
    os.killpg(demo.process.pid, signal.SIGINT)
    demo.read_to("The demo has stopped")
    demo.process.wait(30)
    assert not [process for process in started if process.is_running()]
    for port in demo.ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)


def login(demo: Demo) -> None:
    """The printed login opens the admin, with its styles."""
    with requests.Session() as browser:
        page = browser.get(f"{demo.site}/admin/login/?next=/admin/", timeout=30).text
        (token,) = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)
        form = {"csrfmiddlewaretoken": token, "username": "demo", "password": "demo", "next": "/admin/"}
        home = browser.post(f"{demo.site}/admin/login/", data=form, timeout=30)
        assert home.url == f"{demo.site}/admin/"
        assert "PeerTube sync" in home.text
        (style, *_more) = re.findall(r'href="(/static/[^"]+\.css)"', home.text)
        assert browser.get(demo.site + style, timeout=30).ok


def test_sigterm_stops_it_too(demo):
    demo.read_to("Ctrl-C")
    started = family(demo.process)
    demo.process.terminate()
    demo.read_to("The demo has stopped")
    demo.process.wait(30)
    assert not [process for process in started if process.is_running()]


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_busy_port_is_told_in_one_line_before_anything_is_started(name):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        ports = {"PORT": free_port(), "SANDBOX_PORT": free_port()} | {name: busy.getsockname()[1]}
        with start(**ports) as process:
            output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    told, _make = output.strip().splitlines()
    assert f"port {ports[name]} is not free" in told
    assert f"make demo {name}=" in told


def test_what_is_not_peertube_is_told_without_a_traceback():
    with start(PORT=free_port(), INSTANCE="http://127.0.0.1:1") as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "Traceback" not in output
    assert "The demo can't go on" in output
