"""The sandbox against recorded answers of PeerTube 6.3.0 and 8.2.1."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.support.recorded import ALIKE, REFUSED, SAME, WORLDS_OF, differences, headers_of, ordered, recording, shape
from tests.support.worlds import WORLDS
from tests.testing.asking import ask

HOST = "localhost:9000"
#: Lists of which a generated catalogue has every variety.
LISTS = (
    ("accounts.list", "/api/v1/accounts"),
    ("video-channels.list", "/api/v1/video-channels"),
    ("video-playlists.list", "/api/v1/video-playlists"),
    ("videos-list.default", "/api/v1/videos"),
)
Tinies = Mapping[str, Sandbox]


def by_version(table: Mapping[str, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the rows of a table as arguments, each after its version."""
    rows = [(version, row) for version, rows in table.items() for row in rows]
    return [(version, *(row if isinstance(row, tuple) else (row,))) for version, row in rows]


@pytest.fixture(scope="module")
def tinies() -> Iterator[Tinies]:
    """Serve the trimmed recorded worlds under their own name; nobody changes them."""
    with ExitStack() as stack:
        yield {
            version: stack.enter_context(Sandbox(Catalogue.load(path), limit=None, host_name=HOST))
            for version, path in WORLDS_OF.items()
        }


@pytest.mark.parametrize(("version", "name"), by_version(SAME))
def test_answers_with_the_recorded_words(tinies: Tinies, version: str, name: str) -> None:
    expected = recording(version, name)
    reply = ask(tinies[version], expected["request"]["target"], headers=headers_of(expected))
    assert reply.status == expected["status"]
    assert reply.headers.get("content-type") == expected["headers"].get("content-type")
    assert "x-ratelimit-limit" in expected["headers"] or "x-ratelimit-limit" not in reply.headers
    if expected.get("body") is not None:
        assert ordered(reply.data) == ordered(expected["body"])
    else:
        assert reply.body.decode() == expected.get("text", "")


@pytest.mark.parametrize(("version", "name"), by_version(ALIKE))
def test_answers_with_the_recorded_keys_and_types(tinies: Tinies, version: str, name: str) -> None:
    expected = recording(version, name)
    target = expected["request"]["target"]
    reply = ask(tinies[version], target.replace("count=", "was="))
    assert reply.status == expected["status"]
    assert differences(shape(expected["body"]), shape(reply.data)) == []


@pytest.mark.parametrize("version", SAME)
@pytest.mark.parametrize(("name", "target"), LISTS)
def test_generated_rows_have_the_recorded_keys_and_types(version: str, name: str, target: str) -> None:
    with Sandbox(Catalogue.generate(videos=80, seed=3), limit=None, version=version) as sandbox:
        rows = ask(sandbox, target, count=100).data["data"]
    assert differences(shape(recording(version, name)["body"]["data"]), shape(rows)) == []


@pytest.mark.parametrize(("name", "target"), [("video.remote", "videos"), ("video-channel.remote", "video-channels")])
def test_generated_rows_of_other_instances_have_the_recorded_keys_and_types(name: str, target: str) -> None:
    with Sandbox(Catalogue.generate(videos=80, seed=3), limit=None, version="8.2.1") as sandbox:
        rows = ask(sandbox, f"/api/v1/{target}", count=100, nsfw="both").data["data"]
        remote = next(row for row in rows if not row["isLocal"])
        handle = remote.get("uuid") or f"{remote['name']}@{remote['host']}"
        given = ask(sandbox, f"/api/v1/{target}/{handle}").data
    assert differences(shape(recording("8.2.1", name)["body"]), shape(given)) == []


def test_an_idle_live_has_the_recorded_keys_and_types(catalogue: Catalogue) -> None:
    uuid = catalogue.add_video()
    catalogue.start_live(uuid)
    catalogue.stop_live(uuid)
    expected = recording("8.2.1", "video.live_waiting")["body"]
    with Sandbox(catalogue, limit=None, version="8.2.1") as sandbox:
        given = ask(sandbox, f"/api/v1/videos/{uuid}").data
    assert differences(shape(expected), shape(given)) == []
    assert (given["state"], given["files"]) == (expected["state"], expected["files"])


@pytest.mark.parametrize(("version", "name", "kind", "below"), by_version(REFUSED))
def test_refuses_hidden_videos_with_the_recorded_words(
    catalogue: Catalogue, version: str, name: str, kind: str, below: str
) -> None:
    expected = recording(version, name)
    uuid = catalogue.local_videos()[0]["uuid"]
    catalogue.block(uuid) if kind == "blocked" else catalogue.hide(uuid, kind)  # type: ignore[arg-type]
    with Sandbox(catalogue, limit=None, version=version) as sandbox:
        reply = ask(sandbox, f"/api/v1/videos/{uuid}{below}", headers=headers_of(expected))
    assert (reply.status, reply.data) == (expected["status"], expected["body"])


