"""Recognising what a person pasted: a host, a handle, or any of PeerTube's own addresses.

Forms of the addresses: PeerTube 3.x to 8.x (`/w/…`, `/c/…`, `/a/…`, `/@…`, the older `/videos/watch/…`,
and ActivityPub ids).
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.hosts import normalise_host
from peertube_sync.client.short_uuid import parse_uuid

Kind = Literal["instance", "actor", "channel", "account", "playlist", "video"]

PATHS: tuple[tuple[str, Kind], ...] = (
    (r"/(?:w/p|videos/watch/playlist|video-playlists/embed|(?:api/v1/)?video-playlists)/(?P<id>[^/;]+)", "playlist"),
    (r"/(?:w|videos/watch|videos/embed|api/v1/videos)/(?P<id>[^/;]+)", "video"),
    (r"/(?:c|(?:api/v1/)?video-channels)/(?P<id>[^/]+)(?:/.*)?", "channel"),
    (r"/(?:a|(?:api/v1/)?accounts)/(?P<id>[^/]+)(?:/.*)?", "account"),
    (r"/@(?P<id>[^/]+)(?:/.*)?", "actor"),
    (r"/?(?:videos/.*|home|about/.*)?", "instance"),
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a text names: `kind`, the home `host`, and `name` (handle without host, or uuid).

    `kind` "actor" is a channel or an account: they share one namespace per host, only the server knows.
    `scheme` is None where the text had none.
    """

    kind: Kind
    host: str
    name: str = ""
    scheme: str | None = None


def recognise(text: str) -> Target:
    """Return the Target that `text` names.

    Raises InvalidTarget, saying which forms are understood, when it names none.
    """
    text = text.strip()
    if "://" in text:
        return _from_url(text)
    if "@" in text and "/" not in text:
        name, _, host = text.removeprefix("@").rpartition("@")
        if not name or "@" in name:
            raise _unknown(text)
        return Target(kind="actor", host=normalise_host(host), name=name)
    if "/" in text.rstrip("/"):
        return _from_url(f"https://{text}", scheme=None)
    return Target(kind="instance", host=normalise_host(text.rstrip("/")))


def _from_url(text: str, scheme: str | None = "") -> Target:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"}:
        raise _unknown(text)
    scheme = parts.scheme if scheme == "" else scheme
    host = normalise_host(parts.netloc, parts.scheme)
    for pattern, kind in PATHS:
        if match := re.fullmatch(pattern, parts.path.rstrip("/")):
            return _target(kind, host, match.groupdict().get("id") or "", scheme)
    raise _unknown(text)


def _target(kind: Kind, host: str, name: str, scheme: str | None) -> Target:
    """Send `name@home` to its home: only the home instance is mirrored."""
    if kind in {"video", "playlist"}:
        return Target(kind=kind, host=host, name=str(parse_uuid(name)), scheme=scheme)
    name, _, home = name.partition("@")
    if home and normalise_host(home) != host:
        return Target(kind=kind, host=normalise_host(home), name=name)
    return Target(kind=kind, host=host, name=name, scheme=scheme)


def _unknown(text: str) -> InvalidTarget:
    return InvalidTarget(
        f"{text!r} is not understood; give a host (video.example), a handle (name@video.example) "
        "or the address of an instance, channel, account, playlist or video"
    )
