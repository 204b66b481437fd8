"""`peertube_sync --watch` outlives what breaks a round: it says so, waits, and goes on."""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from subprocess import Popen

import pytest
from django.db import connection

from peertube_sync.models import Video
from peertube_sync.testing import Catalogue, Sandbox
from tests.support.mirror import Mirror
from tests.sync.processes import manage

SOON = 60.0
REQUEST_TIMEOUT = 5
"""Seconds; where a break keeps a request from being noted as over, its host is left alone for a little longer."""


def until(true: Callable[[], bool], process: "Popen[str]") -> None:
    end = time.monotonic() + SOON
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.1)


def lines_until(words: str, process: "Popen[str]") -> list[str]:
    """Return what the process tells as errors, to the line with these words."""
    told: list[str] = []
    while not told or words not in told[-1]:
        assert process.stderr
        told.append(process.stderr.readline())
        assert told[-1], "".join(told)
    return told


def count(database: Path, condition: str) -> int:
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(database, timeout=0)) as reader:
        return int(reader.execute(f"SELECT count(*) FROM peertube_sync_video {condition}").fetchone()[0])
    return -1


@contextmanager
def watching(database_url: str) -> Iterator["Popen[str]"]:
    limits = {"PEERTUBE_SYNC_REQUEST_TIMEOUT": str(REQUEST_TIMEOUT)}
    with manage("peertube_sync", "--watch", database_url=database_url, **limits) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_connections_that_the_database_ends(database_url: str, make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror(limit=200)
    mirror.add()
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with watching(database_url) as process:
        for _time in range(3):
            asked = len(mirror.sandbox.log)
            until(lambda: len(mirror.sandbox.log) > asked, process)  # noqa: B023 - read before the next turn
            with connection.cursor() as cursor:
                cursor.execute(kill)
        until(lambda: Video.objects.filter(captions_fetched_at=None).count() == 0 and Video.objects.exists(), process)
        until(lambda: mirror.differences() == "", process)
        process.terminate()
        assert "goes on in" in process.communicate()[1]


@pytest.mark.one_database
def test_a_writer_that_holds_the_lock(tmp_path: Path, migrated_file: Path) -> None:
    database = shutil.copy(migrated_file, tmp_path / "site.sqlite3")
    url = f"sqlite:///{database}?timeout=1"
    with Sandbox(Catalogue.generate(videos=10, seed=1), limit=None) as sandbox:
        with manage("peertube_add", sandbox.url, database_url=url) as process:
            assert process.wait(SOON) == 0

        asked = len(sandbox.log)
        with watching(url) as process:
            until(lambda: len(sandbox.log) > asked + 2, process)
            with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as holder:
                holder.execute("BEGIN EXCLUSIVE")
                lines_until("goes on in", process)
                holder.execute("COMMIT")
            until(lambda: count(database, "WHERE details_fetched_at IS NOT NULL") == 10, process)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room, where this machine lets us have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system of its own: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.one_database
def test_a_disk_that_is_full_for_a_while(small_disk: Path, migrated_file: Path) -> None:
    database, filler = shutil.copy(migrated_file, small_disk / "site.sqlite3"), small_disk / "filler"
    url = f"sqlite:///{database}"
    with Sandbox(Catalogue.generate(videos=10, seed=1), limit=100) as sandbox:
        with manage("peertube_add", sandbox.url, database_url=url) as process:
            assert process.wait(SOON) == 0
        asked = len(sandbox.log)
        with watching(url) as process:
            until(lambda: len(sandbox.log) > asked + 8, process)
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while file.write(b"x" * 4096):
                    pass
            lines_until("goes on in", process)
            filler.unlink()
            until(lambda: count(database, "WHERE details_fetched_at IS NOT NULL") == 10, process)
