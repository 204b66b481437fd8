"""The rows of the sandbox: what a PeerTube instance knows about its videos, actors and playlists.

Compact on purpose (slots, integers for times and uuids): a catalogue of a million videos fits in
about a gigabyte. Times are milliseconds since the epoch; nothing here is shaped for the wire.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from peertube_sync.testing.words import compose_description


class Privacy(IntEnum):
    """Who may see a video or a playlist, by PeerTube's own numbers."""

    PUBLIC = 1
    UNLISTED = 2
    PRIVATE = 3
    INTERNAL = 4
    PASSWORD = 5


class State(IntEnum):
    """How far a video is on its way to being watchable, by PeerTube's own numbers."""

    PUBLISHED = 1
    TO_TRANSCODE = 2
    WAITING_FOR_LIVE = 4
    LIVE_ENDED = 5


class ElementType(IntEnum):
    """Why a playlist element shows its video or not, by PeerTube's own numbers."""

    REGULAR = 0
    DELETED = 1
    PRIVATE = 2
    UNAVAILABLE = 3


class Image(NamedTuple):
    """One size of an avatar or a banner."""

    width: int
    path: str
    created: int
    updated: int
    height: int


class Picture(NamedTuple):
    """One size of a thumbnail; `path` is an address where an object storage has it."""

    width: int
    height: int
    ratio: str
    path: str


class Caption(NamedTuple):
    """One caption file of a video; an empty path means the default one, a whole address an object storage.

    `m3u8` is the path or address of its HLS playlist, None without one.
    """

    language: str
    updated: int
    automatic: bool = False
    path: str = ""
    m3u8: str | None = None


class Chapter(NamedTuple):
    """One chapter of a video, its start in whole seconds."""

    timecode: int
    title: str


@dataclass(slots=True, eq=False)
class Account:
    """A person's actor. `origin` is empty for a local one, else scheme and host of its home."""

    id: int
    name: str
    display_name: str
    created: int
    updated: int
    description: str | None = None
    origin: str = ""
    user_id: int | None = None
    followers: int = 0
    following: int = 0
    avatars: tuple[Image, ...] = ()


@dataclass(slots=True, eq=False)
class Channel:
    """A channel, owned by one account; it shares its owner's origin."""

    id: int
    name: str
    display_name: str
    owner: Account
    created: int
    updated: int
    description: str | None = None
    support: str | None = None
    public_email: str | None = None
    followers: int = 0
    following: int = 0
    avatars: tuple[Image, ...] = ()
    banners: tuple[Image, ...] = ()

    @property
    def origin(self) -> str:
        """Return the owner's home; empty when local."""
        return self.owner.origin


@dataclass(slots=True, eq=False)
class Video:
    """A video with everything the two shapes of PeerTube tell about it.

    A generated description is composed on demand from `text_seed`; a negative seed means that
    `written` is the description. `media` is the recorded JSON of its files, None when generated. `thumbnails` are
    as recorded; with None they are named after the uuid. `nsfw_flags` are bits, `live_schedules` times. A video that is
    `shared` was announced to other instances, if only once.
    """

    id: int
    number: int
    name: str
    channel: Channel
    created: int
    updated: int
    published: int
    duration: int
    category: int | None = None
    licence: int | None = None
    language: str | None = None
    privacy: int = Privacy.PUBLIC
    state: int = State.PUBLISHED
    nsfw: bool = False
    nsfw_flags: int = 0
    nsfw_summary: str | None = None
    blocked: bool = False
    is_live: bool = False
    views: int = 0
    likes: int = 0
    dislikes: int = 0
    viewers: int = 0
    comments: int = 0
    downloads: int = 0
    originally_published: int | None = None
    aspect_ratio: float | None = 1.7778
    comments_policy: int = 1
    embed_policy: int = 1
    live_schedules: tuple[int, ...] = ()
    download_enabled: bool = True
    wait_transcoding: bool = True
    text_seed: int = -1
    written: str | None = None
    support: str | None = None
    password: str = ""
    tags: tuple[str, ...] = ()
    captions: tuple[Caption, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    thumbnail: str = ""
    preview: str = ""
    thumbnails: tuple[Picture, ...] | None = None
    media: str | None = None
    shared: bool = True
    deleted: bool = False

    @property
    def account(self) -> Account:
        """Return the owner of its channel."""
        return self.channel.owner

    @property
    def is_local(self) -> bool:
        """Tell whether this instance is its home."""
        return not self.channel.owner.origin

    @property
    def listed(self) -> bool:
        """Tell whether anonymous lists show it; an idle live is waiting, so it isn't listed."""
        return self.privacy == Privacy.PUBLIC and self.state == State.PUBLISHED and not self.blocked

    @property
    def federated(self) -> bool:
        """Tell whether this instance lets others know of it; an idle live is known, an unlisted video isn't."""
        told = self.state in (State.PUBLISHED, State.WAITING_FOR_LIVE, State.LIVE_ENDED)
        return told and self.is_local and self.privacy == Privacy.PUBLIC and not self.blocked

    @property
    def internally_listed(self) -> bool:
        """Tell whether it is listed for everybody with an account, and for nobody else."""
        return self.privacy == Privacy.INTERNAL and self.state == State.PUBLISHED and not self.blocked

    @property
    def description(self) -> str | None:
        """Return the full Markdown text, None when there is none."""
        if self.text_seed < 0:
            return self.written
        return compose_description(self.text_seed, self.language)


#: Fields of a `Video` that answers tell as they are, by PeerTube's key: in lists as well as in details.
TOLD_IN_LISTS = {
    "name": "name",
    "nsfw": "nsfw",
    "nsfw_flags": "nsfwFlags",
    "nsfw_summary": "nsfwSummary",
    "duration": "duration",
    "aspect_ratio": "aspectRatio",
    "views": "views",
    "viewers": "viewers",
    "likes": "likes",
    "dislikes": "dislikes",
    "comments": "comments",
    "downloads": "downloads",
    "is_live": "isLive",
}
#: The same, in details alone.
TOLD_IN_DETAILS = {
    "support": "support",
    "blocked": "blacklisted",
    "download_enabled": "downloadEnabled",
    "wait_transcoding": "waitTranscoding",
}


@dataclass(slots=True, eq=False)
class Element:
    """One place in a playlist. `type` speaks only when the video itself is not known."""

    id: int
    position: int
    video: Video | None
    start: int | None = None
    stop: int | None = None
    type: int = ElementType.DELETED


@dataclass(slots=True, eq=False)
class Playlist:
    """A playlist with its elements in order of position.

    An empty `thumbnail` stands for one named after the uuid, None for a playlist without any. `thumbnails` are as
    recorded; with None they are named after the uuid, too. `position` is its place among those of its channel.
    """

    id: int
    number: int
    name: str
    owner: Account
    channel: Channel | None
    created: int
    updated: int
    description: str | None = None
    privacy: int = Privacy.PUBLIC
    type: int = 1
    thumbnail: str | None = ""
    thumbnails: tuple[Picture, ...] | None = None
    position: int | None = None
    elements: list[Element] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Return the owner's home; empty when local."""
        return self.owner.origin


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can log in; `otp` is the one-time password asked for, "" for none."""

    account: Account
    password: str
    otp: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """A pair of tokens; the ends are on the wall clock, in seconds."""

    user: User
    access: str
    refresh: str
    access_ends: float
    refresh_ends: float
