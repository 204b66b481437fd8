"""What isn't public, in the API: for users with the permission, in lists of its own, kept by no cache."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peertube_sync.catalogue import video_search
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Curation, Video
from tests.support.catalogue import make_videos
from tests.support.users import somebody

Ask = Callable[..., Any]
PRIVACIES = {"unlisted": 2, "private": 3, "internal": 4, "password_protected": 5}
NAMES = ("Crème brûlée", "Tide pools at night", "Pools of tide", "Night of the tides -- low", "海の生き物")
LIST = "/api/videos/?privacy=not_public"


@pytest.fixture
def made(full: Video) -> list[Video]:
    """Public videos with words of their own, findable."""
    videos = make_videos(len(NAMES), category={"id": 5, "label": "Sports"})
    for views, (video, name) in enumerate(zip(videos, NAMES, strict=True)):
        Video.objects.filter(pk=video.pk).update(name=name, views=views, description=f"About {name} and sand.")
    index_due()
    return videos


@pytest.fixture
def private(made: list[Video], full: Video) -> list[Video]:
    """The same and one with details, kept back, of all privacies."""
    for number, video in enumerate([full, *made]):
        Video.objects.filter(pk=video.pk).update(privacy_id=2 + number % 4, privacy_label=f"Privacy {number % 4}")
    index_due()
    return [full, *made]


@pytest.fixture
def owner(db: None) -> Client:
    return somebody("view_private_video")


def found(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{LIST}{query}")
    assert answer.status_code == 200, answer.content
    return [one["name"] for one in answer.json()["results"]]


def uuids(client: Client, path: str) -> set[str]:
    return {one["uuid"] for one in client.get(path).json()["results"]}


def test_a_list_has_one_side_of_the_catalogue(private: list[Video], owner: Client) -> None:
    everything = {str(one) for one in Video.objects.values_list("uuid", flat=True)}
    kept_back = {str(one.uuid) for one in private}
    assert uuids(owner, f"{LIST}&page_size=100") == kept_back
    assert uuids(owner, "/api/videos/?page_size=100") == everything - kept_back
    for word, number in PRIVACIES.items():
        rows = owner.get(f"/api/videos/?privacy={word}").json()["results"]
        assert {row["uuid"] for row in rows} == {str(one.uuid) for one in Video.objects.filter(privacy_id=number)}
        assert {row["privacy_id"] for row in rows} == {number}
    both = owner.get("/api/videos/?privacy=unlisted&privacy=private").json()["results"]
    assert {row["privacy_id"] for row in both} == {2, 3}
    refused = owner.get("/api/videos/?privacy=public")
    assert (refused.status_code, [*refused.json()["invalid_params"]]) == (400, ["privacy"])


def test_it_is_counted_sorted_narrowed_and_paged_alone(private: list[Video], owner: Client, full: Video) -> None:
    page = owner.get(f"{LIST}&count=true&facets=category,channel&ordering=views&page_size=2").json()
    assert (page["count"], page["count_exact"], page["facets"]["complete"]) == (len(private), True, True)
    assert sum(one["count"] for one in page["facets"]["channel"]) == len(private)
    assert {one["id"]: one["count"] for one in page["facets"]["category"]}[5] == len(NAMES)
    names = [one["name"] for one in page["results"]]
    while page["next"]:
        page = owner.get(page["next"]).json()
        names += [one["name"] for one in page["results"]]
    assert names == [one.name for one in Video.objects.private().order_by("views", "pk")]
    assert set(found(owner, f"&tag={full.tags.all()[0].name}")) == {full.name}
    assert set(found(owner, "&category=5&ordering=featured")) == set(NAMES)


WORDS = (
    *("tide", "TIDE pools", '"tide pools"', "pools -night", "tide or creme", "creme", "nig", "sand -tide -night"),
    *("生き", '"生 海"', "nothingofthekind", '"pools about"', "low -tide", '"night about"', "kiosque", "-sand"),
)


def test_words_find_what_they_would_find_if_it_were_public(made: list[Video], owner: Client) -> None:
    def look(**query: str) -> dict[str, set[str]]:
        given = ((words, owner.get("/api/videos/", {"q": words, "category": 5, **query})) for words in WORDS)
        return {words: {one["name"] for one in answer.json().get("results", ())} for words, answer in given}

    public = look()
    assert len({*map(frozenset, public.values())}) > 6
    Video.objects.filter(pk__in=[one.pk for one in made]).update(privacy_id=3)
    index_due()
    assert look(privacy="private") == public
    assert not any(look().values())


def test_a_search_ranks_marks_counts_and_goes_on(private: list[Video], owner: Client) -> None:
    page = owner.get(f"{LIST}&q=tide&facets=category&page_size=2").json()
    assert (page["count"], page["facets"]["category"][0]["count"]) == (3, 3)
    assert "<mark>" in page["results"][0]["highlights"]["name"]
    further = owner.get(page["next"]).json()["results"]
    assert len({one["uuid"] for one in page["results"] + further}) == 3
    assert found(owner, "&q=sand -tide&ordering=name") == ["Crème brûlée", "Night of the tides -- low", "海の生き物"]
    Video.objects.filter(name="Pools of tide").update(name="x", description="A tide. And sand.")
    assert found(owner, "&q=tide")[-1] == "x"


def test_of_very_many_the_newest_are_searched(
    private: list[Video], owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_search, "RANKED", 2)
    answer = owner.get(f"{LIST}&q=sand&category=5").json()
    assert (len(answer["results"]), answer["count_exact"]) == (2, False)


def test_a_single_one_is_shown_with_its_parts(private: list[Video], owner: Client, full: Video) -> None:
    whole = owner.get(f"/api/videos/{full.short_uuid}/").json()
    assert (whole["privacy_id"], whole["tags"]) == (2, sorted(tag.name for tag in full.tags.all()))
    parts = {part: owner.get(f"/api/videos/{full.uuid}/{part}/").json()["results"] for part in ("captions", "chapters")}
    assert parts == {part: whole[part] for part in parts}
    assert parts["chapters"]
    assert owner.get(f"/api/videos/{full.uuid}/?fields=name").json() == {"name": full.name}


def test_nobody_else_is_shown_it(private: list[Video], full: Video) -> None:
    for client in (Client(), somebody("view_video", "view_curation", "change_curation", "view_source")):
        refused = client.get(LIST)
        assert (refused.status_code, refused["content-type"]) == (403, "application/problem+json")
        missing = "00000000-0000-4000-8000-00000000abcd"
        for path in ("/api/videos/{}/", "/api/videos/{}/captions/", "/api/videos/{}/chapters/"):
            (here, nowhere) = (client.get(path.format(uuid)) for uuid in (full.uuid, missing))
            assert here.status_code == nowhere.status_code == 404
            assert here.content.decode().replace(str(full.uuid), missing) == nowhere.content.decode()
            assert {**here.headers} | {"Content-Length": ""} == {**nowhere.headers} | {"Content-Length": ""}


def test_only_the_list_of_all_videos_knows_the_parameter(private: list[Video], owner: Client, full: Video) -> None:
    for path in (f"videos/{full.uuid}/", f"videos/{full.uuid}/captions/", f"channels/{full.channel.handle}/videos/"):
        assert owner.get(f"/api/{path}?privacy=private").status_code == 400
    assert owner.get("/api/tags/?privacy=private").status_code == 400
    assert uuids(owner, "/api/videos/?privacy=") == uuids(Client(), "/api/videos/")


def test_it_is_kept_by_no_cache_and_public_answers_by_all(private: list[Video], owner: Client, full: Video) -> None:
    paths = (LIST, f"{LIST}&q=tide&facets=tag", *(f"/api/videos/{full.uuid}/{part}" for part in ("", "captions/")))
    for path in paths:
        for accepted in ("application/json", "text/html"):
            answer = owner.get(path, headers={"accept": accepted})
            assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
            assert not {"ETag", "Last-Modified"} & {*answer.headers}
            assert Client().get(path, headers={"accept": accepted}).status_code in {403, 404}
    public = Video.objects.listed()[0]
    for path in ("/api/videos/", f"/api/videos/{public.uuid}/", f"/api/videos/{public.uuid}/captions/"):
        cache.clear()
        theirs, ours = Client().get(path), owner.get(path)
        assert (theirs.content, theirs.headers) == (ours.content, ours.headers)
        assert ours["Cache-Control"] == "public, max-age=60"
        assert "Cookie" not in ours["Vary"]


def test_who_is_not_logged_in_costs_no_look_at_sessions(private: list[Video], full: Video) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get(f"/api/videos/{full.uuid}/")
    reads = [one for one in queries if " FROM " in one["sql"] and "_revision" not in one["sql"]]
    row_and_tombstone = 2
    assert (answer.status_code, len(reads), "Cookie" in answer["Vary"]) == (404, row_and_tombstone, False)


def test_what_the_owner_sees_stays_bounded_in_queries(private: list[Video], owner: Client, full: Video) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(path).status_code == 200
        return len(queries)

    login, public_row_and_tombstone = 4, 2
    assert cost(LIST) == login + 1
    assert cost(f"/api/videos/{full.uuid}/") == public_row_and_tombstone + login + 1
    assert cost(f"{LIST}&q=sand") == login + 6


def test_the_host_projects_other_logins_work_too(private: list[Video], full: Video, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a quick one
    user = get_user_model().objects.create_user("owner", password="secret")
    user.user_permissions.set(Permission.objects.filter(codename="view_private_video"))

    def ask(path: str, password: str) -> int:
        login = b64encode(f"owner:{password}".encode()).decode()
        return int(Client().get(path, headers={"authorization": f"Basic {login}"}).status_code)

    single = f"/api/videos/{full.uuid}/"
    assert [ask(path, "secret") for path in (LIST, single)] == [200, 200]
    assert [ask(path, "wrong") for path in (LIST, single)] == [403, 404]


def test_hidden_means_hidden_from_the_public(private: list[Video], owner: Client, full: Video) -> None:
    Curation.objects.create(video=full, hidden=True, title="Our own title")
    assert owner.get(f"/api/videos/{full.uuid}/").json()["name"] == "Our own title"
    Video.objects.filter(pk=full.pk).update(removed_at="2026-01-01T00:00:00Z")
    assert owner.get(f"/api/videos/{full.uuid}/").status_code == 404
