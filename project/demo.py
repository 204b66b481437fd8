"""`make demo`: a site of its own that mirrors a sandbox PeerTube, or INSTANCE, in front of your eyes.

From the environment: PORT (8000), INSTANCE (empty: the sandbox), SANDBOX_PORT (9000), SANDBOX_VERSION (6.3.0: the
PeerTube that it speaks as), VIDEOS (2000: how many the sandbox has), KEEP (1: go on with the database of the last
time). Whatever it starts, it stops.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import NoReturn

import django
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from environs import Env, EnvError

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE = BASE_DIR / "demo.sqlite3"
LOG = BASE_DIR / "demo.log"
LOOPBACK = "127.0.0.1"
LOGIN = "demo"
PATIENCE = 10.0
"""Seconds for a process to end before it is killed, and for the site to answer."""

LIMIT = 200
"""Requests in 10 s that the sandbox allows: four times PeerTube's default, a demo needn't be as slow as politeness."""

UP = """
The site is up, and fills while you look at it:

  The mirrored videos  {site}/
  The same as JSON     {site}/api/videos/
  The API explained    {site}/api/docs/
  The admin            {site}/admin/   login: {login}   password: {login}
"""
LISTED = """
The lists are mirrored, {seconds:.1f} s after the start. Details, captions and chapters go on (log: {log}).
Ctrl-C stops everything."""


class Stopped(KeyboardInterrupt):
    """Somebody wants the demo to end."""


class DemoFailed(Exception):  # noqa: N818 - what happened, for the last line in the terminal
    """The demo can't go on; the message says why."""


@dataclass(frozen=True)
class Options:
    """What the environment asks for."""

    port: int
    instance: str
    sandbox_port: int
    videos: int
    version: str
    keep: bool

    @property
    def site(self) -> str:
        """The URL of the demo's site."""
        return f"http://{LOOPBACK}:{self.port}"


def main() -> int:
    """Run the demo until it is stopped; return the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        with ExitStack() as running:
            _demo(_options(), running)
    except Stopped:
        _say("\nThe demo has stopped.")
    except (DemoFailed, CommandError, EnvError) as error:
        print(f"The demo can't go on: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _options() -> Options:
    env = Env()
    return Options(
        port=env.int("PORT", 8000),
        instance=env.str("INSTANCE", ""),
        sandbox_port=env.int("SANDBOX_PORT", 9000),
        videos=env.int("VIDEOS", 2000),
        version=env.str("SANDBOX_VERSION", "6.3.0"),
        keep=env.str("KEEP", "") not in {"", "0"},
    )


def _demo(options: Options, running: ExitStack) -> NoReturn:
    began = time.monotonic()
    _check_port("PORT", options.port)
    if not options.instance:
        _check_port("SANDBOX_PORT", options.sandbox_port)
    _prepare(options)
    log = running.enter_context(LOG.open("w"))
    source = options.instance or running.enter_context(_sandbox(options))
    address = f"{LOOPBACK}:{options.port}"
    gunicorn = ["-m", "gunicorn", "project.wsgi", "--bind", address, "--threads", "4", "--no-control-socket"]
    running.enter_context(_process(gunicorn, stdout=log, stderr=log))
    call_command("peertube_add", source)
    _wait_for_site(options)
    _say(UP.format(site=options.site, login=LOGIN))
    _mirror_lists()
    running.enter_context(_process(["manage.py", "peertube_sync", "--watch"], stdout=log, stderr=log))
    _say(LISTED.format(seconds=time.monotonic() - began, log=LOG.name))
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    raise DemoFailed(f"one of its processes has ended by itself; {LOG} says why.")


def _mirror_lists() -> None:
    try:
        call_command("peertube_sync", no_details=True)
    except CommandError as error:
        _say(f"Not everything could be mirrored yet: {error}")


def _check_port(name: str, port: int) -> None:
    """Find out that a port is taken before anything has been started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OverflowError as error:
            raise DemoFailed(f"{name}={port} is not a port; they go from 1 to 65535.") from error
        except OSError as error:
            raise DemoFailed(f"port {port} is not free; choose another one: make demo {name}={port + 1}") from error


def _prepare(options: Options) -> None:
    """Set up the site: its environment, its database, its login."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{DATABASE}",
        "PEERTUBE_SYNC_SITE_URL": options.site,
    }
    if not options.instance:
        os.environ |= {"PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS": "1", "PEERTUBE_SYNC_CONTACT": f"{LOGIN}@localhost"}
    elif not os.environ.get("PEERTUBE_SYNC_CONTACT"):
        _say("Tip: with PEERTUBE_SYNC_CONTACT=you@example.org its administrators know whom to write to.")
    if not options.keep:
        for suffix in ("", "-wal", "-shm"):
            DATABASE.with_name(DATABASE.name + suffix).unlink(missing_ok=True)
    django.setup()
    call_command("migrate", verbosity=0)
    users = get_user_model().objects
    if not users.filter(username=LOGIN).exists():
        users.create_superuser(LOGIN, password=LOGIN)


@contextmanager
def _sandbox(options: Options) -> Iterator[str]:
    """Run a sandbox PeerTube; give its URL."""
    began = get_user_model().objects.get(username=LOGIN).date_joined.date()  # with KEEP, days ago
    choices = {
        "--videos": options.videos,
        "--port": options.sandbox_port,
        "--limit": LIMIT,
        "--version": options.version,
        "--last-day": began - timedelta(days=1),
    }
    arguments = [str(word) for choice in choices.items() for word in choice]
    with _process(["-m", "peertube_sync.testing", *arguments], stdout=subprocess.PIPE) as process:
        if not process.stdout or not process.stdout.readline():
            raise DemoFailed("the sandbox didn't start.")
        yield f"http://{LOOPBACK}:{options.sandbox_port}"


@contextmanager
def _process(arguments: list[str], **streams: object) -> Iterator["subprocess.Popen[bytes]"]:
    """Run Python as a process that Ctrl-C reaches through us alone; end it when done."""
    process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603 - our own words
        [sys.executable, *arguments], cwd=BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True, **streams
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for_site(options: Options) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection((LOOPBACK, options.port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise DemoFailed(f"the site doesn't answer on {options.site}; {LOG} says why.")


if __name__ == "__main__":
    sys.exit(main())
