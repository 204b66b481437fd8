"""The quick way of the API: plain questions are answered as any others are, and counted once."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from peertube_sync.models import Video

NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(params=["source", "site"])
def _pictures_from(request: pytest.FixtureRequest, settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": request.param}


@pytest.mark.usefixtures("_pictures_from")
@pytest.mark.parametrize("query", ["", "?page_size=2", "?ordering=-views", "?page_size=2&cursor={cursor}"])
def test_plain_questions_get_the_answer_of_the_long_way(client: Client, full: Video, query: str) -> None:
    cursor = parse_qs(urlsplit(client.get("/api/videos/?page_size=2").json()["next"]).query)["cursor"][0]
    paths = [
        f"/api/videos/{query.format(cursor=cursor)}",
        f"/api/videos/{full.uuid}/",
        "/api/channels/",
        "/api/playlists/",
    ]
    paths += [
        f"/api/channels/{full.channel.handle}/",
        f"/api/accounts/{full.account.handle.upper()}/",
        "/api/accounts/",
    ]
    for path in paths:
        plain, long = client.get(path), client.get(path, headers={"accept": "application/json;q=0.9"})
        assert (plain.status_code, plain.content) == (long.status_code, long.content)
        at = {"Last-Modified"}  # the second since which each is known
        assert {name: plain[name] for name in {*plain.headers} - at} == {
            name: long[name] for name in {*long.headers} - at
        }


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/api/videos/?page_size=0",
            "/api/videos/?page_size=x",
            "/api/videos/?cursor=x",
            "/api/videos/?ordering=-featured",
        ),
        *("/api/videos/?ordering=relevance", "/api/videos/?ordering=", "/api/channels/nobody@nowhere.example/"),
        *("/api/channels/nobody/", "/api/videos/x/", f"/api/videos/{NOBODYS}/", "/api/accounts/?ordering=views"),
    ],
)
def test_what_is_wrong_is_told_by_the_long_way(client: Client, full: Video, path: str) -> None:
    plain, long = client.get(path), client.get(path, headers={"accept": "application/json;q=0.9"})
    assert (plain.status_code, plain.json()) == (long.status_code, long.json())
    assert plain.status_code in {400, 404}


def test_a_plain_question_is_counted_once(client: Client, full: Video, settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "API_REQUESTS_PER_MINUTE": 4}
    paths = ["/api/videos/", f"/api/videos/{NOBODYS}/", "/api/channels/", f"/api/videos/{full.uuid}/", "/api/videos/"]
    assert [client.get(path).status_code for path in paths] == [200, 404, 200, 200, 429]
