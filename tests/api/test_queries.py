"""What an answer costs the database: queries that don't grow with the rows, and no long texts in lists."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peertube_sync.models import Playlist, Video
from tests.api.catalogue import HOST

Ask = Callable[..., Any]

LISTS = {
    "instances/": 1,
    "accounts/": 1,
    f"accounts/bench145@{HOST}/videos/": 2,
    f"accounts/bench145@{HOST}/channels/": 2,
    f"accounts/alice@{HOST}/playlists/": 2,
    "channels/": 1,
    f"channels/bench145_side@{HOST}/videos/": 2,
    f"channels/cooking@{HOST}/playlists/": 2,
    "playlists/": 1,
    "playlists/{playlist}/elements/": 3,
    "playlists/{playlist}/videos/": 2,
    "videos/": 1,
    "videos/{video}/captions/": 2,
    "videos/{video}/chapters/": 2,
}
SINGLE = {
    f"instances/{HOST}/": 1,
    f"accounts/alice@{HOST}/": 1,
    f"channels/cooking@{HOST}/": 1,
    "playlists/{playlist}/": 1,
    "videos/{video}/": 4,
}


def address(path: str, full: Video) -> str:
    playlist = Playlist.objects.get(display_name="Best of cooking")
    return path.format(video=full.uuid, playlist=playlist.uuid)


@pytest.mark.parametrize(("path", "number"), [*LISTS.items(), *SINGLE.items()])
def test_an_answer_costs_so_many_queries(
    ask: Ask, full: Video, django_assert_num_queries: Any, path: str, number: int
) -> None:
    path = address(path, full)
    with django_assert_num_queries(number):
        assert ask(path)


def test_filters_cost_no_query_more(ask: Ask, full: Video, django_assert_num_queries: Any) -> None:
    query = {
        "instance": HOST,
        "channel": full.channel.handle,
        "account": full.account.handle,
        "playlist": Playlist.objects.all()[0].uuid,
        "tag": ["a", "b"],
    }
    with django_assert_num_queries(1):
        ask("videos/", **query)


LONG = {
    "peertube_sync_video": ("description", "support", "files", "streaming_playlists", "extra", "plugin_data"),
    "peertube_sync_channel": ("description", "support", "extra"),
    "peertube_sync_account": ("description", "extra"),
    "peertube_sync_playlist": ("description",),
    "peertube_sync_instance": ("config", "about", "stats", "constants"),
}


@pytest.mark.parametrize("path", LISTS)
def test_lists_fetch_no_long_texts(ask: Ask, full: Video, path: str) -> None:
    path = address(path, full)
    with CaptureQueriesContext(connection) as queries:
        ask(path)
    asked = "".join(query["sql"] for query in queries)
    fetched = [f"{table}.{name}" for table, names in LONG.items() for name in names if f'"{table}"."{name}"' in asked]
    assert fetched == []
