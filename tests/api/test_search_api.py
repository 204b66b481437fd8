"""Search through the API: relevance, pages, highlights, facets, counts, and the bounds of all these."""

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from peertube_sync.catalogue import totals
from peertube_sync.catalogue import video_search as bounds
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Caption, Curation, Transcript, Video
from peertube_sync.models.folding import words
from tests.support.catalogue import make_videos, walk

Ask = Callable[..., Any]

NAMES = ["Tide pools", "Tide & <b>tables</b>", "A pool", "Nothing of the kind"]


@pytest.fixture(autouse=True)
def made(catalogue: None) -> None:
    for video, name in zip(make_videos(len(NAMES), category={"id": 5, "label": "Sports"}), NAMES, strict=True):
        Video.objects.filter(pk=video.pk).update(name=name, description=f"{'Sand. ' * 60}Of tides, {name}.")
    index_due()


def names(answer: Any) -> list[str]:
    return [one["name"] for one in answer["results"]]


def test_the_most_relevant_comes_first_and_the_count_is_told(ask: Ask) -> None:
    answer = ask("videos/", q="tide pools")
    assert names(answer)[0] == "Tide pools"
    assert answer["count"] == len(answer["results"])
    assert answer["count_exact"] is True


def test_a_search_can_be_sorted_and_narrowed_otherwise(ask: Ask) -> None:
    found = ask("videos/", q="tides", ordering="-name", category=5)
    assert names(found) == sorted(NAMES, reverse=True)
    assert "count" not in found
    assert names(ask("videos/", q="tides", category=4)) == []


def test_pages_by_relevance_are_complete_both_ways(ask: Ask) -> None:
    whole = [one["uuid"] for one in ask("videos/", q="tides or sand", page_size=100)["results"]]
    pages, last = walk(ask, "videos/", q="tides or sand", page_size=3)
    assert pages == whole
    assert len(whole) == len(NAMES)
    back, _ = walk(ask, last, "previous")
    assert back == whole


def test_hits_are_marked_and_everything_else_is_escaped(ask: Ask) -> None:
    (found,) = ask("videos/", q="tide tables")["results"]
    highlights = found["highlights"]
    assert highlights["name"] == "<mark>Tide</mark> &amp; &lt;b&gt;<mark>tables</mark>&lt;/b&gt;"
    assert highlights["description"].startswith("… Sand.")
    assert "<mark>Tide</mark> &amp; &lt;b&gt;" in highlights["description"]
    assert len(highlights["description"]) < 400
    assert ask("videos/")["results"][0]["highlights"] is None


def test_a_hidden_video_is_found_by_nobody(ask: Ask) -> None:
    Curation.objects.create(video=Video.objects.get(name="Tide pools"), hidden=True)
    assert "Tide pools" not in names(ask("videos/", q="tide pools"))


def test_facets_count_what_is_found(ask: Ask) -> None:
    facets = ask("videos/", q="tides", facets="category,language,tag,channel,instance,licence")["facets"]
    assert facets["complete"] is True
    assert facets["category"] == [{"id": 5, "label": "Sports", "count": len(NAMES)}]
    (channel,) = facets["channel"]
    assert len(ask("videos/", q="tides", channel=channel["id"])["results"]) == channel["count"]
    assert {"language", "tag", "instance", "licence"} < facets.keys()


def test_facets_and_counts_go_with_any_list(ask: Ask) -> None:
    answer = ask("videos/", category=5, facets="category", count="true")
    assert answer["facets"]["category"] == [{"id": 5, "label": "Sports", "count": answer["count"]}]


def test_bounds_are_told(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "RANKED", 2)
    monkeypatch.setattr(totals, "COUNTED", 2)
    answer = ask("videos/", q="tides", facets="category")
    assert len(answer["results"]) == len(NAMES)
    assert (answer["count"], answer["count_exact"]) == (2, False)
    assert answer["facets"]["complete"] is False
    counted = ask("videos/", count="true")
    assert (counted["count"], counted["count_exact"]) == (2, False)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"q": "x" * 201}, ["q", "200"]),
        ({"q": "a\0b"}, ["q"]),
        ({"ordering": "relevance"}, ["ordering", "q"]),
        ({"q": "tide", "ordering": "-relevance"}, ["ordering", "relevance"]),
        ({"facets": "colour"}, ["facets", "'colour'", "category"]),
        ({"count": "yes"}, ["count", "'yes'", "true"]),
        ({"q": "tide", "cursor": "WyJyZWxldmFuY2UiLGZhbHNlLCJ4IiwxXQ=="}, ["cursor"]),
    ],
)
def test_what_makes_no_sense_is_refused(ask: Ask, query: dict[str, str], told: list[str]) -> None:
    problem = ask("videos/", status=400, **query)["detail"]
    assert all(word in problem for word in told), problem


def test_a_search_costs_few_queries(ask: Ask, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(11):  # three of them for near words, of which one is kept for minutes
        ask("videos/", q="tides")
    with django_assert_max_num_queries(11):
        ask("videos/", q="tides", facets="tag")


def test_what_is_said_is_told_with_its_moment(ask: Ask) -> None:
    video = Video.objects.get(name="A pool")
    caption = Caption.objects.create(video=video, language_id="en")
    lines = ["Nothing yet.", "Crème <fraîche>, they say", "and more of the crème", "crème fraîche, at last"]
    Transcript.objects.create(
        caption=caption,
        video=video,
        path="/a.vtt",
        starts=[0, 7, 30, 61],
        text="\n".join(lines),
        folded="\n".join(" ".join(words(line)) for line in lines),
    )
    index_due()
    (found,) = ask("videos/", q="creme fraiche")["results"]
    assert found["name"] == "A pool"
    assert found["highlights"]["captions"] == [
        {"start": 7, "language_id": "en", "line": "<mark>Crème</mark> &lt;<mark>fraîche</mark>&gt;, they say"},
        {"start": 30, "language_id": "en", "line": "and more of the <mark>crème</mark>"},
        {"start": 61, "language_id": "en", "line": "<mark>crème</mark> <mark>fraîche</mark>, at last"},
    ]
    assert "highlights" not in ask("videos/", q="creme", fields="name")["results"][0]
    other = ask("videos/", q="pools")["results"]
    assert all(one["highlights"]["captions"] == [] for one in other)


@pytest.mark.parametrize("text", ["a" * 300_000, "a-b " * 75_000, "a\u0301" * 150_000, "a'" * 150_000])
def test_a_description_of_one_long_word_or_many_costs_a_moment(ask: Ask, text: str) -> None:
    Video.objects.filter(name="A pool").update(description=f"{text} A pool of words")
    began = process_time()
    (answer,) = (one for one in ask("videos/", q="pool")["results"] if one["name"] == "A pool")
    assert answer["highlights"]["name"] == "A <mark>pool</mark>"
    assert process_time() - began < 5
