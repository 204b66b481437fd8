"""A recorded catalogue as rows, made as a sync makes them: parsed answers through ingest, no HTTP."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import msgspec
from django.db.models import Sum

from peertube_sync.client import types
from peertube_sync.client.parse import parse
from peertube_sync.ingest.actors import KnownActors, ingest_channels
from peertube_sync.ingest.captions import Timed, ingest_captions
from peertube_sync.ingest.details import ingest_details
from peertube_sync.ingest.playlists import ingest_elements, ingest_playlists
from peertube_sync.ingest.videos import ingest_videos
from peertube_sync.models import Instance, Playlist, PlaylistElement, Revision, Video
from tests.support.worlds import TINY

HOST = "localhost:9000"
ROTATION = timedelta(days=7)
Ask = Callable[..., Any]
T = TypeVar("T")


def revision() -> int | None:
    """Return the revision of the catalogue that is committed."""
    number: int | None = Revision.objects.aggregate(number=Sum("number"))["number"]
    return number


@cache
def world() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(gzip.decompress(TINY.read_bytes()))
    return loaded


def remote(answer: Any, type_: type[T]) -> T:
    return parse(msgspec.json.encode(answer), type_, "the recording")


def local(kind: str) -> list[dict[str, Any]]:
    return [one for one in world()[kind] if one.get("isLocal", one.get("host") == HOST)]


def mirror_lists() -> Instance:
    """Mirror what a first sweep sees: lists, no details."""
    instance = Instance.objects.create(
        host=HOST,
        scheme="http",
        name=world()["config"]["instance"]["name"],
        version=world()["config"]["serverVersion"],
        config=world()["config"],
        about=world()["config/about"],
        stats=world()["server/stats"],
        constants={"categories": world()["videos/categories"]},
    )
    instance.sources.create()
    ingest_videos(instance, [remote(one, types.VideoItem) for one in local("list")], KnownActors())
    ingest_channels(instance, [remote(one, types.RemoteChannel) for one in local("channels")], timedelta(days=7))
    ingest_playlists(instance, [remote(one, types.RemotePlaylist) for one in local("playlists")], KnownActors())
    for playlist in Playlist.objects.all():
        elements = world()["elements"][str(playlist.uuid)]
        ingest_elements(playlist, [remote(one, types.RemoteElement) for one in elements], ROTATION)
    return instance


def mirror_details(uuid: str) -> Video:
    """Mirror the details, captions and chapters of one video."""
    instance = Instance.objects.get(host=HOST)
    ingest_details(instance, [remote(world()["details"][uuid], types.VideoDetails)], timedelta(days=7))
    video = Video.objects.get(uuid=uuid)
    captions = [remote(one, types.RemoteCaption) for one in world()["captions"][uuid]["data"]]
    chapters = remote(world()["chapters"][uuid], types.Chapters).chapters
    ingest_captions([Timed(video.pk, captions, chapters)], ROTATION)
    return video


def mirror_one() -> Video:
    """Mirror the lists, and the details of the richest video."""
    mirror_lists()
    return mirror_details(richest())


def richest() -> str:
    """Return the uuid of the recorded video with captions, chapters and tags."""
    chapters, captions, details = world()["chapters"], world()["captions"], world()["details"]
    return next(
        uuid for uuid in details if chapters[uuid]["chapters"] and captions[uuid]["data"] and details[uuid]["tags"]
    )


def make_videos(number: int, **facts: Any) -> list[Video]:
    """Add videos that differ in their uuid alone, but for `facts`."""
    given = world()["details"][richest()]
    instance = Instance.objects.get(host=HOST)
    made = [
        {**given, "id": 90_000 + n, "uuid": f"00000000-0000-4000-8000-{n:012}", "name": f"Video {n}", **facts}
        for n in range(1, number + 1)
    ]
    ingest_videos(instance, [remote(one, types.VideoItem) for one in made], KnownActors())
    return list(Video.objects.filter(remote_id__gt=90_000).order_by("remote_id"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def uuids(answer: Any) -> list[str]:
    return [one["uuid"] for one in answer["results"]]


def everything(ask: Ask, path: str, **query: Any) -> list[Any]:
    """Return all results of a list, page by page."""
    page = ask(path, page_size=100, **query)
    found: list[Any] = page["results"]
    while page["next"]:
        page = ask(page["next"])
        found += page["results"]
    return found


def element_of_two() -> tuple[Playlist, PlaylistElement]:
    playlist = Playlist.objects.get(display_name="Bob picks")
    return playlist, playlist.elements.get(position=1)


def mirror_all() -> None:
    from peertube_sync.client import types
    from peertube_sync.ingest.captions import Timed, ingest_captions
    from peertube_sync.ingest.details import ingest_details
    from peertube_sync.models import Video
    from tests.support.catalogue import ROTATION, mirror_lists, remote, world

    instance = mirror_lists()
    kinds = ("categories", "licences", "languages", "privacies")
    instance.constants = {kind: world()[f"videos/{kind}"] for kind in kinds}
    instance.save()
    pks = {str(uuid): pk for uuid, pk in Video.objects.values_list("uuid", "pk")}
    ingest_details(instance, [remote(world()["details"][uuid], types.VideoDetails) for uuid in pks], timedelta(days=7))
    captions = {uuid: [remote(one, types.RemoteCaption) for one in world()["captions"][uuid]["data"]] for uuid in pks}
    chapters = {uuid: remote(world()["chapters"][uuid], types.Chapters).chapters for uuid in pks}
    ingest_captions([Timed(pk, captions[uuid], chapters[uuid]) for uuid, pk in pks.items()], ROTATION)


def walk(ask: Ask, path: str, direction: str = "next", **query: Any) -> tuple[list[str], str]:
    """Follow the pages; returns the uuids as they came, and the address of the last page."""
    found: list[str] = []
    answer, address = ask(path, **query), path
    while True:
        uuids = [one["uuid"] for one in answer["results"]]
        found = found + uuids if direction == "next" else uuids + found
        if not answer[direction]:
            return found, address
        address = answer[direction]
        answer = ask(address)
