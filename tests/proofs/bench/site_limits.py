"""How near to a rate limit a whole site comes: a Celery worker of four processes, a command and a web server.

All ask one host at once: the worker syncs it, the command explains videos, staff ask for an address in the admin. The
judge is the sandbox's log.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.bench.figures import Figures
from tests.support.paths import ROOT
from tests.support.servers import free_port, running_redis, start_postgres

LIMIT, WINDOW, WINDOWS = 50, 10.0, 6
STARTED = 120.0
"""Seconds that everybody has to ask for the first time."""
MANAGE = [sys.executable, "manage.py"]
STAFF = {"username": "staff", "password": "of a site that lives for one proof"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def measure(store: str) -> Figures:
    """Let a site with this store of budgets ask a host, at a share of 1, for `WINDOWS` windows."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="peertube-sync-")))
        redis = stack.enter_context(running_redis(directory))
        server = start_postgres(directory)
        stack.callback(server.cleanup)
        catalogue = Catalogue.generate(videos=2_000, seed=1)
        sandbox = stack.enter_context(Sandbox(catalogue, limit=LIMIT, window=WINDOW, latency=0.02))
        environment = {
            **os.environ,
            "DEBUG": "1",
            "DATABASE_URL": server.get_uri(),
            "REDIS_URL": redis.url,
            "PEERTUBE_SYNC_REDIS_URL": redis.url if store == "redis" else "",
            "PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS": "1",
            "PEERTUBE_SYNC_RATE_LIMIT_SHARE": "1.0",
            "DJANGO_SUPERUSER_PASSWORD": STAFF["password"],
        }
        _prepare(sandbox, environment)
        stack.enter_context(_everybody(sandbox, environment, directory))
        sandbox.log.clear()
        wanted = LIMIT * WINDOWS + 1
        while len(sandbox.log) < wanted:
            time.sleep(0.1)
        return Figures.read(sandbox.log[:wanted], LIMIT, WINDOW)


def _prepare(sandbox: Sandbox, environment: Mapping[str, str]) -> None:
    _run(environment, "migrate", "--verbosity", "0")
    _run(environment, "createsuperuser", "--noinput", "--username", STAFF["username"], "--email", "staff@site.example")
    _run(environment, "peertube_add", sandbox.url)


def _run(environment: Mapping[str, str], *command: str) -> None:
    subprocess.run(
        [*MANAGE, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@contextmanager
def _everybody(sandbox: Sandbox, environment: Mapping[str, str], directory: Path) -> Iterator[None]:
    """Start everybody who asks, and wait until all have."""
    port, stop = free_port(), threading.Event()
    module = [sys.executable, "-m"]
    commands = [
        [*module, "celery", "-A", "project", "worker", "--beat", "-s", str(directory / "beat"), "--concurrency", "4"],
        [*module, "gunicorn", "project.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"],
    ]
    with ExitStack() as stack:
        for command in commands:
            stack.enter_context(_running(command, environment, directory))
        asked = [threading.Event(), threading.Event()]
        threads = [
            threading.Thread(target=_explain, args=(sandbox, environment, stop, asked[0])),
            threading.Thread(target=_staff, args=(f"http://127.0.0.1:{port}", sandbox, stop, asked[1])),
        ]
        for thread in threads:
            thread.start()
        stack.callback(lambda: [thread.join() for thread in threads])
        stack.callback(stop.set)
        for one in asked:
            assert one.wait(STARTED), "not everybody has asked"
        yield


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], directory: Path) -> Iterator[None]:
    with (
        (directory / "log").open("a") as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as process,
    ):
        yield
        process.terminate()


def _explain(sandbox: Sandbox, environment: Mapping[str, str], stop: threading.Event, asked: threading.Event) -> None:
    """Explain one video after another, as often as that goes."""
    for item in sandbox.catalogue.local_videos(sandbox.host):
        if stop.is_set():
            return
        _run(environment, "peertube_explain", item["url"])
        asked.set()


def _staff(site: str, sandbox: Sandbox, stop: threading.Event, asked: threading.Event) -> None:
    """Add the instance again and again in the admin, which looks at it each time."""
    session = requests.Session()
    while not _post(session, f"{site}/admin/login/", {**STAFF, "next": "/admin/"}):
        time.sleep(0.2)
    while not stop.is_set():
        if _post(session, f"{site}/admin/peertube_sync/source/add/", {"what": sandbox.url}):
            asked.set()


def _post(session: requests.Session, url: str, fields: Mapping[str, str]) -> bool:
    """Fill in a form; returns whether it was there."""
    try:
        page = session.get(url, timeout=60)
        token = TOKEN.search(page.text)
        return (
            token is not None
            and session.post(url, {**fields, "csrfmiddlewaretoken": token[1]}, headers={"Referer": url}, timeout=60).ok
        )
    except requests.ConnectionError:
        return False