@pytest.mark.parametrize("below", ["", "/videos"])
def test_refuses_private_playlists_with_the_recorded_words(catalogue: Catalogue, below: str) -> None:
    uuid = catalogue.add_playlist([], privacy=3)
    expected = recording("8.2.1", f"video-playlist.private{below.replace('/', '.')}")
    with Sandbox(catalogue, limit=None, version="8.2.1") as sandbox:
        reply = ask(sandbox, f"/api/v1/video-playlists/{uuid}{below}")
    assert (reply.status, reply.data) == (expected["status"], expected["body"])


@pytest.mark.parametrize("version", SAME)
def test_refuses_too_many_requests_with_the_recorded_words(version: str) -> None:
    expected = recording(version, "ratelimit.429")
    with Sandbox(Catalogue.generate(videos=1), limit=1, version=version) as sandbox:
        ask(sandbox, "/api/v1/videos")
        reply = ask(sandbox, "/api/v1/videos")
    assert reply.status == 429
    assert reply.headers["content-type"] == expected["headers"]["content-type"]
    assert 1 <= int(reply.headers["retry-after"]) <= 10
    assert reply.body.decode() == expected["text"]


@pytest.mark.parametrize("path", WORLDS)
def test_replays_a_recorded_world_without_a_difference(path: Path) -> None:
    world = json.loads(gzip.decompress(path.read_bytes()))
    with Sandbox(Catalogue.load(path), limit=None, host_name=HOST) as sandbox:
        assert ask(sandbox, "/api/v1/config").data == world["config"]
        listed = rows_of(sandbox, "/api/v1/videos", nsfw="both", sort="createdAt")
        assert by(listed, "uuid") == by(world["list"], "uuid")
        for uuid, details in world["details"].items():
            assert ordered(ask(sandbox, f"/api/v1/videos/{uuid}").data) == ordered(details)
            assert ask(sandbox, f"/api/v1/videos/{uuid}/captions").data == world["captions"][uuid]
            assert ask(sandbox, f"/api/v1/videos/{uuid}/chapters").data == world["chapters"][uuid]
        assert_actors_are_replayed(sandbox, world)
        public = [one for one in world["playlists"] if one["privacy"]["id"] == 1]
        assert by(rows_of(sandbox, "/api/v1/video-playlists"), "uuid") == by(public, "uuid")
        for playlist in world["playlists"]:
            target = f"/api/v1/video-playlists/{playlist['uuid']}"
            assert ordered(ask(sandbox, target).data) == ordered(playlist)
            assert ordered(rows_of(sandbox, f"{target}/videos")) == ordered(world["elements"][playlist["uuid"]])


def assert_actors_are_replayed(sandbox: Sandbox, world: dict[str, Any]) -> None:
    """Compare single answers, and lists; 6.3 shows the same in both."""
    for kind, listed in (("video-channels", "channel-list"), ("accounts", "accounts")):
        single = world["channels"] if kind == "video-channels" else world["accounts"]
        rows = by(rows_of(sandbox, f"/api/v1/{kind}"), "url")
        for url, row in by(world.get(listed, single), "url").items():
            assert rows[url] == row
        for row in single:
            assert ordered(ask(sandbox, f"/api/v1/{kind}/{row['name']}@{row['host']}").data) == ordered(row)


def by(rows: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return {row[key]: ordered(row) for row in rows}


def rows_of(sandbox: Sandbox, target: str, **query: str) -> list[dict[str, Any]]:
    """Return the rows of a whole list."""
    rows: list[dict[str, Any]] = []
    while page := ask(sandbox, target, start=len(rows), count=100, **query).data["data"]:
        rows += page
    return rows


@pytest.mark.parametrize("version", SAME)
def test_puts_its_own_host_into_a_recorded_world(version: str) -> None:
    with Sandbox(Catalogue.load(WORLDS_OF[version]), limit=None) as sandbox:
        uuid = sandbox.catalogue.local_videos()[0]["uuid"]
        bodies = [
            ask(sandbox, target).body
            for target in ("/api/v1/videos?count=100", f"/api/v1/videos/{uuid}", "/.well-known/nodeinfo")
        ]
        assert not any(b"localhost:9000" in body or b"localhost%3A9000" in body for body in bodies)
        assert all(sandbox.host.encode() in body for body in bodies)
