"""Pages: complete and without repetition, however many rows share a value, forwards and back."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from peertube_sync.models import Video
from tests.support.catalogue import at, make_videos, walk

Ask = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.mark.parametrize("ordering", ["-published_at", "-views", "views", "name"])
@pytest.mark.parametrize("page_size", [7, 40])
def test_pages_hold_every_row_once_and_in_order(ask: Ask, ordering: str, page_size: int) -> None:
    pages, _ = walk(ask, "videos/", ordering=ordering, page_size=page_size)
    assert pages == [one["uuid"] for one in ask("videos/", ordering=ordering, page_size=100)["results"]]
    assert len(pages) == 40


@pytest.mark.parametrize("ordering", ["-published_at", "views"])
def test_the_way_back_shows_the_same_rows(ask: Ask, ordering: str) -> None:
    forwards, last = walk(ask, "videos/", ordering=ordering, page_size=7)
    back, first = walk(ask, last, "previous")
    assert back == forwards
    assert ask(first)["next"]


def test_more_rows_of_equal_value_than_a_cursor_could_count(ask: Ask) -> None:
    made = [str(video.uuid) for video in make_videos(1100, publishedAt="2030-01-01T00:00:00.000Z")]
    pages, _ = walk(ask, "videos/", page_size=100, published_after="2030-01-01")
    assert pages == made[::-1]


def test_rows_that_come_and_go_while_somebody_reads_shift_nothing(ask: Ask) -> None:
    whole, _ = walk(ask, "videos/", page_size=100)
    first = ask("videos/", page_size=10)
    make_videos(3, publishedAt="2031-01-01T00:00:00.000Z")
    Video.objects.filter(uuid__in=whole[5:15]).update(removed_at=timezone.now())
    rest, _ = walk(ask, first["next"])
    assert rest == whole[15:]


def test_a_page_has_20_rows_unless_asked_otherwise(ask: Ask) -> None:
    assert len(ask("videos/")["results"]) == 20
    assert len(ask("videos/", page_size=3)["results"]) == 3


def test_the_first_and_the_last_page_end_there(ask: Ask) -> None:
    first = ask("videos/", page_size=20)
    last = ask(first["next"])
    assert (first["previous"], last["next"]) == (None, None)
    assert ask(last["previous"])["results"] == first["results"]


def test_pages_keep_the_query(ask: Ask) -> None:
    query = parse_qs(urlsplit(ask("videos/", page_size=2, nsfw="false", category=[12, 7])["next"]).query)
    assert (query["page_size"], query["nsfw"], query["category"]) == (["2"], ["false"], ["12", "7"])


def test_a_page_beyond_the_end_is_empty(ask: Ask) -> None:
    address = ask("videos/", page_size=20)["next"]
    Video.objects.update(removed_at=timezone.now())
    assert ask(address) == {"next": None, "previous": None, "results": []}


def test_times_are_kept_to_the_microsecond(ask: Ask) -> None:
    for n, video in enumerate(make_videos(4, publishedAt="2032-01-01T00:00:00.000Z")):
        Video.objects.filter(pk=video.pk).update(published_at=at(f"2032-01-01T00:00:00.00000{n}+00:00"))
    pages, _ = walk(ask, "videos/", page_size=1, published_after="2032-01-01")
    assert len(pages) == len(set(pages)) == 4


def test_every_list_has_pages(ask: Ask) -> None:
    for path in ("channels/", "accounts/", "playlists/"):
        first = ask(path, page_size=3)
        second = ask(first["next"])
        assert second["results"]
        assert ask(second["previous"])["results"] == first["results"]


def cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    ("forged", "query"),
    [
        (cursor("-views", False, "1", 1), {}),
        (cursor("-published_at", False, "yesterday", 1), {}),
        (cursor("-published_at", False, "0001-01-01T00:00:00+23:59", 1), {}),
        (cursor("-published_at", False, "2020-01-01T00:00:00Z", -1), {}),
        (cursor("-published_at", False, "2020-01-01T00:00:00Z", 2**63), {}),
        (cursor("-published_at", False, "2020-01-01T00:00:00Z"), {}),
        (cursor("views", False, "many", 1), {"ordering": "views"}),
        (cursor("name", False, "nul\0", 1), {"ordering": "name"}),
    ],
    ids=str,
)
def test_a_cursor_that_is_not_ours_is_refused(ask: Ask, forged: str, query: dict[str, Any]) -> None:
    answer = ask("videos/", status=400, cursor=forged, **query)
    assert list(answer["invalid_params"]) == ["cursor"]


@pytest.mark.parametrize("value", [str(2**70), str(-(2**70))])
def test_a_number_that_no_column_holds_is_only_far_away(ask: Ask, value: str) -> None:
    assert ask("videos/", cursor=cursor("views", False, value, 2**63 - 1), ordering="views")["results"] is not None
