"""What answers are measured by has to give the same JSON, from the tables as they are now."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from peertube_sync.models import Curation, Video
from tests.proofs.bench import floor, floor_tables
from tests.proofs.bench.floor_tables import OURS, PEERTUBES, peertubes_list
from tests.proofs.bench.world import mirror

HOST = "testserver"


def ours(address: str) -> bytes:
    answer = Client().get(address)
    assert answer.status_code == 200, (address, answer.content)
    return answer.content


def least(address: str) -> bytes:
    path, _, query = address.removeprefix(f"http://{HOST}").partition("?")
    told: list[Any] = []
    environ = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": HOST}
    body = b"".join(floor.application(environ, lambda *given: told.append(given)))
    assert told == [("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])]
    return body


@pytest.fixture
def single(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """The floor over a small world, one video of which the site hides: the names of rows that may be asked for."""
    mirror(230, playlists=5)
    Curation.objects.decide(Video.objects.listed()[3:4], hidden=True)
    named = {word: floor_tables.names(model, 2) for word, model in OURS.items()}
    floor_tables.fill(ours, named)
    monkeypatch.setenv("DATABASE_URL", database_url)
    yield named
    floor.connection().close()
    floor.connection.cache_clear()
    floor._totals.clear()
    floor_tables.drop()


@pytest.mark.postgres
def test_the_floor_answers_with_our_bytes(single: dict[str, list[str]]) -> None:
    for word, names in single.items():
        address, pages = f"/api/{word}/?page_size=100", 0
        while address:
            found = ours(address)
            assert least(address) == found
            address, pages = json.loads(found)["next"], pages + 1
        assert pages == (3 if word == "videos" else 1), word
        for start in (0, 100, 200):
            listed = peertubes_list(word, start)
            assert least(listed) == ours(listed)
        for one in (f"/api/{word}/{names[0]}/", f"/api/v1/{PEERTUBES[word]}/{names[0]}"):
            assert least(one) == ours(one)
