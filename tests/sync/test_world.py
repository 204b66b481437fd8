"""Recorded catalogues of a real PeerTube 6.3.0 and 8.2.1, mirrored from end to end and compared field by field."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from peertube_sync.models import (
    Account,
    AnswerDue,
    Caption,
    Channel,
    Chapter,
    Instance,
    Playlist,
    PlaylistElement,
    Tag,
    Transcript,
    Video,
)
from peertube_sync.testing import Catalogue, Sandbox
from tests.support.comparison import world_differences
from tests.support.worlds import WORLDS
from tests.sync.answer_paths import differing

RECORDED_HOST = "localhost:9000"
ELEMENTS = re.compile(r"^/api/v1/video-playlists/[^/]+/videos$")
OTHERS = {
    "videos": "videos",
    "channels": "video-channels",
    "accounts": "accounts",
    "playlists": "video-playlists",
}
"""What PeerTube calls our kinds of rows."""
MIRRORED = (Video, Account, Channel, Playlist, PlaylistElement, Caption, Chapter, Transcript, Tag, Video.tags.through)


class Writes:
    """The statements that write, noted before they are carried out."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            self.seen.append(sql)
        return execute(sql, params, many, context)

    def of_the_catalogue(self) -> list[str]:
        tables = "|".join(model._meta.db_table for model in MIRRORED)
        return [sql for sql in self.seen if re.match(rf'(INSERT INTO|UPDATE|DELETE FROM) "({tables})"', sql)]


@pytest.fixture(params=WORLDS)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def sandbox(path: Path) -> Iterator[Sandbox]:
    with Sandbox(Catalogue.load(path), limit=None) as running:
        yield running


def world(path: Path, host: str) -> dict[str, Any]:
    text = gzip.decompress(path.read_bytes()).decode()
    for old, new in ((RECORDED_HOST, host), (quote(RECORDED_HOST), quote(host))):
        text = text.replace(old, new)
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.mark.django_db
def test_every_published_field_is_mirrored_and_a_second_sweep_changes_nothing(
    path: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("peertube_add", sandbox.url)
    capsys.readouterr()
    call_command("peertube_sync", "--json")
    first = json.loads(capsys.readouterr().out)
    published = world(path, sandbox.host)
    local = [item for item in published["list"] if item["isLocal"]]
    assert (first["videos"], first["created"], first["errors"]) == (len(local), len(local), [])
    assert "\n".join(world_differences(published, Instance.objects.get())) == ""

    asked = len(sandbox.log)
    writes = Writes()
    with connection.execute_wrapper(writes):
        call_command("peertube_sync", "--full", "--json")
    second = json.loads(capsys.readouterr().out)
    assert (second["created"], second["updated"], second["removed"], second["skipped"]) == (0, 0, 0, 0)
    assert second["unchanged"] == len(local)
    assert writes.seen
    assert writes.of_the_catalogue() == []
    assert [one.path for one in sandbox.log[asked:] if ELEMENTS.search(one.path)] == []

    call_command("peertube_verify", sandbox.host, "--all", "--json")
    assert json.loads(capsys.readouterr().out)["differences"] == []


@pytest.mark.django_db
def test_answers_put_together_of_parts_are_those_made_of_whole_rows(
    sandbox: Sandbox, client: Client, settings: Any
) -> None:
    unlimited = {"COMPAT_RATE_LIMIT": 10**9, "API_REQUESTS_PER_MINUTE": 0}
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, **unlimited}
    call_command("peertube_add", sandbox.url)
    call_command("peertube_sync")
    assert not AnswerDue.objects.exists()
    paths = [*_all_pages(client)]
    assert len(paths) > 50
    assert differing(client, paths) == []


def _all_pages(client: Client) -> Iterator[str]:
    """Yield the addresses of all lists, page by page, and of all single rows, on both APIs."""
    for kind, key in (("videos", "uuid"), ("channels", "handle"), ("accounts", "handle"), ("playlists", "uuid")):
        page: str | None = f"/api/{kind}/?page_size=100"
        while page:
            yield page
            answer = client.get(page).json()
            page = answer["next"]
            for row in answer["results"]:
                yield f"/api/{kind}/{row[key]}/"
                yield f"/api/v1/{OTHERS[kind]}/{row[key]}"
        yield from (f"/api/v1/{OTHERS[kind]}?count=100&nsfw=both&start={start}" for start in (0, 100, 200))
