"""The sandbox against recorded answers of PeerTube 6.3.0."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.testing.conftest import RECORDINGS, ask
from tests.worlds import WORLDS

#: Recordings whose question the trimmed world can answer with the same words.
SAME = (
    "account.alice",
    "account.remote",
    "account.unknown",
    "api.unknown-path",
    "config",
    "config-about",
    "json.unknown-path",
    "nodeinfo-2.0",
    "ping",
    "static.thumbnail-unknown",
    "video-channel.cooking",
    "video-channel.remote",
    "video-channel.unknown",
    "video-channel.upper-case",
    "video-playlist.unknown",
    "video.by-short-uuid",
    "video.captions",
    "video.captions.none",
    "video.chapters",
    "video.description",
    "video.malformed-id",
    "video.malformed-short",
    "video.nsfw",
    "video.public_full",
    "video.unknown-uuid",
    "videos-list.count-text-error",
    "videos-list.count101-error",
    "videos-list.filter.category-comma-error",
    "videos-list.filter.excludeAlreadyWatched-no-token",
    "videos-list.filter.include-no-token",
    "videos-list.filter.nsfw-bad-error",
    "videos-list.sort-empty",
    "videos-list.sort-two-values",
    "videos-list.sort.id",
    "videos-list.start-negative-error",
    "videos-list.token.bad-token",
    "video-channels.list-sort-bad",
    "videos-privacies",
    "wellknown-nodeinfo",
)
#: Recordings of questions that depend on the whole catalogue: the same keys and types.
ALIKE = (
    "accounts.list",
    "search-videos.uuids",
    "server-stats",
    "video-channels.list",
    "video-playlist.public",
    "video-playlist.public.by-short",
    "video-playlist.public.videos",
    "video-playlists.list",
    "videos-list.default",
    "videos-list.skipCount",
)
#: Refusals for videos that only a generated world has: recording, kind of video, path below it.
REFUSED = (
    ("video.private.anonymous", "private", ""),
    ("video.captions.private-anon", "private", "/captions"),
    ("video.password.anonymous", "password", ""),
    ("video.password.header-wrong", "password", ""),
    ("video.captions.password-anon", "password", "/captions"),
    ("video.blacklisted.anonymous", "blocked", ""),
)


def recording(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return found


def ordered(node: Any) -> Any:
    """Put pictures in the order of their paths: PeerTube gives them in any order."""
    if isinstance(node, dict):
        return {key: ordered(value) for key, value in node.items()}
    if isinstance(node, list):
        rows = [ordered(value) for value in node]
        return sorted(rows, key=lambda row: row["path"]) if is_pictures(rows) else rows
    return node


def is_pictures(rows: list[Any]) -> bool:
    return bool(rows) and isinstance(rows[0], dict) and "path" in rows[0]


def shape(node: Any) -> Any:
    """Reduce an answer to its keys and types; rows of a list are one shape, null fits anything."""
    if isinstance(node, dict):
        return {key: shape(value) for key, value in node.items()}
    if isinstance(node, list):
        merged: Any = None
        for value in node:
            merged = merge(merged, shape(value))
        return [merged]
    return None if node is None else "number" if type(node) in (int, float) else type(node).__name__


def merge(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merge(one.get(key), other.get(key)) for key in one | other}
    if isinstance(one, list) and isinstance(other, list):
        return [merge(one[0], other[0])]
    return one if other is None else other


def differences(expected: Any, given: Any, path: str = "") -> list[str]:
    """Name every place where two shapes cannot be the same."""
    if expected is None or given is None:
        return []
    if isinstance(expected, dict) and isinstance(given, dict):
        missing = [f"{path}.{key} in one only" for key in expected.keys() ^ given.keys()]
        common = expected.keys() & given.keys()
        return missing + [d for key in common for d in differences(expected[key], given[key], f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(given, list):
        return differences(expected[0], given[0], f"{path}[]")
    return [] if expected == given else [f"{path}: {expected} and {given}"]


@pytest.mark.parametrize("name", SAME)
def test_answers_with_the_recorded_words(tiny: Sandbox, name: str) -> None:
    expected = recording(name)
    reply = ask(tiny, expected["request"]["target"], headers=headers_of(expected))
    assert reply.status == expected["status"]
    assert reply.headers.get("content-type") == expected["headers"].get("content-type")
    assert "x-ratelimit-limit" in expected["headers"] or "x-ratelimit-limit" not in reply.headers
    if expected.get("body") is not None:
        assert ordered(reply.data) == ordered(expected["body"])
    else:
        assert reply.body.decode() == expected.get("text", "")


@pytest.mark.parametrize("name", ALIKE)
def test_answers_with_the_recorded_keys_and_types(tiny: Sandbox, name: str) -> None:
    expected = recording(name)
    target = expected["request"]["target"]
    reply = ask(tiny, target.replace("count=", "was="))
    assert reply.status == expected["status"]
    assert differences(shape(expected["body"]), shape(reply.data)) == []


@pytest.mark.parametrize(("name", "kind", "below"), REFUSED)
def test_refuses_hidden_videos_with_the_recorded_words(sandbox: Sandbox, name: str, kind: str, below: str) -> None:
    expected = recording(name)
    uuid = sandbox.catalogue.local_videos()[0]["uuid"]
    sandbox.catalogue.block(uuid) if kind == "blocked" else sandbox.catalogue.hide(uuid, kind)  # type: ignore[arg-type]
    reply = ask(sandbox, f"/api/v1/videos/{uuid}{below}", headers=headers_of(expected))
    assert (reply.status, reply.data) == (expected["status"], expected["body"])


def test_refuses_too_many_requests_with_the_recorded_words() -> None:
    expected = recording("ratelimit.429")
    with Sandbox(Catalogue.generate(videos=1), limit=1) as sandbox:
        ask(sandbox, "/api/v1/videos")
        reply = ask(sandbox, "/api/v1/videos")
    assert reply.status == 429
    assert reply.headers["content-type"] == expected["headers"]["content-type"]
    assert 1 <= int(reply.headers["retry-after"]) <= 10
    assert reply.body.decode() == expected["text"]


@pytest.mark.parametrize("path", WORLDS)
def test_replays_a_recorded_world_without_a_difference(path: Path) -> None:
    world = json.loads(gzip.decompress(path.read_bytes()))
    with Sandbox(Catalogue.load(path), limit=None, host_name="localhost:9000") as sandbox:
        renderer = sandbox.catalogue.renderer("localhost:9000")
        listed = {item["uuid"]: item for start in range(0, 600, 100) for item in page(sandbox, start)}
        assert ordered(listed) == ordered({item["uuid"]: item for item in world["list"]})
        for uuid, details in world["details"].items():
            video = sandbox.catalogue.video(uuid)
            assert ordered(renderer.video_details(video)) == ordered(details)
            assert renderer.captions(video) == world["captions"][uuid]
            assert renderer.chapters(video) == world["chapters"][uuid]
        for channel in world["channels"]:
            reply = ask(sandbox, f"/api/v1/video-channels/{channel['name']}@{channel['host']}")
            assert ordered(reply.data) == ordered(channel)
        for account in world["accounts"]:
            reply = ask(sandbox, f"/api/v1/accounts/{account['name']}@{account['host']}")
            assert ordered(reply.data) == ordered(account)
        for playlist in world["playlists"]:
            target = f"/api/v1/video-playlists/{playlist['uuid']}"
            assert ordered(ask(sandbox, target).data) == ordered(playlist)
            elements = ask(sandbox, f"{target}/videos", count=100).data["data"]
            assert ordered(elements) == ordered(world["elements"][playlist["uuid"]])


def page(sandbox: Sandbox, start: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ask(
        sandbox, "/api/v1/videos", start=start, count=100, nsfw="both", sort="createdAt"
    ).data["data"]
    return rows


def headers_of(expected: dict[str, Any]) -> dict[str, str]:
    return {"Accept": "application/json"} | expected["request"].get("headers", {})


def test_puts_its_own_host_into_a_recorded_world() -> None:
    with Sandbox(Catalogue.load(RECORDINGS / "world-tiny.json.gz"), limit=None) as sandbox:
        uuid = sandbox.catalogue.local_videos()[0]["uuid"]
        bodies = [
            ask(sandbox, target).body
            for target in ("/api/v1/videos?count=100", f"/api/v1/videos/{uuid}", "/.well-known/nodeinfo")
        ]
        assert not any(b"localhost:9000" in body or b"localhost%3A9000" in body for body in bodies)
        assert all(sandbox.host.encode() in body for body in bodies)
