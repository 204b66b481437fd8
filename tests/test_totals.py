"""Totals of searches: the same for every order and on every face; and what follows those that are ranked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peertube_sync.catalogue import totals, video_search
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Curation, Leaving, LeavingVideo, Video
from peertube_sync.peertube_api import views
from tests.support.catalogue import HOST, make_videos, mirror_lists
from tests.support.page import Page
from tests.support.snapshot import Kept, made_once

NUMBER = 525
WORD = "xylophone"
LONG = 700
"""The duration of every third video, in seconds."""


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture(autouse=True)
def found(db: None, kept: Kept) -> list[Video]:
    """More videos than are ranked, the newest first; many were published at the same time."""
    made_once(kept, "more than are ranked", HOST, make)
    index_due()
    if connection.vendor == "postgresql":
        # A site's database does it by itself; without, this one plans as for a row or two, and takes seconds.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE peertube_sync_video, peertube_sync_videosearch, peertube_sync_newestsearch")
    return list(Video.objects.filter(name__startswith=WORD).order_by("-published_at", "-pk"))


def make() -> None:
    mirror_lists()
    made = make_videos(NUMBER)
    for number, video in enumerate(made):
        video.name = f"{WORD} " * (1 + number % 2) + "and more"
        video.published_at -= timedelta(days=number // 40)
        video.duration = LONG if number % 3 == 0 else 60
        video.language_id = "oc" if number % 5 == 0 else "br"
    Video.objects.bulk_update(made, ["name", "published_at", "duration", "language_id"])


def of_api(client: Client, **query: Any) -> tuple[list[str], set[tuple[int, bool]], str]:
    """Return all uuids, page by page, the totals told, and the address of the last page."""
    address, uuids, told, last = "/api/videos/", [], set(), ""
    given: dict[str, Any] | None = {"q": WORD, "count": "true", **query}
    while address:
        answer = client.get(address, given)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        uuids += [one["uuid"] for one in page["results"]]
        told.add((page["count"], page["count_exact"]))
        last, address, given = answer.wsgi_request.build_absolute_uri(), page["next"], None
    return uuids, told, last


def of_peertubes(client: Client, step: int, most: int = NUMBER + 100, **query: Any) -> tuple[list[str], set[Any]]:
    """Return all uuids, by offset up to `most`, and the totals told."""
    uuids, told = [], set()
    for start in range(0, most, step):
        asked = {"search": WORD, "nsfw": "both", "start": start, "count": step, **query}
        page = client.get("/api/v1/search/videos", asked).json()
        uuids += [one["uuid"] for one in page["data"]]
        told.add((page["total"], page.get("totalIsExact", True)))
    return uuids, told


def of_site(client: Client, **query: Any) -> tuple[list[str], set[str]]:
    """Return the links to all videos, page by page, and what the pages say how many there are."""
    address, given, links, told = "/videos/", {"q": WORD, **query}, list[str](), set[str]()
    while address:
        page, given = Page(client.get(address, given).content.decode()), {}
        links += page.videos()
        told |= {one.text for one in page.all("h2", class_="site-count")}
        address = "".join(f"/videos/{following}" for following in page.links("next"))
    return links, told


ORDERS = ("relevance", "-published_at", "name", "-views")
SORTS = ("-match", "match", "-publishedAt", "name", "-views")


def test_a_total_is_the_same_for_every_order(client: Client) -> None:
    for order in ORDERS:
        assert of_api(client, ordering=order, page_size=100)[1] == {(NUMBER, True)}
        assert of_site(client, ordering=order, page_size=100)[1] == {f"{NUMBER} videos"}
    for sort in SORTS:
        assert of_peertubes(client, 500, sort=sort)[1] == {(NUMBER, True)}


@pytest.mark.parametrize("size", [100, 37])
def test_those_that_are_not_ranked_follow_by_cursor(client: Client, found: list[Video], size: int) -> None:
    uuids, _told, last = of_api(client, page_size=size)
    follow(uuids, found)
    back, address = list[str](), last
    while address:
        page = client.get(address).json()
        back = [one["uuid"] for one in page["results"]] + back
        address = page["previous"]
    assert back == uuids


@pytest.mark.parametrize("step", [100, 37, 500])
def test_those_that_are_not_ranked_follow_by_offset(client: Client, found: list[Video], step: int) -> None:
    follow(of_peertubes(client, step)[0], found)


def test_those_that_are_not_ranked_follow_on_the_site(client: Client, found: list[Video]) -> None:
    links, _told = of_site(client, page_size=37)
    assert len(set(links)) == len(links) == NUMBER


def follow(uuids: list[str], found: list[Video]) -> None:
    """See that the newest are the first `RANKED`, that the others follow newest first, none twice."""
    newest = [str(one.uuid) for one in found]
    assert set(uuids[: video_search.RANKED]) == set(newest[: video_search.RANKED])
    assert uuids[: video_search.RANKED] != newest[: video_search.RANKED]
    assert uuids[video_search.RANKED :] == newest[video_search.RANKED :]


def test_filters_hold_beyond_those_that_are_ranked(
    client: Client, found: list[Video], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_search, "RANKED", 50)
    long = {str(one.uuid) for one in found if one.duration == LONG}
    both = {str(one.uuid) for one in found if one.duration == LONG and one.language_id == "oc"}
    for wanted, api, peertubes in (
        (long, {"duration_min": LONG}, {"durationMin": LONG}),
        (both, {"duration_min": LONG, "language": "oc"}, {"durationMin": LONG, "languageOneOf": "oc"}),
    ):
        uuids, told, _last = of_api(client, page_size=7, **api)
        assert (sorted(uuids), told) == (sorted(wanted), {(len(wanted), True)})
        offsets, totals_told = of_peertubes(client, 23, **peertubes)
        assert (sorted(offsets), totals_told) == (sorted(wanted), {(len(wanted), True)})


def test_languages_that_are_preferred_change_no_total(client: Client, found: list[Video]) -> None:
    uuids, told = of_peertubes(client, 100, boostLanguages="oc")
    assert told == {(NUMBER, True)}
    assert sorted(uuids) == sorted(str(one.uuid) for one in found)
    preferred = {str(one.uuid) for one in found[: video_search.RANKED] if one.language_id == "oc"}
    assert set(uuids[: len(preferred) // 2]) <= preferred


def test_a_hidden_video_is_not_counted(client: Client, found: list[Video]) -> None:
    for place in (0, -1):
        Curation.objects.create(video=found[place], hidden=True)
    for order in ORDERS:
        uuids, told, _last = of_api(client, ordering=order, page_size=100)
        assert (len(uuids), told) == (NUMBER - 2, {(NUMBER - 2, True)})
    assert of_peertubes(client, 100)[1] == {(NUMBER - 2, True)}


CHANGES: dict[str, Callable[[Video], object]] = {
    "hidden": lambda one: Curation.objects.create(video=one, hidden=True),
    "private": lambda one: Video.objects.filter(pk=one.pk).update(privacy_id=3),
    "removed": lambda one: Video.objects.filter(pk=one.pk).update(removed_at=one.published_at),
    "delisted": lambda one: Video.objects.filter(pk=one.pk).update(delisted_at=one.published_at),
    "a double": lambda one: Video.objects.filter(pk=one.pk).update(double=True),
    "deleted": lambda one: one.delete(),
    "leaving": lambda one: (
        Leaving.objects.get_or_create(instance=one.instance),
        LeavingVideo.objects.create(video_id=one.pk, instance=one.instance),
    ),
}
"""What makes a video be gone for everybody, at once: its document stays until the next look into the queue."""


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_gone_is_not_counted_in_the_very_next_answer(client: Client, found: list[Video], change: str) -> None:
    counted(client, NUMBER)
    for number, place in enumerate((0, -1), 1):
        CHANGES[change](found[place])
        counted(client, NUMBER - number)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_another_process_is_about_to_hide_is_not_counted_once_it_is_hidden(
    client: Client, found: list[Video]
) -> None:
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("UPDATE peertube_sync_video SET removed_at = now() WHERE id = %s", [found[0].pk])
        counted(client, NUMBER)
        other.commit()
        index_due()
        counted(client, NUMBER - 1)


def test_of_an_instance_that_leaves_nothing_is_counted(client: Client, found: list[Video]) -> None:
    counted(client, NUMBER)
    Leaving.objects.create(instance=found[0].instance, whole=True)
    counted(client, 0)


def test_while_very_many_documents_are_out_of_date_each_video_is_looked_at(
    client: Client, found: list[Video], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "DOUBTED", 1)
    for place in (0, 1, -1):
        Curation.objects.create(video=found[place], hidden=True)
    counted(client, NUMBER - 3)


def test_what_is_sensitive_is_not_counted_where_it_is_hidden(client: Client, found: list[Video], settings: Any) -> None:
    Video.objects.filter(pk__in=[found[0].pk, found[-1].pk]).update(nsfw=True)
    for index in (lambda: None, index_due):
        index()
        settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "blur"}
        counted(client, NUMBER)
        settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "hide"}
        counted(client, NUMBER - 2)


def counted(client: Client, number: int) -> None:
    """See that all faces tell this total, by relevance and by time."""
    given = {"q": WORD, "count": "true", "page_size": 1}
    for order in ("relevance", "-published_at"):
        answer = client.get("/api/videos/", {**given, "ordering": order}).json()
        assert (answer["count"], answer["count_exact"]) == (number, True)
    for sort in ("-match", "-publishedAt"):
        asked = {"search": WORD, "nsfw": "both", "count": 1, "sort": sort}
        assert client.get("/api/v1/search/videos", asked).json()["total"] == number
    page = Page(client.get("/videos/", {"q": WORD}).content.decode())
    assert [one.text for one in page.all("h2", class_="site-count")] == [f"{number} videos"] * bool(number)


def test_more_than_are_counted_are_at_least_so_many(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "COUNTED", 520)
    monkeypatch.setattr(views, "COUNTED", 520)
    monkeypatch.setattr(video_search, "DEEPEST", 520)
    for order in ORDERS:
        assert of_api(client, ordering=order, page_size=100)[1] == {(520, False)}
        assert of_site(client, ordering=order, page_size=100)[1] == {"At least 520 videos"}
    for sort in SORTS:
        assert of_peertubes(client, 100, sort=sort)[1] == {(520, False)}
    assert len(of_peertubes(client, 100)[0]) == 520
    assert len(of_site(client, page_size=100)[0]) == 520


@pytest.mark.postgres
def test_a_filter_that_leaves_few_of_very_many_is_counted_within_bounds(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "COUNTED", 10)
    monkeypatch.setattr(totals, "LOOKED", 100)
    Video.objects.filter(name__startswith=WORD).update(duration=60)
    Video.objects.filter(pk__in=Video.objects.filter(name__startswith=WORD)[:3]).update(duration=LONG)
    monkeypatch.setattr(video_search, "RANKED", 1)
    monkeypatch.setattr(video_search, "LOOKED", 1)
    (told,) = of_api(client, duration_min=LONG)[1]
    assert told[1] is False
    assert told[0] <= 3


def test_a_text_without_words_finds_nothing(client: Client) -> None:
    for sort in SORTS:
        page = client.get("/api/v1/search/videos", {"search": "!!!", "sort": sort}).json()
        assert page == {"total": 0, "data": []}


def test_a_total_that_is_kept_is_not_counted_again_to_be_sorted_otherwise(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "KEPT", 60)
    asked = {"search": WORD, "nsfw": "both", "count": 0}
    for sort, counts in (("-publishedAt", True), ("name", False), ("-views", False)):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get("/api/v1/search/videos", {**asked, "sort": sort, "boostLanguages": "fr"}).json()
        assert answer == {"total": NUMBER, "data": []}
        assert any("COUNT(" in query["sql"] for query in queries) is counts
