"""Other versions' shapes: the 6.3 answers, dressed up or down as another release would send them.

Only what a reader of catalogues meets: renamed, added and dropped keys of videos, actors, captions
and pictures between 3.x and 8.2. Sizes in 8.2's `thumbnails` are the sandbox's own.
"""

from __future__ import annotations

from typing import Any

import msgspec

from peertube_sync.testing.answers import JSON_TYPE, Request
from peertube_sync.testing.render import truncate

JSON = dict[str, Any]
Release = tuple[int, ...]

UNCHANGED = (6, 2), (7,)

#: Keys of a video and the release that brought them.
BORN: dict[str, Release] = {
    "shortUUID": (3, 3),
    "viewers": (4, 2),
    "truncatedDescription": (5,),
    "inputFileUpdatedAt": (6,),
    "aspectRatio": (6, 1),
    "commentsPolicy": (6, 2),
}
#: Keys of a video and the first release without them.
GONE: dict[str, Release] = {
    "descriptionPath": (7,),
    "commentsEnabled": (8,),
    "thumbnailPath": (8, 2),
    "previewPath": (8, 2),
}
ADDED: dict[str, tuple[Release, Any]] = {
    "comments": ((7, 2), 0),
    "nsfwFlags": ((7, 2), 0),
    "nsfwSummary": ((7, 2), None),
    "downloads": ((8, 2), 0),
}


def at_version(body: bytes, content_type: str, request: Request) -> bytes:
    """Return a body of 6.3 in the shapes of the request's version."""
    first, beyond = UNCHANGED
    if first <= request.release < beyond or content_type != JSON_TYPE or not body:
        return body
    data = msgspec.json.decode(body)
    _walk(data, request.release, f"http://{request.host}")
    return msgspec.json.encode(data)


def _walk(node: Any, release: Release, home: str) -> None:
    if isinstance(node, list):
        for child in node:
            _walk(child, release, home)
    elif isinstance(node, dict):
        for child in list(node.values()):
            _walk(child, release, home)
        _dress(node, release, home)


def _dress(node: JSON, release: Release, home: str) -> None:
    if "thumbnailPath" in node:
        _dress_thumbnails(node, release, home)
    if "uuid" in node:
        _dress_keys(node, release)
    if "avatars" in node and "name" in node:
        _dress_pictures(node, release)
    if "width" in node and "path" in node and release >= (7, 1):
        node["fileUrl"] = home + node["path"]
    if "captionPath" in node:
        _dress_caption(node, release, home)


def _dress_thumbnails(node: JSON, release: Release, home: str) -> None:
    if release >= (8, 1):
        url = home + node["thumbnailPath"]
        size = {"width": 280, "height": 157, "aspectRatio": "16:9", "fileUrl": url}
        node["thumbnails"] = [size]


def _dress_keys(node: JSON, release: Release) -> None:
    if release < (5,) and "truncatedDescription" in node:
        # Before there was a second field, details had the cut text too.
        node["description"] = truncate(node["description"])
    if "embedPath" in node and "duration" in node:
        node |= {key: value for key, (since, value) in ADDED.items() if release >= since}
    late = [key for key, since in BORN.items() if release < since]
    for key in late + [key for key, until in GONE.items() if release >= until]:
        node.pop(key, None)


def _dress_pictures(node: JSON, release: Release) -> None:
    for many, single in (("avatars", "avatar"), ("banners", "banner")):
        if many in node and release < (6,):
            node[single] = node[many][0] if node[many] else None
        if many in node and release < (4, 2):
            del node[many]


def _dress_caption(node: JSON, release: Release, home: str) -> None:
    path = node["captionPath"]
    if release >= (7, 1):
        node["fileUrl"] = path if "://" in path else home + path  # in an object storage, or here
    if release >= (8,):
        node["m3u8Url"] = None
    if release < (6, 2):
        node.pop("automaticallyGenerated")
    if release < (5,):
        node.pop("updatedAt")
