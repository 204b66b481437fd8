"""Several processes add up: two workers of gunicorn in what answers took, two that sync in what they asked."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.parser import text_string_to_metric_families
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from peertube_sync.conf import get_settings
from peertube_sync.sync.operations.add import add_source, plan_source
from peertube_sync.testing import Catalogue, Sandbox
from tests.support.paths import ROOT
from tests.support.servers import free_port

if TYPE_CHECKING:
    from tests.support.celery_worker import CeleryWorker

TOKEN = "of-the-monitor-of-two-workers"
PATH = "/api/categories/"
DURATIONS = "peertube_sync_http_request_duration_seconds"
MOST = 2000
"""Requests by which two workers have both answered one, or something is wrong."""


def scrape(address: str) -> dict[tuple[str, ...], float]:
    """Return the samples of the site, by name and values of labels."""
    answer = requests.get(f"{address}/api/metrics/", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the processes keep their durations; nobody has made it."""
    return tmp_path / "run" / "metrics"


@pytest.fixture
def address(database_url: str, directory: Path) -> Iterator[str]:
    """The site, served by two workers of gunicorn with a database in common."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "project.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "PROMETHEUS_MULTIPROC_DIR": str(directory),
        "PEERTUBE_SYNC_METRICS_TOKEN": TOKEN,
    }
    with subprocess.Popen(
        [*command, "--no-control-socket", "--log-level", "error"], cwd=ROOT, env=environment
    ) as server:
        try:
            patient = requests.Session()  # until it listens
            patient.mount(
                "http://", HTTPAdapter(max_retries=Retry(total=None, connect=100, backoff_factor=0.05, backoff_max=0.2))
            )
            patient.get(f"http://127.0.0.1:{port}/favicon.ico", timeout=30)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def workers(directory: Path) -> set[str]:
    """Return the processes that have measured an answer of the address that is asked here."""
    read = MmapedDict.read_all_values_from_file
    files = directory.glob("histogram_*.db")
    return {path.stem for path in files if any("categories" in key and value for key, value, *_ in read(str(path)))}


def ask_until_both_have_answered(address: str, directory: Path) -> int:
    """Ask, each time by a connection of its own, until both workers have answered; returns how often that took."""
    for sent in range(1, MOST):
        assert requests.get(address + PATH, timeout=30).status_code == 200
        if len(workers(directory)) == 2:
            return sent
    pytest.fail("one worker has answered everything")


@pytest.mark.one_database  # durations are in files
def test_two_workers_add_up_whichever_is_asked(address: str, directory: Path) -> None:
    sent = ask_until_both_have_answered(address, directory)
    for _ in range(10):
        found = scrape(address)
        labels = ("2xx", "GET", "api", "categories")
        assert found[f"{DURATIONS}_count", *labels] == found[f"{DURATIONS}_bucket", "+Inf", *labels] == sent


def test_requests_of_a_worker_and_of_a_command_add_up(
    celery_worker_process: "CeleryWorker", address: str, database_url: str
) -> None:
    with (
        Sandbox(Catalogue.generate(videos=5, seed=1), limit=None) as one,
        Sandbox(Catalogue.generate(videos=5, seed=2), limit=None) as other,
    ):
        add_source(plan_source(one.url, get_settings()))
        begun = len(one.log)
        celery_worker_process.send("peertube_sync.tasks.sync_due")
        celery_worker_process.wait_for("sync_due", "succeeded")
        by_worker = len(one.log) - begun
        add_source(plan_source(other.url, get_settings()))
        begun = len(other.log)
        command = [sys.executable, "manage.py", "peertube_sync", other.host]
        subprocess.run(
            command, cwd=ROOT, env=os.environ | {"DATABASE_URL": database_url}, check=True, capture_output=True
        )
        by_command = len(other.log) - begun
    found = scrape(address)
    assert found["peertube_sync_instance_requests_total", one.host] == by_worker > 0
    assert found["peertube_sync_instance_requests_total", other.host] == by_command > 0
    assert found["peertube_sync_requests_total",] == by_worker + by_command
