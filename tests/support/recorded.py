"""Recorded answers of both versions, and two ways to compare with them: the same words, or the same keys and types."""

import json
from typing import Any

from tests.support.paths import RECORDINGS

FOLDERS = {"6.3.0": RECORDINGS, "8.2.1": RECORDINGS / "8.2"}
WORLDS_OF = {"6.3.0": RECORDINGS / "world-tiny.json.gz", "8.2.1": RECORDINGS / "world-8.2-tiny.json.gz"}

#: Recordings whose question the trimmed world can answer with the same words.
SAME = {
    "6.3.0": (
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
    ),
    "8.2.1": (
        "account.alice",
        "account.unknown",
        "account.videos",
        "account.video-playlists",
        "api.unknown-path",
        "config-about",
        "json.unknown-path",
        "ping",
        "search-video-channels",
        "search-videos",
        "search-videos.count101",
        "search-videos.none",
        "server-following",
        "users-me.no-token",
        "video-channel.cooking",
        "video-channel.playlists",
        "video-channel.unknown",
        "video-channel.videos",
        "video-playlist.public",
        "video.by-numeric-id",
        "video.by-short-uuid",
        "video.captions",
        "video.captions.none",
        "video.chapters",
        "video.chapters.none",
        "video.description",
        "video.malformed-400",
        "video.nsfw",
        "video.public_full",
        "video.unknown-404",
        "videos-categories",
        "videos-licences",
        "videos-list.count101-error",
        "videos-list.include-error",
        "videos-list.isLive",
        "videos-list.sort-bad",
        "videos-privacies",
        "wellknown-nodeinfo",
    ),
}
#: Recordings of questions that depend on the whole catalogue: the same keys and types.
ALIKE = {
    "6.3.0": (
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
    ),
    "8.2.1": (
        "account.video-channels",
        "accounts.list",
        "config",
        "nodeinfo",
        "search-video-playlists",
        "server-stats",
        "video-channels.list",
        "video-playlist.public.videos",
        "video-playlists.list",
        "videos-list.default",
        "videos-list.nsfw-true",
        "videos-list.nsfwFlags",
        "videos-list.skipCount",
        "videos-list.tags",
    ),
}
#: Refusals for videos that only a generated world has: recording, kind of video, path below it.
REFUSED = {
    "6.3.0": (
        ("video.private.anonymous", "private", ""),
        ("video.captions.private-anon", "private", "/captions"),
        ("video.password.anonymous", "password", ""),
        ("video.password.header-wrong", "password", ""),
        ("video.captions.password-anon", "password", "/captions"),
        ("video.blacklisted.anonymous", "blocked", ""),
    ),
    "8.2.1": (
        ("video.private", "private", ""),
        ("video.captions.private", "private", "/captions"),
        ("video.internal", "internal", ""),
        ("video.password", "password", ""),
        ("video.blacklisted", "blocked", ""),
    ),
}


PICTURES = frozenset({"avatars", "banners", "thumbnails"})


def recording(version: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDERS[version] / f"{name}.json").read_text())
    return found


def headers_of(expected: dict[str, Any]) -> dict[str, str]:
    return {"Accept": "application/json"} | expected["request"].get("headers", {})


def ordered(node: Any) -> Any:
    """Put pictures in the order of their addresses: PeerTube gives them in any order."""
    if isinstance(node, dict):
        return {key: sorted(value, key=address) if key in PICTURES else ordered(value) for key, value in node.items()}
    return [ordered(value) for value in node] if isinstance(node, list) else node


def address(picture: dict[str, Any]) -> str:
    return str(picture.get("path") or picture["fileUrl"])


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
