"""PeerTube's answers, parsed: the only module that knows its camelCase on the way in.

Shapes of PeerTube 3.x to 8.2. A field that a version doesn't have is `UNSET`, which is not the same as null: its column
is left alone. A field that can't be read becomes `UNSET` too (see `lenient`). List items and details are two types, and
so are the summary of an account and an account in full. What a type doesn't declare is kept in `extra`, in snake_case,
where the type has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, cast
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from peertube_sync.client.sanitise import one_line, one_line_if_text, require_storable, require_usable_years

Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Code = Annotated[str, Meta(max_length=100)]
Handle = Annotated[str, Meta(pattern=r"\A(?!\.+\Z)[^\s/\\?#@]{1,200}\Z")]
"""The name of an account or channel without its host, as it stands in addresses."""
Time = Annotated[datetime, Meta(tz=True)]
Json = dict[str, Any]


@dataclass(frozen=True)
class OddField:
    """A field that can't be read: why, and its value as JSON."""

    reason: str
    raw: str


class Remote(msgspec.Struct, rename="camel", dict=True):
    """Base of every parsed answer.

    `needed` are the fields without which the whole can't be read. `safe` maps fields in which a wrong guess would do
    harm to the value that an unreadable one is replaced by. An unreadable value of any other field becomes `UNSET`.
    """

    needed: ClassVar[frozenset[str]] = frozenset()
    safe: ClassVar[Mapping[str, Any]] = {}

    @property
    def odd(self) -> dict[str, OddField]:
        """The fields that could not be read, by PeerTube's names for them, like "account.displayName"."""
        return cast("dict[str, OddField]", self.__dict__.get("odd", {}))

    def check(self) -> None:
        """Raise ValueError where so little could be read that the whole is worth nothing."""


class Labelled(Remote, kw_only=True):
    """A constant and its English label; plugins add ids, PeerTube sends id null as "Unknown"."""

    needed = frozenset({"id"})

    id: Int32 | None = None
    label: str | UnsetType | None = None

    def __post_init__(self) -> None:
        """Keep the label in its line."""
        self.label = one_line_if_text(self.label)


class Language(Remote, kw_only=True):
    """A language: its id is a code of letters."""

    needed = frozenset({"id"})

    id: Code | None = None
    label: str | UnsetType | None = None

    def __post_init__(self) -> None:
        self.id, self.label = self.id and one_line(self.id), one_line_if_text(self.label)


class ActorImage(Remote, kw_only=True, omit_defaults=True):
    """One size of an avatar or banner: `path` to 7.x, `file_url` from 7.1, `height` from 7.3."""

    width: Int32 | None = None
    height: Int32 | None = None
    path: str | None = None
    url: str | None = None
    file_url: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Thumbnail(Remote, kw_only=True, omit_defaults=True):
    """One size of a thumbnail, from 8.1."""

    width: Int32 | None = None
    height: Int32 | None = None
    aspect_ratio: str | None = None
    file_url: str | None = None


class ActorSummary(Remote, kw_only=True):
    """An account or channel as it stands nested in other answers."""

    needed = frozenset({"name"})

    id: Int64 | UnsetType
    name: Handle
    display_name: str | UnsetType
    url: str | UnsetType
    host: str | UnsetType
    avatars: list[ActorImage] | UnsetType = UNSET
    avatar: ActorImage | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        """Keep the display name in its line; a handle that looks like another one is refused."""
        self.display_name = one_line_if_text(self.display_name)
        if not self.name.isprintable():
            message = f"the name {self.name!r} has characters that can't be seen"
            raise ValueError(message)

    def check(self) -> None:
        """Refuse an actor that doesn't tell where it is at home."""
        if self.url is UNSET and self.host is UNSET:
            message = f"neither url nor host of {self.name!r} can be read"
            raise ValueError(message)

    @property
    def images(self) -> list[ActorImage] | UnsetType:
        """Avatars by width: PeerTube varies their order; `avatar` alone was the form before 4.2."""
        return _all_images(self.avatars, self.avatar)


class FullActor(ActorSummary, kw_only=True):
    """The fields that an account and a channel have in common, in full answers."""

    description: str | UnsetType | None = UNSET
    following_count: Int64 | UnsetType = UNSET
    followers_count: Int64 | UnsetType = UNSET
    created_at: Time | UnsetType = UNSET
    updated_at: Time | UnsetType = UNSET
    extra: Json = {}

    def __post_init__(self) -> None:
        super().__post_init__()
        require_usable_years(self.created_at, self.updated_at)


class RemoteAccount(FullActor, kw_only=True):
    """An account in full, as `/accounts/{name}` and details give it."""

    @property
    def complete(self) -> bool:
        """Whether it tells all that the account's own answer does."""
        return self.description is not UNSET and self.created_at is not UNSET


