"""What an answer costs the database: queries that don't grow with the rows, and no long texts in lists."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from peertube_sync.ingest.answers import write_answers
from peertube_sync.models import Playlist, Video
from tests.support.catalogue import HOST, make_videos, richest

Get = Callable[..., Any]

REVISION = 1
"""Reading of which state of the catalogue an answer is, where it may be kept."""
MADE_EACH_TIME = ("instances", "config")
LISTS = {
    "videos": 2,  # the total, the rows
    "video-channels/cooking/videos": 3,
    f"accounts/alice@{HOST}/videos": 3,
    "search/videos": 2,
    "video-channels": 2,
    "search/video-channels": 2,
    "accounts/alice/video-channels": 3,
    "accounts": 2,
    "video-playlists": 2,
    "accounts/alice/video-playlists": 3,
    "search/video-playlists": 2,
    "video-playlists/{playlist}/videos": 6,
    "instances": 2,
    "instances/hosts": 2,
}
SINGLE = {
    "videos/{video}": 1,
    "videos/{video}/captions": 2,
    "videos/{video}/chapters": 2,
    "videos/{video}/description": 1,
    "video-channels/cooking": 2,  # looked for by any spelling first, since there is no host
    "accounts/alice": 1,
    "video-playlists/{playlist}": 1,
    "instances/stats": 1,
    "config": 1,  # the name that the owner gave the site
}


def address(path: str) -> str:
    return path.format(video=richest(), playlist=Playlist.objects.get(display_name="Best of cooking").uuid)


def test_an_answer_costs_so_many_queries_at_most(mirror: None, get: Get) -> None:
    too_many = []
    for path, most in {**LISTS, **SINGLE}.items():
        target = address(path)
        with CaptureQueriesContext(connection) as queries:
            get(target)
        revision = 0 if path.startswith(MADE_EACH_TIME) else REVISION
        too_many += [f"{path}: {len(queries)}"] if len(queries) > revision + most else []
    assert too_many == []


def test_more_rows_cost_no_query_more(mirror: None, get: Get, django_assert_num_queries: Any) -> None:
    make_videos(150)
    write_answers()
    for count, most in ((10, 2), (100, 1)):  # the total is kept for a while
        with django_assert_num_queries(REVISION + most):
            assert len(get("videos", count=count, nsfw="both")["data"]) == count
    with django_assert_num_queries(REVISION + 1):  # no total
        get("videos", count=100, nsfw="both", skipCount="true")
    with django_assert_num_queries(REVISION + 1):
        assert get("videos", count=0)["data"] == []


LONG = {
    "peertube_sync_video": ("description", "support", "files", "streaming_playlists", "extra", "plugin_data"),
    "peertube_sync_channel": ("description", "support", "extra", "banners"),
    "peertube_sync_account": ("description", "extra"),
    "peertube_sync_instance": ("config", "about", "stats", "constants"),
}


def test_lists_of_videos_fetch_no_long_texts(mirror: None, get: Get) -> None:
    with CaptureQueriesContext(connection) as queries:
        get("videos", count=100, nsfw="both", sort="-views")
    asked = "".join(query["sql"] for query in queries)
    fetched = [f"{table}.{name}" for table, names in LONG.items() for name in names if f'"{table}"."{name}"' in asked]
    assert fetched == []


def test_constants_and_sums_are_kept_for_a_while(mirror: None, get: Get, django_assert_num_queries: Any) -> None:
    first = get("videos/languages"), get("server/stats")
    with django_assert_num_queries(0):
        assert (get("videos/languages"), get("server/stats")) == first
    assert first[1]["totalLocalVideos"] == Video.objects.listed().count()
