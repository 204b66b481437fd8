"""Recognising what a person pasted: a host, a handle, or any of PeerTube's own addresses.

Forms of the addresses: PeerTube 3.x to 8.x (`/w/…`, `/c/…`, `/a/…`, `/@…`, the older `/videos/watch/…`, feeds,
and ActivityPub ids), with whatever stands behind them: a start time, a thread of comments, a fragment.
"""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from uuid import UUID

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.hosts import normalise_host
from peertube_sync.client.short_uuid import parse_uuid

Kind = Literal["instance", "actor", "channel", "account", "playlist", "video"]
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
"""Characters without width, which come along when a text is copied out of a page or a message."""
LONGEST_TARGET = 2_000
"""Characters of what is pasted."""
OPENING, CLOSING = "<(\"'\u2018\u201c\u201e\u00ab", ">)\"'\u2018\u2019\u201c\u201d\u00bb.,;:!?"
"""What stands around an address in a sentence, and is copied along."""
FRAME = re.compile(r"<iframe\b[^>]*\bsrc=[\"']([^\"'>]+)", re.IGNORECASE)
"""The player that PeerTube offers to be shown on other pages."""
SCHEME = re.compile(r"^(?:acct|mailto):", re.IGNORECASE)
"""How handles begin as addresses."""

PATHS: tuple[tuple[str, Kind], ...] = (
    (
        r"/(?:w/p|videos/watch/playlist|video-playlists/embed|(?:api/v1/)?video-playlists)/(?P<id>[^/;]+)(?:/.*)?",
        "playlist",
    ),
    (r"/(?:w|videos/watch|videos/embed|api/v1/videos)/(?P<id>[^/;]+)(?:/.*)?", "video"),
    (r"/(?:c|(?:api/v1/)?video-channels)/(?P<id>[^/]+)(?:/.*)?", "channel"),
    (r"/(?:a|(?:api/v1/)?accounts)/(?P<id>[^/]+)(?:/.*)?", "account"),
    (r"/@(?P<id>[^/]+)(?:/.*)?", "actor"),
    (r"/?(?:(?:videos|about|p|my-account|my-library|admin)(?:/.*)?|home|search|discover|login|signup)?", "instance"),
    (r"/(?:api/v1(?:/(?:config|videos)(?:/.*)?)?|nodeinfo/.*|\.well-known/nodeinfo)", "instance"),
    (r"/feeds/(?:videos|video-comments)\.\w+", "instance"),
)
FEEDS = re.compile(r"/feeds/(?:podcast/)?(?:videos|video-comments)\.\w+")
FEEDS_OF: dict[str, Kind] = {"videoChannelName": "channel", "accountName": "account", "videoId": "video"}
"""What a feed is of, by the parameter that names it."""
FEEDS_BY_NUMBER = {"videoChannelId": "channel", "accountId": "account"}
SECONDS = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,7})(?:\.\d*)?s?)?", re.IGNORECASE)
CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,6}):(\d{1,7})(?:\.\d*)?")


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
    plain = _as_typed(text)
    if "://" in plain:
        return _from_url(plain)
    if "@" in plain and "/" not in plain.rstrip("/"):
        name, _, host = plain.rstrip("/").lstrip("@!").rpartition("@")
        if not name or "@" in name:
            raise _not_understood(text)
        return Target(kind="actor", host=normalise_host(host), name=name.strip())
    if "/" in plain.rstrip("/"):
        return _from_url(f"https://{plain}", scheme=None)
    return Target(kind="instance", host=normalise_host(plain.rstrip("/")))


def video_of(text: str) -> tuple[UUID, int]:
    """Return the uuid of the video that `text` names, and the second from which it is to play.

    It is a uuid in either form, or any address with one in its path: PeerTube's own, or of a site like ours; the last
    one counts. Raises InvalidTarget.
    """
    parts = _split(_as_typed(text))
    query = parse_qs(parts.query)
    start = seconds_of((query.get("start") or query.get("t") or [""])[0])
    names = [name.partition(";")[0].strip() for name in unquote(parts.path).split("/")]
    for name in reversed(names):
        with suppress(InvalidTarget):
            return parse_uuid(name), start
    raise _not_understood(text)


def seconds_of(text: str) -> int:
    """Return the seconds of a start time as PeerTube writes it: `1h2m3s`, `62s` or `62`; 0 for anything else.

    `1:02` is what a clock shows.
    """
    text = text.strip()
    match = (SECONDS.fullmatch(text) or CLOCK.fullmatch(text)) if text.isascii() else None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return 3600 * hours + 60 * minutes + seconds


def _as_typed(text: str) -> str:
    """Return what somebody pasted as it is typed: no full-width letters, nothing around it, of a player its address."""
    if len(text) > LONGEST_TARGET:
        message = f"{text[:50]!r}… is too long: what names something has at most {LONGEST_TARGET:,} characters"
        raise InvalidTarget(message)
    if frame := FRAME.search(text):
        text = frame[1]
    plain = unicodedata.normalize("NFKC", text.translate(UNSEEN)).strip().lstrip(OPENING).rstrip(CLOSING)
    plain = SCHEME.sub("", plain, count=1).removeprefix("//").replace("&amp;", "&")
    return unquote(plain) if "%40" in plain and "/" not in plain else plain


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError as error:
        raise _not_understood(text) from error


def _from_url(text: str, scheme: str | None = "") -> Target:
    parts = _split(text)
    if parts.scheme not in {"http", "https"}:
        raise _not_understood(text)
    scheme = parts.scheme if scheme == "" else scheme
    host, path = normalise_host(parts.netloc, parts.scheme), unquote(parts.path).partition(";")[0].rstrip("/")
    path = re.sub("/{2,}", "/", path)
    if FEEDS.fullmatch(path) and (found := _of_feed(parts, host, scheme)):
        return found
    for pattern, kind in PATHS:
        if match := re.fullmatch(pattern, path):
            return _target(kind, host, match.groupdict().get("id") or "", scheme)
    raise _not_understood(text)


def _of_feed(parts: SplitResult, host: str, scheme: str | None) -> Target | None:
    """Return what a feed is of, None where that is the whole instance."""
    query = parse_qs(parts.query)
    for parameter, kind in FEEDS_OF.items():
        if parameter in query:
            return _target(kind, host, query[parameter][0], scheme)
    for parameter, what in FEEDS_BY_NUMBER.items():
        if parameter in query:
            message = (
                f"This feed names its {what} by a number ({parameter}={query[parameter][0]}), which only {host} knows;"
                f" give the address of the {what}, like https://{host}/{what[0]}/name"
            )
            raise InvalidTarget(message)
    return None


def _target(kind: Kind, host: str, name: str, scheme: str | None) -> Target:
    """Send `name@home` to its home: only the home instance is mirrored."""
    if kind in {"video", "playlist"}:
        return Target(kind=kind, host=host, name=str(parse_uuid(name)), scheme=scheme)
    name, _, home = name.partition("@")
    if home and normalise_host(home) != host:
        return Target(kind=kind, host=normalise_host(home), name=name)
    return Target(kind=kind, host=host, name=name, scheme=scheme)


def _not_understood(text: str) -> InvalidTarget:
    return InvalidTarget(
        f"{text!r} is not understood; give a host (video.example), a handle (name@video.example) "
        "or the address of an instance, channel, account, playlist or video"
    )