class RemoteChannel(FullActor, kw_only=True):
    """A channel in full, as `/video-channels` and details give it, apart from its owner."""

    support: str | UnsetType | None = UNSET
    is_local: bool | UnsetType = UNSET
    owner_account: ActorSummary | UnsetType | None = UNSET
    """A `RemoteAccount`, or only an `ActorSummary` where the answer has no more: in the lists of 8.2."""
    banners: list[ActorImage] | UnsetType = UNSET
    banner: ActorImage | UnsetType | None = UNSET

    @property
    def complete(self) -> bool:
        """Whether it tells all that the channel's own answer does."""
        return self.description is not UNSET and self.banner_images is not UNSET

    @property
    def banner_images(self) -> list[ActorImage] | UnsetType:
        """Banners by width; `banner` alone was the form before 6.0."""
        return _all_images(self.banners, self.banner)


PUBLIC = 1
"""PeerTube's id of the privacy "Public"."""


class WithPrivacy(Remote, kw_only=True):
    """The privacy of videos and playlists."""

    privacy: Labelled | UnsetType | None = UNSET

    @property
    def privacy_id(self) -> int | None:
        """Who may see it, by PeerTube's own number; an answer that doesn't say is about what everybody may see."""
        if isinstance(self.privacy, UnsetType):
            return PUBLIC
        return self.privacy.id if self.privacy else None


class VideoFacts(WithPrivacy, kw_only=True):
    """The fields that a list item and details have in common."""

    needed = frozenset({"uuid", "account", "channel"})
    safe: ClassVar[Mapping[str, Any]] = {"privacy": None, "nsfw": True}

    id: Int64 | UnsetType
    uuid: UUID
    url: str | UnsetType
    name: str | UnsetType
    category: Labelled | UnsetType | None = UNSET
    licence: Labelled | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    nsfw: bool | UnsetType = UNSET
    nsfw_flags: Int32 | UnsetType = UNSET
    nsfw_summary: str | UnsetType | None = UNSET
    truncated_description: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    is_local: bool | UnsetType
    is_live: bool | UnsetType = UNSET
    live_schedules: list[Json] | UnsetType | None = UNSET
    duration: Int32 | UnsetType
    aspect_ratio: float | UnsetType | None = UNSET
    views: Int64 | UnsetType = UNSET
    viewers: Int64 | UnsetType | None = UNSET
    likes: Int64 | UnsetType = UNSET
    dislikes: Int64 | UnsetType = UNSET
    comments: Int64 | UnsetType = UNSET
    downloads: Int64 | UnsetType = UNSET
    thumbnail_path: str | UnsetType | None = UNSET
    preview_path: str | UnsetType | None = UNSET
    embed_path: str | UnsetType | None = UNSET
    thumbnails: list[Thumbnail] | UnsetType = UNSET
    created_at: Time | UnsetType
    updated_at: Time | UnsetType
    published_at: Time | UnsetType
    originally_published_at: Time | UnsetType | None = UNSET
    plugin_data: Any = UNSET

    def __post_init__(self) -> None:
        """Keep the name in its line; refuse impossible times, and what is nested too deep."""
        self.name = one_line_if_text(self.name)
        require_usable_years(self.created_at, self.updated_at, self.published_at, self.originally_published_at)
        require_storable(self.live_schedules)
        require_storable(self.plugin_data)

    def check(self) -> None:
        """Refuse a video without any time to sort it by."""
        if self.created_at is self.published_at is self.updated_at is UNSET:
            raise ValueError("none of createdAt, publishedAt and updatedAt can be read")


class VideoItem(VideoFacts, kw_only=True):
    """A video as lists show it; its `description` is cut to 250 characters."""

    account: ActorSummary
    channel: ActorSummary

    @property
    def summary(self) -> str | UnsetType | None:
        """The cut text: `truncatedDescription` from 5.x, `description` before."""
        return self.description if self.truncated_description is UNSET else self.truncated_description


class VideoDetails(VideoFacts, kw_only=True):
    """A video as `/videos/{id}` shows it: with tags, files, support and its actors in full."""

    account: RemoteAccount
    channel: RemoteChannel
    support: str | UnsetType | None = UNSET
    tags: Annotated[list[str], Meta(max_length=100)] | UnsetType = UNSET
    state: Labelled | UnsetType | None = UNSET
    files: list[Json] | UnsetType = UNSET
    streaming_playlists: list[Json] | UnsetType = UNSET
    comments_enabled: bool | UnsetType = UNSET
    comments_policy: Labelled | UnsetType | None = UNSET
    download_enabled: bool | UnsetType = UNSET
    wait_transcoding: bool | UnsetType = UNSET
    input_file_updated_at: Time | UnsetType | None = UNSET
    extra: Json = {}

    def __post_init__(self) -> None:
        """Keep tags in their line, too."""
        super().__post_init__()
        require_usable_years(self.input_file_updated_at)
        if isinstance(self.tags, list):
            self.tags = [tag for tag in map(one_line, self.tags) if tag.strip()]

    @property
    def policy(self) -> Labelled | UnsetType | None:
        """Comments policy: `commentsPolicy` from 6.2, made from `commentsEnabled` before."""
        if self.comments_policy is not UNSET or self.comments_enabled is UNSET:
            return self.comments_policy
        return Labelled(id=1, label="Enabled") if self.comments_enabled else Labelled(id=2, label="Disabled")


