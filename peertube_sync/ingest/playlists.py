"""Playlists and the snapshots of their elements into rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone
from msgspec import UNSET, UnsetType

from peertube_sync.client.playlists import Playlist as RemotePlaylist
from peertube_sync.client.playlists import PlaylistElement as RemoteElement
from peertube_sync.client.types import ActorSummary
from peertube_sync.ingest.actors import PRESENT, Known, ingest_account_summaries, ingest_channel_summaries
from peertube_sync.ingest.partial import Pictures
from peertube_sync.ingest.twins import upsert_by_uuid
from peertube_sync.ingest.upsert import Row, Written, upsert
from peertube_sync.ingest.videos import UNTITLED, labelled
from peertube_sync.models import Instance, Playlist, PlaylistElement, Reason, Video

MOVING = frozenset({"updated_at", "videos_length", "thumbnail_path", "thumbnails"})
GONE = frozenset(Reason) - {Reason.OUT_OF_SCOPE}


def ingest_playlists(instance: Instance, playlists: Sequence[RemotePlaylist], known: Known) -> Written[UUID]:
    """Write playlists and their actors; the elements of new and changed ones become due."""
    unique = {one.uuid: one for one in playlists}
    accounts = ingest_account_summaries(instance, [one.owner_account for one in unique.values()], known)
    shown = [(one.video_channel, one.owner_account) for one in unique.values()]
    with_channel = [(channel, owner) for channel, owner in shown if isinstance(channel, ActorSummary)]
    channels = ingest_channel_summaries(
        instance,
        {channel.name: channel for channel, _owner in with_channel},
        {channel.name: accounts[owner.name] for channel, owner in with_channel},
        known,
    )
    rows = {uuid: playlist_row(one, accounts, channels) for uuid, one in unique.items()}
    return upsert_by_uuid(
        Playlist,
        instance,
        rows,
        also=_due_columns(timezone.now()),
        extra_columns=("elements_due_at",),
        unknown=partial(_unknown, instance),
    )


def _unknown(instance: Instance, uuid: UUID, row: Row) -> Row:
    """Return what stands in a new row for what its first answer doesn't tell, or can't be read of it."""
    at = row["created_at"] if row["updated_at"] is UNSET else row["updated_at"]
    url = f"{instance.url}/video-playlists/{uuid}"
    return {"created_at": at, "updated_at": at, "url": url, "display_name": UNTITLED}


def ingest_elements(playlist: Playlist, elements: Sequence[RemoteElement], rotation: timedelta) -> bool:
    """Make a playlist's elements equal to a complete reading; returns whether anything differed."""
    videos = rows_of(playlist, elements)
    rows = {one.id: element_row(one, videos) for one in elements}
    written = upsert(PlaylistElement, rows, key="remote_id", owner={"playlist_id": playlist.pk})
    deleted, _ = playlist.elements.exclude(pk__in=written.pks.values()).delete()
    now = timezone.now()
    Playlist.objects.filter(pk=playlist.pk).update(elements_fetched_at=now, elements_due_at=now + rotation)
    return bool(written.created or written.updated or deleted)


def _due_columns(now: datetime) -> Any:
    """Elements are due at once where they may have changed, which a new name or place of the playlist doesn't say.

    One that comes back may have other ones, too, unless it was only out of scope here.
    """

    def due(_uuid: UUID, before: Row | None, changed: frozenset[str]) -> Row:
        if before is None or changed & MOVING or (changed & PRESENT.keys() and before["removed_reason"] in GONE):
            return {"elements_due_at": now}
        return {"elements_due_at": before["elements_due_at"]}

    return due


def playlist_row(one: RemotePlaylist, accounts: Mapping[str, object], channels: Mapping[str, object]) -> dict[str, Any]:
    """Return the columns that a playlist fills, with the keys of its actors."""
    return {
        "remote_id": one.id,
        "url": one.url,
        "display_name": one.display_name,
        "description": one.description,
        **labelled("privacy", one.privacy),
        **labelled("type", one.type),
        "thumbnail_path": one.thumbnail_path,
        "thumbnails": Pictures.told(one.thumbnails),
        "embed_path": one.embed_path,
        "videos_length": one.videos_length,
        "video_channel_position": one.video_channel_position,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "owner_account_id": accounts[one.owner_account.name],
        "video_channel_id": _channel(one.video_channel, channels),
        **PRESENT,
    }


def _channel(shown: ActorSummary | UnsetType | None, channels: Mapping[str, object]) -> object:
    return channels[shown.name] if isinstance(shown, ActorSummary) else shown


def rows_of(playlist: Playlist, elements: Sequence[RemoteElement]) -> dict[UUID, int]:
    """Return the primary keys of the videos that `elements` name, by uuid."""
    uuids = [one.video.uuid for one in elements if one.video]
    found = Video.objects.filter(instance=playlist.instance_id, uuid__in=uuids)
    return dict(found.values_list("uuid", "pk"))


def element_row(one: RemoteElement, videos: Mapping[UUID, int]) -> dict[str, Any]:
    """Return the columns that an element fills; `videos` gives primary keys."""
    return {
        "position": one.position,
        "start_timestamp": one.start_timestamp,
        "stop_timestamp": one.stop_timestamp,
        "type_id": one.type,
        "video_uuid": one.video.uuid if one.video else None,
        "video_name": one.video.name if one.video else "",
        "video_id": videos.get(one.video.uuid) if one.video else None,
    }
