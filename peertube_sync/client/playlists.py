"""What PeerTube answers about playlists, parsed; as `types`."""

from uuid import UUID

from msgspec import UNSET, UnsetType

from peertube_sync.client.sane import one_line, require_years
from peertube_sync.client.types import ActorSummary, Int32, Int64, Labelled, Remote, Thumbnail, Time


class Playlist(Remote, kw_only=True):
    """A playlist, in lists and alone."""

    id: Int64
    uuid: UUID
    url: str
    is_local: bool
    display_name: str
    description: str | UnsetType | None = UNSET
    privacy: Labelled | UnsetType | None = UNSET
    type: Labelled | UnsetType | None = UNSET
    thumbnail_path: str | UnsetType | None = UNSET
    thumbnails: list[Thumbnail] | UnsetType = UNSET
    embed_path: str | UnsetType | None = UNSET
    videos_length: Int64 | UnsetType = UNSET
    created_at: Time
    updated_at: Time
    owner_account: ActorSummary
    video_channel: ActorSummary | UnsetType | None = UNSET
    video_channel_position: Int32 | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        """Keep the name in its line; refuse impossible times."""
        self.display_name = one_line(self.display_name)
        require_years(self.created_at, self.updated_at)


class Named(Remote, kw_only=True):
    """An account or channel of which only the name is read."""

    name: str = ""


class ElementVideo(Remote, kw_only=True):
    """What we read of a video inside a playlist: it may be unlisted or remote, so never a row."""

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

    id: Int64
    position: Int32
    start_timestamp: Int32 | None = None
    stop_timestamp: Int32 | None = None
    type: Int32 | None = None
    video: ElementVideo | None = None