class RemoteCaption(Remote, kw_only=True):
    """One caption file: `caption_path` to 7.x, `file_url` from 7.1."""

    needed = frozenset({"language"})

    language: Language
    caption_path: str | UnsetType | None = UNSET
    file_url: str | UnsetType | None = UNSET
    m3u8_url: str | UnsetType | None = field(default=UNSET, name="m3u8Url")
    automatically_generated: bool | UnsetType = UNSET
    updated_at: Time | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        require_usable_years(self.updated_at)


class RemoteChapter(Remote, kw_only=True):
    """A chapter; `timecode` in seconds from the start."""

    needed = frozenset({"timecode"})

    timecode: Int32
    title: str | UnsetType

    def __post_init__(self) -> None:
        """Keep the title in its line."""
        self.title = one_line_if_text(self.title)


class Chapters(Remote, kw_only=True):
    """The answer of `/videos/{id}/chapters` (6.0 on)."""

    needed = frozenset({"chapters"})

    chapters: Annotated[list[RemoteChapter], Meta(max_length=1000)]


class Peer(Remote, kw_only=True):
    """A server that another one names, as far as we believe it: its name."""

    needed = frozenset({"host"})

    host: str


class FollowedServer(Remote, kw_only=True):
    """One entry of `/server/following` or `/server/followers`."""

    needed = frozenset({"follower", "following"})

    follower: Peer
    following: Peer


class PublicKey(msgspec.Struct, rename="camel"):
    """The public key of an actor, as it stands in its document."""

    id: str
    owner: str
    public_key_pem: Annotated[str, Meta(max_length=5000)]


class ActorDocument(msgspec.Struct, rename="camel"):
    """The ActivityPub document of an actor; only its key is of interest."""

    id: str
    public_key: PublicKey


class RawPage(msgspec.Struct):
    """The envelope of every list, its items not parsed yet."""

    data: Annotated[list[msgspec.Raw], Meta(max_length=1000)]
    total: Annotated[int, Meta(ge=0, le=2**31 - 1)] | UnsetType = UNSET


def _all_images(
    many: list[ActorImage] | UnsetType, single: ActorImage | UnsetType | None
) -> list[ActorImage] | UnsetType:
    if many is not UNSET:
        return sorted(many, key=lambda image: (image.width or 0, image.path or image.file_url or ""))
    if single is UNSET:
        return UNSET
    return [] if single is None else [single]


class RemotePlaylist(WithPrivacy, kw_only=True):
    """A playlist, in lists and alone."""

    needed = frozenset({"uuid", "owner_account"})
    safe: ClassVar[Mapping[str, Any]] = {"privacy": None}

    id: Int64 | UnsetType
    uuid: UUID
    url: str | UnsetType
    is_local: bool | UnsetType
    display_name: str | UnsetType
    description: str | UnsetType | None = UNSET
    type: Labelled | UnsetType | None = UNSET
    thumbnail_path: str | UnsetType | None = UNSET
    thumbnails: list[Thumbnail] | UnsetType = UNSET
    embed_path: str | UnsetType | None = UNSET
    videos_length: Int64 | UnsetType = UNSET
    created_at: Time | UnsetType
    updated_at: Time | UnsetType
    owner_account: ActorSummary
    video_channel: ActorSummary | UnsetType | None = UNSET
    video_channel_position: Int32 | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        """Keep the name in its line; refuse impossible times."""
        self.display_name = one_line_if_text(self.display_name)
        require_usable_years(self.created_at, self.updated_at)

    def check(self) -> None:
        """Refuse a playlist without any time to sort it by."""
        if self.created_at is self.updated_at is UNSET:
            raise ValueError("neither createdAt nor updatedAt can be read")


class Named(Remote, kw_only=True):
    """An account or channel of which only the name is read."""

    name: str = ""


class ElementVideo(Remote, kw_only=True):
    """What we read of a video inside a playlist: it may be unlisted or remote, so never a row."""

    needed = frozenset({"uuid"})
    safe: ClassVar[Mapping[str, Any]] = {"name": "", "url": "", "is_local": False, "account": None, "channel": None}

    uuid: UUID
    name: str
    url: str = ""
    is_local: bool = False
    account: Named | None = None
    channel: Named | None = None

    def __post_init__(self) -> None:
        """Keep the name in its line."""
        self.name = one_line(self.name)


class RemoteElement(Remote, kw_only=True):
    """One place in a playlist.

    `type`: 0 regular, 1 deleted, 2 private, 3 unavailable; `video` is null unless it is 0.
    """

    needed = frozenset({"id", "position"})
    safe: ClassVar[Mapping[str, Any]] = {"video": None}

    id: Int64
    position: Int32
    start_timestamp: Int32 | UnsetType | None = None
    stop_timestamp: Int32 | UnsetType | None = None
    type: Int32 | UnsetType | None = None
    video: ElementVideo | None = None
