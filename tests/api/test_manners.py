"""What HTTP has for sparing both sides: tags of answers, caches, limits, and answers with less in them."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from peertube_sync.models import Video
from tests.support.catalogue import HOST, local, mirror_details, richest, world
from tests.support.users import somebody

Ask = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def limited(settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "API_REQUESTS_PER_MINUTE": 2}


@pytest.mark.parametrize("path", ["videos/", f"channels/cooking@{HOST}/", "instances/"])
def test_who_has_an_answer_is_told_so(client: Client, path: str) -> None:
    first = client.get(f"/api/{path}")
    assert first["Cache-Control"] == "public, max-age=60"
    again = client.get(f"/api/{path}", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Video.objects.update(views=123456)
    changed = client.get("/api/videos/", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200


def test_who_has_an_answer_of_some_time_ago_is_told_so(client: Client) -> None:
    with time_machine.travel("2026-01-01T10:00:00Z", tick=False) as clock:
        path = "/api/videos/?page_size=3"
        since = client.get(path)["Last-Modified"]
        clock.shift(100)
        again = client.get(path, headers={"if-modified-since": since})
        assert (again.status_code, again.content, again["Last-Modified"]) == (304, b"", since)
        Video.objects.update(views=1)
        changed = client.get(path, headers={"if-modified-since": since})
        assert (changed.status_code, changed["Last-Modified"]) == (200, "Thu, 01 Jan 2026 10:01:40 GMT")
        Video.objects.update(views=2)
        at_once = client.get(path, headers={"if-modified-since": changed["Last-Modified"]})
        assert at_once.status_code == 200
        assert "Last-Modified" not in at_once
        clock.shift(1)
        assert client.get(path)["Last-Modified"] == "Thu, 01 Jan 2026 10:01:41 GMT"


@pytest.mark.parametrize(
    "path",
    [
        *("", "videos/", "videos/?q=bread", "videos/?x=1", "videos/nothing/", "channels/", "accounts/", "playlists/"),
        *("instances/", "categories/", "languages/", "licences/", "tags/", "health/", "schema/", "docs/", "metrics/"),
        *("sources/", "curations/"),
    ],
)
def test_pages_of_any_origin_may_read(client: Client, path: str) -> None:
    answer = client.get(f"/api/{path}", headers={"origin": "https://elsewhere.example"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer


def test_pages_of_other_origins_are_told_that_they_may_not_write(client: Client) -> None:
    asked = {"origin": "https://elsewhere.example", "access-control-request-method": "PATCH"}
    assert "PATCH" not in client.options("/api/videos/", headers=asked)["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("get", "videos/17/", {}, 404),
        ("post", "videos/", {}, 405),
        ("get", "videos/", {"accept": "application/xml"}, 406),
        ("get", "videos/?page_size=0", {}, 400),
        ("get", "sources/", {}, 403),
    ],
)
def test_every_refusal_is_a_problem(client: Client, method: str, path: str, headers: Any, status: int) -> None:
    answer = getattr(client, method)(f"/api/{path}", headers=headers)
    assert (answer.status_code, answer["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert {"type", "title", "detail"} < answer.json().keys()


def test_what_is_sent_has_to_be_json() -> None:
    answer = somebody("add_source").post("/api/sources/", {"what": "video.example"})
    assert (answer.status_code, answer["content-type"]) == (415, "application/problem+json")
    broken = somebody("add_source").post("/api/sources/", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["invalid_params"]) == (400, {})


def test_refusals_are_not_kept(client: Client) -> None:
    assert "Cache-Control" not in client.get("/api/videos/?categoy=1")


def test_who_asks_too_much_is_told_when_to_come_back(client: Client, limited: None) -> None:
    answers = [client.get("/api/videos/") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert answers[-1]["content-type"] == "application/problem+json"
    assert answers[-1].json()["detail"]


@pytest.mark.parametrize("path", ["videos/", f"channels/bench145_side@{HOST}/videos/"])
def test_an_answer_has_the_fields_asked_for(ask: Ask, path: str) -> None:
    assert {tuple(one) for one in ask(path, fields="uuid,channel,name")["results"]} == {("uuid", "name", "channel")}


def test_fields_may_be_named_one_by_one(ask: Ask) -> None:
    assert {tuple(one) for one in ask("videos/", fields=["uuid", "name"])["results"]} == {("uuid", "name")}


def test_a_single_row_can_be_sparse_too(ask: Ask) -> None:
    video = mirror_details(richest())
    whole = ask(f"videos/{video.uuid}/")
    assert ask(f"videos/{video.uuid}/", fields="tags,name") == {"name": whole["name"], "tags": whole["tags"]}


def test_an_unknown_field_is_refused(ask: Ask) -> None:
    problem = ask("videos/", fields="uuid,colour", status=400)["detail"]
    assert "'colour'" in problem
    assert "uuid" in problem


def test_videos_are_narrowed_by_captions_all_tags_and_change(ask: Ask) -> None:
    def found(**query: Any) -> set[str]:
        return {one["uuid"] for one in ask("videos/", page_size=100, **query)["results"]}

    uuid = richest()
    mirror_details(uuid)
    assert found(has_captions="true") == {uuid}
    assert uuid not in found(has_captions="false")
    tags = world()["details"][uuid]["tags"]
    assert found(tag_all=tags) == {uuid}
    assert found(tag_all=[*tags, "no such tag"]) == set()
    edge = sorted(one["updatedAt"] for one in local("list"))[20]
    assert found(updated_after=edge) | found(updated_before=edge) == found()
    assert not found(updated_after=edge) & found(updated_before=edge)
