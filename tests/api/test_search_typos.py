"""Where a query finds nothing, the nearest words are searched for that videos have, and it is told which."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Curation, Video
from tests.support.catalogue import make_videos

Ask = Callable[..., Any]

TITLES = ("Grinding a pyrometer mirror", "Xylophone repair", "Xylophone concert in Köln", "Quartzite and granite")


@pytest.fixture(autouse=True)
def titled(catalogue: None) -> list[Video]:
    videos = make_videos(len(TITLES), tags=[])
    for video, title in zip(videos, TITLES, strict=True):
        Video.objects.filter(pk=video.pk).update(name=title, description=None, truncated_description=None)
    index_due()
    return videos


@pytest.mark.parametrize(
    ("query", "meant", "first"),
    [
        ("pyromter", "pyrometer", TITLES[0]),  # a letter too few
        ("pyrommeter", "pyrometer", TITLES[0]),  # too many
        ("pyrometar", "pyrometer", TITLES[0]),  # another one
        ("pyroemter", "pyrometer", TITLES[0]),  # two that changed places
        ("ylophone", "ylophone", TITLES[1]),  # part of a word, which is no typo
        ("Xilophone repair", "xylophone repair", TITLES[1]),
        ("repair xylophnoe", "repair xylophone", TITLES[1]),
        ("koelnn", "koeln", TITLES[2]),
        ('xylophon "repair"', "xylophon", TITLES[1]),
        ("quartzit grnite", "quartzite granite", TITLES[3]),
    ],
)
def test_a_typo_finds_and_is_told(ask: Ask, client: Client, query: str, meant: str, first: str) -> None:
    answer = ask("videos/", q=query)
    assert first in [row["name"] for row in answer["results"]]
    told = answer["did_you_mean"]
    assert told in (None, meant)
    assert "<mark>" in answer["results"][0]["highlights"]["name"]
    page = client.get("/videos/", {"q": query}).content.decode()
    assert ("Showing results for" in page) == bool(told)
    peertubes = client.get("/api/v1/search/videos", {"search": query}).json()
    assert first in [row["name"] for row in peertubes["data"]]
    assert peertubes["total"] == len(answer["results"]) == answer["count"]


def test_no_word_is_told_that_only_a_hidden_video_has(ask: Ask) -> None:
    Curation.objects.create(video=Video.objects.get(name=TITLES[0]), hidden=True)
    assert ask("videos/", q="pyromter")["did_you_mean"] is None
    told = ask("videos/", q="xilophone or pyromter")["did_you_mean"]
    assert "pyrometer" not in told
    assert "xylophone" in told


def test_what_is_told_is_what_was_meant(ask: Ask) -> None:
    assert ask("videos/", q="pyromter")["did_you_mean"] == "pyrometer"
    assert ask("videos/", q="Xilophone -repair")["did_you_mean"] == "xylophone -repair"
    assert ask("videos/", q="xylophone")["did_you_mean"] is None
    assert ask("videos/", q="zzzzzzzz")["did_you_mean"] is None


def test_who_means_it_so_searches_for_it_as_it_is_written(ask: Ask, client: Client) -> None:
    answer = ask("videos/", q="pyromter", as_written="true")
    assert (answer["results"], answer["did_you_mean"]) == ([], None)
    page = client.get("/videos/", {"q": "pyromter"}).content.decode()
    assert "as_written=true" in page
    assert TITLES[0] not in client.get("/videos/", {"q": "pyromter", "as_written": "true"}).content.decode()


def test_nothing_is_told_of_words_that_nobody_may_see(titled: list[Video], ask: Ask, settings: Any) -> None:
    Curation.objects.create(video=titled[0], hidden=True)
    Video.objects.filter(pk=titled[3].pk).update(nsfw=True)
    index_due()
    assert ask("videos/", q="pyromter") == {**ask("videos/", q="pyromter"), "did_you_mean": None, "results": []}
    assert ask("videos/", q="grnite", nsfw="false")["did_you_mean"] is None
    assert ask("videos/", q="grnite")["did_you_mean"] == "granite"


@pytest.fixture
def misspelt(catalogue: None) -> list[Video]:
    """One title with a typo, and a dozen with the word that its author meant."""
    videos = make_videos(13, tags=[])
    for number, video in enumerate(videos):
        name = f"Heliograph number {number}" if number else "Heliogarph"
        Video.objects.filter(pk=video.pk).update(name=name, description=None, truncated_description=None)
    index_due()
    return videos


def test_where_little_is_found_what_is_meant_comes_after_it(misspelt: list[Video], ask: Ask, client: Client) -> None:
    answer = ask("videos/", q="heliogarph")
    assert answer["did_you_mean"] == "heliograph"
    assert answer["results"][0]["name"] == "Heliogarph"
    assert len(answer["results"]) == answer["count"] == 13
    page = client.get("/videos/", {"q": "heliogarph"}).content.decode()
    assert "Showing results for “heliograph”, too." in page
    assert "Search only for “heliogarph”" in page
    assert client.get("/api/v1/search/videos", {"search": "heliogarph"}).json()["total"] == 13
    alone = ask("videos/", q="heliogarph", as_written="true")
    assert (len(alone["results"]), alone["did_you_mean"]) == (1, None)
    assert ask("videos/", q="heliogarph", ordering="name")["did_you_mean"] is None


@pytest.mark.parametrize("query", ["heliograph", '"heliogarph"', "heliograph 3", "heliogarph -number"])
def test_what_finds_enough_or_nothing_else_is_left_as_it_is(misspelt: list[Video], ask: Ask, query: str) -> None:
    assert ask("videos/", q=query)["did_you_mean"] is None


def test_no_word_is_told_that_only_hidden_videos_have(misspelt: list[Video], ask: Ask) -> None:
    Video.objects.filter(pk__in=[video.pk for video in misspelt[1:]]).update(privacy_id=3)
    answer = ask("videos/", q="heliogarph")  # before their documents are gone
    assert (answer["did_you_mean"], len(answer["results"])) == (None, 1)


def test_of_two_words_that_may_be_meant_alone_the_frequent_one_is_told(catalogue: None, ask: Ask) -> None:
    for number, video in enumerate(make_videos(6, tags=[])):
        name = f"Harbour at night {number}" if number else "Harbor"
        about = {"description": None, "truncated_description": None, "nsfw": not number}
        Video.objects.filter(pk=video.pk).update(name=name, **about)
    index_due()
    answer = ask("videos/", q="harboor")
    assert answer["did_you_mean"] == "harbour"
    assert {row["name"] for row in answer["results"]} >= {f"Harbour at night {number}" for number in range(1, 6)}
    assert ask("videos/", q="harboor", nsfw="true")["did_you_mean"] == "harbor"
