"""Which finds come first: by where their words stand; between equals the newer, the more seen, and other channels."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Channel, Video
from tests.support.catalogue import make_videos

Ask = Callable[..., Any]


def make(*facts: dict[str, Any]) -> list[int]:
    """Make a video with each of these facts, all else alike; returns their keys."""
    videos = make_videos(len(facts), tags=[])
    alike = {"description": None, "truncated_description": None, "views": 0, "published_at": timezone.now()}
    for video, own in zip(videos, facts, strict=True):
        Video.objects.filter(pk=video.pk).update(**{**alike, **own})
    index_due()
    return [video.pk for video in videos]


def names(ask: Ask, query: str) -> list[str]:
    return [row["name"] for row in ask("videos/", q=query)["results"]]


@pytest.mark.parametrize(
    "best_first",
    [
        ["zeppelin over xanten", "xanten sees a zeppelin", "zeppelins of xanten"],
        ["zeppelin", "zeppelin museum", "the large zeppelin museum by the lake"],
    ],
)
def test_words_of_a_title_in_their_order_and_form(catalogue: None, ask: Ask, best_first: list[str]) -> None:
    make(*({"name": name} for name in reversed(best_first)))
    query = " ".join(word for word in best_first[0].split())
    found = names(ask, query) if query == "zeppelin" else names(ask, "zeppelin xanten or " + query)
    assert found[0] == best_first[0]
    assert set(found) == set(best_first)


def test_a_title_outweighs_a_text(catalogue: None, ask: Ask) -> None:
    make({"name": "Balloons", "description": "zeppelin " * 50, "views": 100_000}, {"name": "A zeppelin"})
    assert names(ask, "zeppelin") == ["A zeppelin", "Balloons"]


def test_of_equals_the_newer_and_the_more_seen_come_first(catalogue: None, ask: Ask) -> None:
    old = timezone.now() - timedelta(days=4_000)
    make({"name": "zeppelin one", "published_at": old}, {"name": "zeppelin two"})
    assert names(ask, "zeppelin") == ["zeppelin two", "zeppelin one"]
    make({"name": "xebec one"}, {"name": "xebec two", "views": 50_000})
    assert names(ask, "xebec") == ["xebec two", "xebec one"]


def test_one_channel_does_not_fill_the_page(catalogue: None, ask: Ask) -> None:
    mine, other = Channel.objects.order_by("pk")[:2]
    make(
        *({"name": f"zeppelin {n}", "channel": mine} for n in range(10)),
        *({"name": f"a zeppelin by others {n}", "channel": other} for n in range(2)),
    )
    found = names(ask, "zeppelin")
    assert len(found) == 12
    assert all(name.startswith("zeppelin") for name in found[:3])
    assert any(name.startswith("a zeppelin") for name in found[:7])
