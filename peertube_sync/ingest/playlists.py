"""Playlists and the snapshots of their elements into rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.utils import timezone
from msgspec import UNSET

from peertube_sync.client.types import ActorSummary, RemoteElement, RemotePlaylist
from peertube_sync.ingest.actors import PRESENT, KnownActors, ingest_account_summaries, ingest_channel_summaries
from peertube_sync.ingest.partial import Pictures
from peertube_sync.ingest.twins import upsert_by_uuid
from peertube_sync.ingest.upsert import Written, upsert
from peertube_sync.ingest.videos import UNTITLED, labelled
from peertube_sync.models import Instance, Playlist, PlaylistElement, Reason, Video
from peertube_sync.models.base import Row

MOVING = frozenset({"updated_at", "videos_length", "thumbnail_path", "thumbnails"})
GONE = frozenset(Reason) - {Reason.OUT_OF_SCOPE}


def ingest_playlists(instance: Instance, playlists: Sequence[RemotePlaylist], known: KnownActors) -> Written[UUID]:
    """Write playlists and their actors; the elements of new and changed ones become due."""
    unique = {playlist.uuid: playlist for playlist in playlists}
    accounts = ingest_account_summaries(instance, [playlist.owner_account for playlist in unique.values()], known)
    owners = [(playlist.video_channel, playlist.owner_account) for playlist in unique.values()]
    with_channel = [(channel, owner) for channel, owner in owners if isinstance(channel, ActorSummary)]
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
        also=partial(_when_elements_are_due, timezone.now()),
        extra_columns=("elements_due_at",),
        unknown=partial(_defaults_of_playlist, instance),
    )


def _defaults_of_playlist(instance: Instance, uuid: UUID, row: Row) -> Row:
    """Return what stands in a new row for what its first answer doesn't tell, or can't be read of it."""
    at = row["created_at"] if row["updated_at"] is UNSET else row["updated_at"]
    url = f"{instance.url}/video-playlists/{uuid}"
    return {"created_at": at, "updated_at": at, "url": url, "display_name": UNTITLED}


def ingest_elements(playlist: Playlist, elements: Sequence[RemoteElement], rotation: timedelta) -> bool:
    """Make a playlist's elements equal to a complete reading; returns whether anything differed."""
    videos = rows_of(playlist, elements)
    rows = {element.id: element_row(element, videos) for element in elements}
    written = upsert(PlaylistElement, rows, key="remote_id", owner={"playlist_id": playlist.pk})
    deleted, _ = playlist.elements.exclude(pk__in=written.pks.values()).delete()
    now = timezone.now()
    Playlist.objects.filter(pk=playlist.pk).update(elements_fetched_at=now, elements_due_at=now + rotation)
    return bool(written.created or written.updated or deleted)


def _when_elements_are_due(now: datetime, _uuid: UUID, before: Row | None, changed: frozenset[str]) -> Row:
    """Elements are due at once where they may have changed, which a new name or place of the playlist doesn't say.

    One that comes back may have other ones, too, unless it was only out of scope here.
    """
    if before is None or changed & MOVING or (changed & PRESENT.keys() and before["removed_reason"] in GONE):
        return {"elements_due_at": now}
    return {"elements_due_at": before["elements_due_at"]}


def playlist_row(
    playlist: RemotePlaylist, accounts: Mapping[str, object], channels: Mapping[str, object]
) -> dict[str, object]:
    """Return the columns that a playlist fills, with the keys of its actors."""
    channel = playlist.video_channel
    return {
        "remote_id": playlist.id,
        "url": playlist.url,
        "display_name": playlist.display_name,
        "description": playlist.description,
        **labelled("privacy", playlist.privacy),
        **labelled("type", playlist.type),
        "thumbnail_path": playlist.thumbnail_path,
        "thumbnails": Pictures.of_answer(playlist.thumbnails),
        "embed_path": playlist.embed_path,
        "videos_length": playlist.videos_length,
        "video_channel_position": playlist.video_channel_position,
        "created_at": playlist.created_at,
        "updated_at": playlist.updated_at,
        "owner_account_id": accounts[playlist.owner_account.name],
        "video_channel_id": channels[channel.name] if isinstance(channel, ActorSummary) else channel,
        **PRESENT,
    }


def rows_of(playlist: Playlist, elements: Sequence[RemoteElement]) -> dict[UUID, int]:
    """Return the primary keys of the videos that `elements` name, by uuid."""
    uuids = [element.video.uuid for element in elements if element.video]
    videos = Video.objects.filter(instance=playlist.instance_id, uuid__in=uuids)
    return dict(videos.values_list("uuid", "pk"))


def element_row(element: RemoteElement, videos: Mapping[UUID, int]) -> dict[str, object]:
    """Return the columns that an element fills; `videos` gives primary keys."""
    return {
        "position": element.position,
        "start_timestamp": element.start_timestamp,
        "stop_timestamp": element.stop_timestamp,
        "type_id": element.type,
        "video_uuid": element.video.uuid if element.video else None,
        "video_name": element.video.name if element.video else "",
        "video_id": videos.get(element.video.uuid) if element.video else None,
    }
