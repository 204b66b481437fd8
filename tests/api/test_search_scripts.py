"""Words are found in twelve scripts, however keyboards write them; signs tell words apart."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Video
from tests.api.scripts import APART, AS_ONE, PAIRS, SIGNS
from tests.support.catalogue import make_videos

Ask = Callable[..., Any]


def pairs_of(lines: str) -> list[tuple[str, str]]:
    return [(query.strip(), title.strip()) for query, title in (line.split("|") for line in lines.strip().splitlines())]


def titled(titles: list[str]) -> None:
    different = [*dict.fromkeys(titles)]
    for video, title in zip(make_videos(len(different), tags=[]), different, strict=True):
        Video.objects.filter(pk=video.pk).update(name=title, description=None, truncated_description=None)
    index_due()


def found(ask: Ask, query: str) -> list[str]:
    return [row["name"] for row in ask("videos/", q=query)["results"]]


@pytest.mark.parametrize("script", PAIRS)
def test_queries_of_a_script_find_their_titles(catalogue: None, ask: Ask, client: Client, script: str) -> None:
    pairs = pairs_of(PAIRS[script])
    assert len(pairs) == 20
    titled([title for _query, title in pairs])
    missed = [(query, title) for query, title in pairs if title not in found(ask, query)]
    for query, title in pairs:
        answer = client.get("/api/v1/search/videos", {"search": query, "count": 50}).json()
        if title not in [row["name"] for row in answer["data"]]:
            missed.append((f"PeerTube's shape: {query}", title))
    assert missed == []


def test_signs_find_what_they_mean(catalogue: None, ask: Ask) -> None:
    pairs = pairs_of(SIGNS)
    titled([title for _query, title in pairs])
    assert [(query, title) for query, title in pairs if title not in found(ask, query)] == []


def test_words_that_some_write_as_one_are_found_by_both_spellings(catalogue: None, ask: Ask, client: Client) -> None:
    pairs = pairs_of(AS_ONE)
    titled([title for _query, title in pairs])
    missed = [(query, title) for query, title in pairs if title not in found(ask, query)]
    for query, title in pairs:
        answer = client.get("/api/v1/search/videos", {"search": query, "count": 50}).json()
        if title not in [row["name"] for row in answer["data"]]:
            missed.append((f"PeerTube's shape: {query}", title))
    assert missed == []


def test_signs_and_orders_tell_words_apart(catalogue: None, ask: Ask) -> None:
    pairs = pairs_of(APART)
    titled([title for _query, title in pairs])
    assert [(query, title) for query, title in pairs if title in found(ask, query)] == []


@pytest.mark.parametrize("signs", ["!!!", "?", "—", "+", "→ …", "\u200d"])
def test_signs_alone_are_answered_though_they_find_nothing(
    catalogue: None, ask: Ask, client: Client, signs: str
) -> None:
    assert ask("videos/", q=signs)["results"] == []
    assert client.get("/videos/", {"q": signs}).status_code == 200


def test_what_was_found_is_marked_as_it_is_written(catalogue: None, ask: Ask) -> None:
    titles = {
        "wifi": "Free Wi-Fi now",
        "c++": "Learn C++ now",
        "koeln": "Ganz Köln",
        "zuverlassig": "Zuver\u00adlässig",
        "محمد": "مُحَمَّد يقرأ",
    }
    titled([*titles.values()])
    marked = (
        "<mark>Wi-Fi</mark>",
        "<mark>C++</mark>",
        "<mark>Köln</mark>",
        "<mark>Zuver\u00adlässig</mark>",
        "<mark>مُحَمَّد</mark>",
    )
    for query, expected in zip(titles, marked, strict=True):
        (row,) = ask("videos/", q=query)["results"]
        assert expected in row["highlights"]["name"]
