"""What PeerTube answers about playlists, parsed; as `types`."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from msgspec import UNSET, UnsetType

from peertube_sync.client.sanitise import one_line, one_line_if_text, require_usable_years
from peertube_sync.client.types import PUBLIC, ActorSummary, Int32, Int64, Labelled, Remote, Thumbnail, Time


class Playlist(Remote, kw_only=True):
    """A playlist, in lists and alone."""

    needed = frozenset({"uuid", "owner_account"})
    safe: ClassVar[Mapping[str, Any]] = {"privacy": None}

    id: Int64 | UnsetType
    uuid: UUID
    url: str | UnsetType
    is_local: bool | UnsetType
    display_name: str | UnsetType
    description: str | UnsetType | None = UNSET
    privacy: Labelled | UnsetType | None = UNSET
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

    @property
    def privacy_id(self) -> int | None:
        """Who may see it, as that of a video: an answer that doesn't say is about what everybody may see."""
        if isinstance(self.privacy, UnsetType):
            return PUBLIC
        return self.privacy.id if self.privacy else None

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


class PlaylistElement(Remote, kw_only=True):
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
