"""Behind a pooler that gives every transaction another connection: a sync, the API's reads, exports, audits."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from peertube_sync.faces import prepared_statements
from peertube_sync.models import Video
from peertube_sync.testing import Catalogue, Sandbox
from tests.support.paths import ROOT
from tests.support.servers import running_pgbouncer

VIDEOS = 30
ADDRESSES = (
    "/",
    "/videos/?q=a",
    "/feeds/rss/",
    "/sitemap.xml",
    "/api/videos/",
    "/api/videos/?ordering=featured",
    "/api/channels/",
    "/api/videos/?q=a",
    "/api/health/",
    "/api/v1/config",
    "/api/v1/videos",
    "/api/v1/videos/languages",
    "/api/v1/search/videos?search=a",
)
AGAIN = 2 * prepared_statements.FROM
"""Times that each is asked for, so that what may be prepared would be."""
READ = f"""
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
from peertube_sync.faces import prepared_statements
from peertube_sync.models import Video
client = Client(headers={{"host": "localhost"}})
for address in {ADDRESSES!r} * {AGAIN}:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
client.force_login(User.objects.create_superuser("SOMEBODY"))
chosen = {{"action": "export_csv", "_selected_action": [Video.objects.first().pk], "select_across": "1"}}
answer = client.post("/admin/peertube_sync/video/", chosen)
assert b"".join(answer).count(b"\\r\\n") == {VIDEOS} + 1
print("all read")
"""

pytestmark = pytest.mark.postgres

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def pooled(database_url: str, tmp_path: Path) -> Iterator[Run]:
    """Run Python on the test database, through PgBouncer in transaction mode."""
    try:
        with running_pgbouncer(tmp_path, database_url) as url:

            def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
                env = os.environ | {"DATABASE_URL": url} | environment
                return subprocess.run(
                    [sys.executable, *arguments],
                    cwd=ROOT,
                    env=env,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    check=False,
                    timeout=60,
                )

            yield run
    except LookupError as error:
        pytest.skip(str(error))


def test_transactions_that_change_connections_mirror_and_show_all(pooled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERTUBE_SYNC_RATE_LIMIT_SHARE", "1.0")
    with Sandbox(Catalogue.generate(videos=VIDEOS, seed=1), limit=None) as sandbox:
        for command in (("add", sandbox.url), ("sync",), ("verify", sandbox.host), ("sync", "--full")):
            done = pooled("manage.py", f"peertube_{command[0]}", *command[1:])
            assert done.returncode == 0, f"{command}: {done.stdout}"
    assert Video.objects.exclude(details_fetched_at=None).count() == VIDEOS
    for told in ("0", "1"):
        read = pooled("-c", READ.replace("SOMEBODY", f"admin{told}"), DATABASE_TRANSACTION_POOLING=told)
        assert "all read" in read.stdout, read.stdout


FORM = """
import django
django.setup()
from django.contrib.auth.models import Group, Permission
from django.forms import modelform_factory
page = modelform_factory(Group, fields=["permissions"])().as_p()
assert page.count("<option") == Permission.objects.count()
"""


def test_the_setting_is_what_djangos_own_forms_need(pooled: Run) -> None:
    assert "cursor" in pooled("-c", FORM).stdout
    told = pooled("-c", FORM, DATABASE_TRANSACTION_POOLING="1")
    assert told.returncode == 0, told.stdout
