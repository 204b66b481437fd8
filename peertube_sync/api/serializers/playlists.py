"""Playlists and their elements as JSON."""

from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_serializer

from peertube_sync.api.serializers.actors import AccountSummarySerializer, ChannelSummarySerializer
from peertube_sync.api.serializers.plan import Derived, plan_of
from peertube_sync.api.serializers.shared import (
    RowSerializer,
    address,
    example,
    images,
    picture_address,
    picture_path,
    short_uuid,
)
from peertube_sync.api.serializers.videos import VideoSerializer
from peertube_sync.catalogue.answer_plan import Answer
from peertube_sync.models import Playlist, PlaylistElement
from peertube_sync.models.base import Row
from peertube_sync.models.picture_shapes import PLAYLIST as PLAYLIST_PICTURE
from peertube_sync.models.reading import PLAYLIST_PLAYER, TITLE, embed_address, own_or, playlist_address, widest


@extend_schema_serializer(examples=example("A playlist", "Playlist"))
class PlaylistSerializer(RowSerializer[Playlist]):
    """A playlist, as lists show it."""

    owner_account = AccountSummarySerializer(read_only=True)
    video_channel = ChannelSummarySerializer(read_only=True, allow_null=True)
    short_uuid = short_uuid()
    watch_url = address(playlist_address, "uuid", help_text="Where people watch it, at the source.")
    embed_url = address(
        partial(embed_address, player=PLAYLIST_PLAYER),
        *("embed_path", "uuid"),
        help_text="The player to embed, at the source.",
    )
    thumbnail_url = picture_address(
        PLAYLIST_PICTURE,
        widest,
        *("thumbnail_path", "thumbnails"),
        help_text="The widest thumbnail; empty when there is none.",
    )
    thumbnails = images(PLAYLIST_PICTURE, "thumbnails", "All sizes, from PeerTube 8.1.")

    class Meta:
        model = Playlist
        fields: tuple[str, ...] = (
            "uuid",
            "short_uuid",
            "remote_id",
            "url",
            "watch_url",
            "embed_url",
            "display_name",
            "video_channel_position",
            "videos_length",
            "privacy_id",
            "privacy_label",
            "type_id",
            "type_label",
            "thumbnail_url",
            "thumbnails",
            "created_at",
            "updated_at",
            "elements_fetched_at",
            "owner_account",
            "video_channel",
        )
        extra_kwargs = {
            "remote_id": {"help_text": "Its `id` at the source."},
            "videos_length": {"help_text": "How many elements its instance counts."},
            "elements_fetched_at": {"help_text": "When its elements were last read; null until they are."},
        }


@extend_schema_serializer(examples=example("A playlist in full", "PlaylistDetails"))
class PlaylistDetailsSerializer(PlaylistSerializer):
    """A playlist in full; its elements are a list of their own."""

    thumbnail_path = picture_path(PLAYLIST_PICTURE, "thumbnail_path")

    class Meta(PlaylistSerializer.Meta):
        fields = (*PlaylistSerializer.Meta.fields, "description", "thumbnail_path", "embed_path")


class VideoField(Derived):
    """The video of an element: the row that `with_videos` puts into the place of its key."""

    def __init__(self) -> None:
        super().__init__(self.video, "video", schema=VideoSerializer(read_only=True, allow_null=True))

    def bind(self, field_name: str, parent: Any) -> None:
        """Learn what the site does with sensitive videos."""
        super().bind(field_name, parent)
        self.plan = plan_of(VideoSerializer, None, None, self.context.get("blur"))

    def video(self, row: Row | None) -> Answer | None:
        """Return the video as lists show it."""
        return None if row is None else self.plan.answer(row)


def _uuid_unless_withheld(key: int | None, row: Row | None, uuid: UUID | None) -> UUID | None:
    """Return the uuid, None for a video that is kept from being shown."""
    return None if _withheld(key, row) else uuid


def _name_unless_withheld(key: int | None, row: Row | None, name: str) -> str:
    """Return the name, "" for a video that is kept from being shown."""
    if row is not None:
        return own_or(*(row[column] for column in TITLE)) or ""
    return "" if _withheld(key, row) else name


def _withheld(key: int | None, row: Row | None) -> bool:
    """Tell whether there is a row that may not be shown: hidden, gone or not public."""
    return key is not None and row is None


class PlaylistElementSerializer(RowSerializer[PlaylistElement]):
    """One place in a playlist. `video` is null where the video is on another instance, unlisted, or not shown here."""

    video = VideoField()
    video_uuid = Derived(
        _uuid_unless_withheld,
        *("video_id", "video", "video_uuid"),
        schema={"type": "string", "format": "uuid", "nullable": True},
        help_text="Known of videos that aren't mirrored here too.",
    )
    video_name = Derived(
        _name_unless_withheld,
        "video_id",
        "video",
        "video_name",
        help_text="Known of videos that aren't mirrored here too.",
    )

    class Meta:
        model = PlaylistElement
        fields = (
            "position",
            "remote_id",
            "type_id",
            "start_timestamp",
            "stop_timestamp",
            "video_uuid",
            "video_name",
            "video",
        )
        extra_kwargs = {
            "type_id": {"help_text": "0 regular, 1 deleted, 2 private, 3 unavailable."},
            "start_timestamp": {"help_text": "Where to begin, in seconds."},
            "stop_timestamp": {"help_text": "Where to stop, in seconds."},
        }
