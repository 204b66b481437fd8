"""The site as docs/deploying.md has it run: the page's own commands, an environment of its own, DEBUG off."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from peertube_sync.testing import Catalogue, Sandbox
from tests.support.markdown import blocks
from tests.support.paths import ROOT
from tests.support.servers import free_port

BIN = Path(sys.executable).parent
PAGE = "docs/deploying.md"
HOST = "mirror.example"
VIDEOS = 5
SECONDS = 60


def commands(heading: str) -> list[str]:
    """Return the lines that a section of the page has to be typed."""
    shell = [block for block in blocks(PAGE) if block.heading == heading and block.language == "bash"]
    return [line for block in shell for line in block.text.splitlines()]


def environment() -> dict[str, str]:
    """Return what the example of an environment says."""
    text = (ROOT / "deploy" / "site.env.example").read_text()
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


@dataclass
class Site:
    """A copy of what is deployed, in a directory of its own, with the environment that it gets."""

    directory: Path
    environment: dict[str, str]
    port: int

    def words(self, line: str) -> list[str]:
        line = line.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}").replace(".venv/bin", str(BIN))
        return line.split()

    def run(self, line: str, **more: str) -> str:
        """Carry out a line to its good end; returns what it says."""
        done = subprocess.run(
            self.words(line),
            cwd=self.directory,
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{line}:\n{done.stdout}"
        return str(done.stdout)

    @contextmanager
    def running(self, line: str, ready: str) -> Iterator[None]:
        """Keep a line's process running, from when its log has the word `ready`."""
        log = self.directory / f"{ready}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                self.words(line), cwd=self.directory, env=self.environment, stdout=file, stderr=file
            )
        try:
            wait_until(lambda: ready in log.read_text(), log.read_text)
            if "gunicorn" in line:
                self.get("/api/health/")  # the first answer waits until the site is imported
            yield
        finally:
            process.terminate()
            process.wait(SECONDS)

    def get(self, address: str) -> requests.Response:
        """Ask as the proxy does."""
        as_proxy = {"Host": HOST, "X-Forwarded-Proto": "https"}
        return requests.get(f"http://127.0.0.1:{self.port}{address}", headers=as_proxy, timeout=30)


def wait_until(holds, told=lambda: "") -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(0.1)


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Site:
    for name in ("project", "peertube_sync", "deploy"):
        shutil.copytree(ROOT / name, tmp_path / name)  # what is compiled already, too
    shutil.copy(ROOT / "manage.py", tmp_path)
    port = free_port()
    filled_in = {
        "SECRET_KEY": "x9!" + "production-like-secret-" * 3,
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
        "PORT": str(port),
        "PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS": "0",
        "PEERTUBE_SYNC_RATE_LIMIT_SHARE": "1.0",
        "PYTHONUNBUFFERED": "1",
    }
    kept = {name: value for name, value in os.environ.items() if name in {"HOME", "LANG", "PATH", "TMPDIR"}}
    return Site(tmp_path, kept | environment() | filled_in, port)


GUNICORN = next(line for line in commands("Step by step") if "gunicorn" in line)
READY = {"gunicorn": "Listening", "worker": "ready.", "beat": "Starting"}


def test_the_page_leads_from_an_environment_to_a_mirror(site: Site, redis_server: str) -> None:
    """What asks for a name or installs is left to people."""
    site.environment["REDIS_URL"] = redis_server
    of_people = ("venv", "pip", "cp", "chmod", "set", "createsuperuser")
    lines = [line for line in commands("Step by step") if not any(word in line.split() for word in of_people)]
    lines = [line for line in lines if "pip install" not in line]
    with Sandbox(Catalogue.generate(videos=VIDEOS, seed=1), limit=None) as sandbox, ExitStack() as running:
        for line in lines:
            if ready := next((word for part, word in READY.items() if part in line.split() or part in line), None):
                running.enter_context(site.running(line, ready))
                continue
            site.run(line.replace("https://video.example", sandbox.url))
            if "check --deploy" in line:  # it is right about a sandbox, which is on this machine
                site.environment["PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS"] = "1"
        site.run(".venv/bin/celery -A project call peertube_sync.tasks.sync_due")
        wait_until(lambda: len(site.get("/api/videos/").json()["results"]) == VIDEOS)
        assert site.get("/").status_code == 200
        assert site.get("/admin/login/").status_code == 200
        styles = re.findall(r'href="(/static/[^"]+\.css)"', site.get("/").text)
        assert styles
        for address in styles:
            assert re.search(r"\.[0-9a-f]{12}\.css$", address)
            assert "immutable" in site.get(address).headers["Cache-Control"]


@pytest.mark.one_database
def test_pages_have_their_styles_before_anything_was_collected(site: Site) -> None:
    with site.running(GUNICORN, READY["gunicorn"]):
        for page in ("/", "/admin/login/", "/api/docs/"):
            answer = site.get(page)
            assert answer.status_code == 200, page
            addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text)
            assert addresses
            assert {site.get(address).status_code for address in addresses} == {200}, page


@pytest.mark.one_database
def test_the_health_check_tells_a_site_that_is_down(site: Site) -> None:
    with pytest.raises(AssertionError, match="doesn't answer"):
        site.run(".venv/bin/python deploy/healthcheck.py")
    with (
        site.running(GUNICORN, READY["gunicorn"]),
        pytest.raises(AssertionError, match="The site answers 400"),
    ):
        site.run(".venv/bin/python deploy/healthcheck.py", PEERTUBE_SYNC_SITE_URL="https://elsewhere.example")


@pytest.mark.one_database
def test_a_check_says_that_djangos_own_storage_wants_the_files_collected(site: Site) -> None:
    check = ".venv/bin/python manage.py check --deploy"
    assert "no issues" in site.run(check)
    settings = site.directory / "project" / "settings.py"
    theirs = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.write_text(settings.read_text().replace("project.static.CollectedOrNot", theirs))
    told = site.run(check)
    assert "peertube_sync.W006" in told
    assert "collectstatic" in told
    site.run(".venv/bin/python manage.py collectstatic --no-input")
    assert "no issues" in site.run(check)


@pytest.mark.one_database
def test_a_check_says_that_private_hosts_are_open(site: Site) -> None:
    check = ".venv/bin/python manage.py check"
    assert "W005" in site.run(f"{check} --deploy", PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS="1")
    assert "W005" not in site.run(check, PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS="1")
