"""What an answer costs the database: queries that don't grow with the rows, and no long texts in lists."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peertube_sync.ingest.answers import write_answers
from peertube_sync.models import Curation, Playlist, Source, Video
from tests.support.catalogue import HOST
from tests.support.users import somebody

Ask = Callable[..., Any]

REVISION = 1
"""Reading of which state of the catalogue an answer is, where it may be kept."""
MADE_EACH_TIME = ("instances", "categories", "languages", "licences", "tags", "suggest", "videos/{video}/related")
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
    "categories/": 2,
    "languages/": 2,
    "licences/": 2,
    "tags/": 2,
    "suggest/": 0,  # as nothing is typed; `test_suggest.py` has more
    "videos/{video}/captions/": 2,
    "videos/{video}/chapters/": 2,
    "videos/{video}/related/": 6,  # the video, its facts, what it says, how often, who else does, the rows
}
SINGLE = {
    f"instances/{HOST}/": 1,
    f"accounts/alice@{HOST}/": 1,
    f"channels/cooking@{HOST}/": 1,
    "playlists/{playlist}/": 1,
    "videos/{video}/": 1,
}
LOGIN = 4
"""Queries for who is asking: session, user, permissions of the user and of groups."""
STAFF = {"sources/": 1, "sources/{source}/": 1, "curations/": 1, "videos/{video}/curation/": 1}
"""Queries besides those."""


@pytest.fixture(autouse=True)
def asked_for_json(full: Video) -> bool:
    """Let Django find out once what SQLite can, which costs queries of its own; make all parts."""
    write_answers()
    return bool(connection.features.supports_json_field)


def address(path: str, full: Video) -> str:
    playlist = Playlist.objects.get(display_name="Best of cooking")
    return path.format(video=full.uuid, playlist=playlist.uuid, source=getattr(full.instance.sources.first(), "pk", 0))


@pytest.mark.parametrize(("path", "number"), [*LISTS.items(), *SINGLE.items()])
def test_an_answer_costs_so_many_queries(
    ask: Ask, full: Video, django_assert_num_queries: Any, path: str, number: int
) -> None:
    kept = 0 if path.startswith(MADE_EACH_TIME) else REVISION
    path = address(path, full)
    with django_assert_num_queries(kept + number):
        assert ask(path)


@pytest.mark.parametrize(("path", "number"), STAFF.items())
def test_an_answer_for_staff_costs_so_many_queries(
    full: Video, django_assert_num_queries: Any, path: str, number: int
) -> None:
    Source.objects.get_or_create(instance=full.instance)
    Curation.objects.decide([full], featured=True)
    client, path = somebody("view_source", "view_curation"), address(path, full)
    with django_assert_num_queries(LOGIN + number):
        assert client.get(f"/api/{path}").status_code == 200


def test_the_costs_of_all_answers_are_known(ask: Ask, full: Video) -> None:
    described = Client().get("/api/schema/?format=json").json()["paths"]
    shapes = {re.sub(r"{\w+}", "{}", path.removeprefix("/api/")) for path, one in described.items() if "get" in one}
    counted = {re.sub(r"{\w+}|[\w]+@[^/]+|localhost:9000", "{}", path) for path in {**LISTS, **SINGLE, **STAFF}}
    assert shapes == counted


def test_what_belongs_to_a_video_is_only_fetched_where_it_is_wanted(ask: Ask, full: Video) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert ask(f"videos/{full.uuid}/", fields="name,support") == {"name": full.name, "support": full.support}
    assert len(queries) == REVISION + 1
    assert not re.search("caption|chapter|tag|files", queries[-1]["sql"])


def test_featured_first_costs_one_query_more(ask: Ask, django_assert_num_queries: Any, full: Video) -> None:
    with django_assert_num_queries(REVISION + 2):
        ask("videos/", ordering="featured")


def test_of_filters_only_tags_cost_a_query_more(ask: Ask, full: Video, django_assert_num_queries: Any) -> None:
    query = {
        "instance": HOST,
        "channel": full.channel.handle,
        "account": full.account.handle,
        "playlist": Playlist.objects.all()[0].uuid,
    }
    with django_assert_num_queries(REVISION + 1):
        ask("videos/", **query)
    tag = full.tags.all()[0].name
    with django_assert_num_queries(REVISION + 2):
        ask("videos/", tag=tag)


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
