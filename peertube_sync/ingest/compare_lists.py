"""Channels, playlists and elements held against the rows that mirror them; see `compare`."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from msgspec import UNSET

from peertube_sync.client.playlists import Playlist as RemotePlaylist
from peertube_sync.client.playlists import PlaylistElement as RemoteElement
from peertube_sync.client.types import Account as RemoteAccount
from peertube_sync.client.types import ActorSummary
from peertube_sync.client.types import Channel as RemoteChannel
from peertube_sync.ingest.actors import account_row, channel_row, owner_key, summary_row
from peertube_sync.ingest.compare import Difference, Kind, actor_keys, owner_of, told
from peertube_sync.ingest.playlists import element_row, playlist_row, rows_of
from peertube_sync.ingest.upsert import Row, compare
from peertube_sync.models import Account, Channel, Instance, Playlist, PlaylistElement


def compare_channels(instance: Instance, channels: Sequence[RemoteChannel]) -> tuple[list[Difference], set[str]]:
    """Return what differs between full channels and their rows, and the names of those that have none."""
    owners = {one.owner_account.name: one.owner_account for one in channels if one.owner_account}
    accounts = actor_keys(Account, instance, owners)
    rows = {one.name: channel_row(one, owner_key(one, accounts)) for one in channels}
    there = compare(Channel, rows, key="name", owner=owner_of(instance))
    absent = {name for name in rows if "removed_at" in there.get(name, {"removed_at": 0})}
    found = told(Channel, {name: changes for name, changes in there.items() if name not in absent})
    full = {name: account_row(one) for name, one in owners.items() if isinstance(one, RemoteAccount)}
    short = {name: summary_row(one) for name, one in owners.items() if name not in full}
    owned = (compare(Account, rows, key="name", owner=owner_of(instance)) for rows in (full, short))
    return [*found, *chain.from_iterable(told(Account, changes) for changes in owned)], absent


def compare_playlists(instance: Instance, playlists: Sequence[RemotePlaylist]) -> tuple[list[Difference], set[UUID]]:
    """Return what differs between playlists and their rows, and the uuids of those that have none."""
    accounts = actor_keys(Account, instance, {one.owner_account.name for one in playlists})
    shown = (one.video_channel for one in playlists)
    channels = actor_keys(Channel, instance, {one.name for one in shown if isinstance(one, ActorSummary)})
    rows = {one.uuid: playlist_row(one, accounts, channels) for one in playlists}
    there = compare(Playlist, rows, key="uuid", owner=owner_of(instance))
    absent = {uuid for uuid in rows if "removed_at" in there.get(uuid, {"removed_at": 0})}
    return list(told(Playlist, {uuid: changes for uuid, changes in there.items() if uuid not in absent})), absent


def compare_elements(playlist: Playlist, elements: Sequence[RemoteElement]) -> list[Difference]:
    """Return how a complete reading of a playlist's elements differs from the rows: one difference at the most."""
    videos = rows_of(playlist, elements)
    published = {one.id: element_row(one, videos) for one in elements}
    columns = next(iter(published.values()), SHOWN)
    rows = PlaylistElement.objects.filter(playlist=playlist).values("remote_id", *columns)
    held = {row.pop("remote_id"): row for row in rows}
    for key, row in published.items():
        given = {column: value for column, value in row.items() if value is not UNSET}
        published[key] = {**held.get(key, {}), **given}
    if held == published:
        return []
    values = _positions_and_uuids(held.values()), _positions_and_uuids(published.values())
    return [Difference(Kind.DIFFERS, "playlist", str(playlist.uuid), "elements", *values)]


SHOWN = ("position", "video_uuid")


def _positions_and_uuids(elements: Iterable[Row]) -> list[Any]:
    """Return position and video of elements, in their order."""
    found = ((one["position"], str(one["video_uuid"] or "")) for one in elements)
    return sorted(found)
