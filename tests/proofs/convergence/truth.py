"""The whole truth of a sandbox against the rows: what is public, what is gone, and nothing twice."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Model

from peertube_sync.models import (
    PUBLIC,
    Account,
    Caption,
    Channel,
    Chapter,
    Instance,
    Playlist,
    PlaylistElement,
    Reason,
    Video,
)
from peertube_sync.testing import Catalogue
from peertube_sync.testing.identifiers import uuid_text
from peertube_sync.testing.records import Video as Record
from peertube_sync.testing.render import Renderer
from tests.support.comparison import world_differences

ONCE: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Account, ("instance", "name")),
    (Channel, ("instance", "name")),
    (Video, ("instance", "uuid")),
    (Playlist, ("instance", "uuid")),
    (Caption, ("video", "language_id")),
    (Chapter, ("video", "timecode", "title")),
    (PlaylistElement, ("playlist", "remote_id")),
)


def untrue(catalogue: Catalogue, instance: Instance) -> list[str]:
    """Return a line for everything that the rows of `instance` hold otherwise than `catalogue` publishes it."""
    with catalogue.lock:
        world = published(catalogue, instance)
        lines = [*world_differences(world, instance), *_shown_only_here(world, instance)]
        return [*lines, *_untrue_tombstones(catalogue, instance), *_doubled()]


def published(catalogue: Catalogue, instance: Instance) -> dict[str, Any]:
    """Return what an anonymous reader finds, in the shape of a recorded world.

    A video that lists don't show (an idle live) counts when it was seen before: nothing else could lead to it.
    An account counts when it is held: only its channels and videos could lead to it.
    """
    renderer = catalogue.renderer(instance.host)
    rows = [row for row in catalogue.videos.values() if row.is_local and _expected(row, instance)]
    channels = [row for row in catalogue.channels.values() if not row.origin]
    playlists = [row for row in catalogue.playlists.values() if not row.origin and row.privacy == PUBLIC]
    held = set(Account.objects.filter(instance=instance, removed_at=None).values_list("name", flat=True))
    owners = {channel.owner.name for channel in channels}
    return {
        "list": [renderer.video_item(row) for row in rows],
        **_by_uuid(renderer, rows),
        "channels": [renderer.channel(row) for row in channels],
        "accounts": [
            renderer.account(row) for row in catalogue.accounts.values() if not row.origin and row.name in held | owners
        ],
        "playlists": [renderer.playlist(row) for row in playlists],
        "elements": {uuid_text(row.number): [renderer.element(one) for one in row.elements] for row in playlists},
    }


def _by_uuid(renderer: Renderer, rows: list[Record]) -> dict[str, Any]:
    named = [(uuid_text(row.number), row) for row in rows]
    return {
        "details": {uuid: renderer.video_details(row) for uuid, row in named},
        "captions": {uuid: renderer.captions(row) for uuid, row in named},
        "chapters": {uuid: renderer.chapters(row) for uuid, row in named},
    }


def _public(row: Record) -> bool:
    return row.privacy == PUBLIC and not row.blocked


def _expected(row: Record, instance: Instance) -> bool:
    return row.listed or (
        _public(row) and Video.objects.filter(instance=instance, uuid=uuid_text(row.number), removed_at=None).exists()
    )


def _shown_only_here(world: dict[str, Any], instance: Instance) -> Iterator[str]:
    for model, kind, key, wire in (
        (Account, "accounts", "name", "name"),
        (Channel, "channels", "name", "name"),
        (Playlist, "playlists", "uuid", "uuid"),
    ):
        held = {
            str(one) for one in model.objects.filter(instance=instance, removed_at=None).values_list(key, flat=True)
        }
        there = {one[wire] for one in world[kind]}
        yield from (f"{kind} {one} is held but not published" for one in sorted(held - there))
    listed = {str(one) for one in Video.objects.listed().filter(instance=instance).values_list("uuid", flat=True)}
    shown = {one["uuid"] for one in world["list"] if world["details"][one["uuid"]]["state"]["id"] == 1}
    yield from (f"video {one} is listed in one place only" for one in sorted(listed ^ shown))


def _untrue_tombstones(catalogue: Catalogue, instance: Instance) -> Iterator[str]:
    for row in Video.objects.filter(instance=instance).exclude(removed_at=None):
        record = catalogue.videos.get(row.uuid.int)
        if record and (_public(record) or row.removed_reason == Reason.DELETED):
            yield f"video {row.uuid} is a tombstone ({row.removed_reason}), yet there"


def _doubled() -> Iterator[str]:
    for model, key in ONCE:
        for row in model._default_manager.values(*key).annotate(copies=Count("pk")).filter(copies__gt=1):
            yield f"{model.__name__} twice: {row}"
