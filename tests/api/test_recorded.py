"""Recorded catalogues of a real PeerTube 6.3.0 and 8.2.1, read back through the API: every published fact is there.

Each published key is looked for under its own name in snake_case, or where `ELSEWHERE` says; what `EXCEPTIONS` names
isn't there, for the reason beside it. A key that is nowhere is a difference.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from peertube_sync.client import types
from peertube_sync.client import types as remote_playlists
from peertube_sync.client.naming import snake_keys
from peertube_sync.ingest.actors import KnownActors, ingest_accounts, ingest_channels
from peertube_sync.ingest.captions import Timed, ingest_captions
from peertube_sync.ingest.details import ingest_details
from peertube_sync.ingest.playlists import ingest_elements, ingest_playlists
from peertube_sync.ingest.videos import ingest_videos
from peertube_sync.models import Instance, Playlist, Video
from tests.support.catalogue import HOST, ROTATION, Ask, at, everything, remote
from tests.support.worlds import WORLDS

World = dict[str, Any]

ELSEWHERE = {"id": "remote_id", "shortUUID": "short_uuid", "trackerUrls": "tracker_urls"}
EXCEPTIONS = {
    "isLocal": "only what an instance has itself is mirrored",
    "commentsEnabled": "an older word for comments_policy_id, which is there",
    "banners": "left out by PeerTube where a channel stands in a video; they are with the channel itself",
}
PICTURES = ("avatars", "banners", "thumbnails", "thumbnailPath", "previewPath")
ANSWERS = {"about": "config/about", "config": "config", "stats": "server/stats"}
TRUNCATED = {"description": "truncated_description"}


@pytest.fixture(params=["source", "site"])
def pictures(request: pytest.FixtureRequest, settings: Any) -> str:
    """Where pictures come from."""
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": request.param}
    return str(request.param)


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest, db: None) -> World:
    """The recorded world, mirrored."""
    loaded: World = json.loads(gzip.decompress(request.param.read_bytes()))
    mirror(loaded)
    return loaded


def own(world: World, kind: str) -> list[dict[str, Any]]:
    return [one for one in world[kind] if one.get("isLocal", one.get("host") == HOST)]


def mirror(world: World) -> None:
    instance = Instance.objects.create(host=HOST, scheme="http", **{name: world[key] for name, key in ANSWERS.items()})
    instance.sources.create()
    uuids = [one["uuid"] for one in own(world, "list")]
    ingest_videos(instance, [remote(one, types.VideoItem) for one in own(world, "list")], KnownActors())
    ingest_accounts(instance, [remote(one, types.RemoteAccount) for one in own(world, "accounts")], timedelta(days=7))
    ingest_channels(instance, [remote(one, types.RemoteChannel) for one in own(world, "channels")], timedelta(days=7))
    ingest_details(instance, [remote(world["details"][uuid], types.VideoDetails) for uuid in uuids], timedelta(days=7))
    ingest_captions([texts(world, video) for video in Video.objects.only("uuid")], ROTATION)
    ingest_playlists(
        instance, [remote(one, remote_playlists.RemotePlaylist) for one in own(world, "playlists")], KnownActors()
    )
    for playlist in Playlist.objects.all():
        elements = world["elements"][str(playlist.uuid)]
        ingest_elements(playlist, [remote(one, remote_playlists.RemoteElement) for one in elements], ROTATION)


def texts(world: World, video: Video) -> Timed:
    captions = [remote(one, types.RemoteCaption) for one in world["captions"][str(video.uuid)]["data"]]
    return Timed(video.pk, captions, remote(world["chapters"][str(video.uuid)], types.Chapters).chapters)


class Reader:
    """Asks the API for what one instance has, and compares."""

    def __init__(self, ask: Ask, *, own_pictures: bool) -> None:
        self.ask, self.own_pictures = ask, own_pictures
        self.actors = {
            (kind, one["name"]): ask(f"{kind}/{one['handle']}/")
            for kind in ("accounts", "channels")
            for one in everything(ask, f"{kind}/")
        }

    def differences(
        self, where: str, published: Mapping[str, Any], shown: Mapping[str, Any], names: Mapping[str, str] = ELSEWHERE
    ) -> Iterator[str]:
        """Yield a line for each published key whose value isn't shown."""
        for key, value in published.items():
            if key in EXCEPTIONS and not (key == "banners" and where.startswith("channels")):
                continue
            name = {**ELSEWHERE, **names}.get(key) or next(iter(snake_keys({key: value})))
            if key in {"account", "channel", "ownerAccount", "videoChannel"}:
                yield from self._actor(f"{where}.{key}", value, shown[name])
            elif self.own_pictures and key in PICTURES:
                yield from unless(f"{where}.{key}", bool(value), is_here(shown[name]))
            elif key in {"avatars", "banners", "thumbnails"}:
                yield from images(f"{where}.{key}", value, shown[name])
            elif f"{name}_id" in shown and f"{name}_label" in shown:
                yield from unless(f"{where}.{key}", value, {one: shown[f"{name}_{one}"] for one in value})
            else:
                held = shown[name] if name in shown else shown.get("extra", {}).get(name, "nothing")
                yield from unless(f"{where}.{key}", snake_keys(value), held)

    def _actor(self, where: str, published: Any, shown: Any) -> Iterator[str]:
        """Compare what stands in another answer, and is shown in full at its own address."""
        if published is None or shown is None:
            yield from unless(where, published, shown)
            return
        kind = "channels" if where.lower().endswith("channel") else "accounts"
        full = self.actors[kind, published["name"]]
        yield from unless(where, shown["handle"], full["handle"])
        yield from self.differences(where, published, full)


def is_here(shown: Any) -> bool:
    """Tell whether there are pictures, all of which this site has."""
    addresses = [shown] if isinstance(shown, str) else [one["file_url"] for one in shown or ()]
    assert all(address.startswith(("http://testserver/pictures/", "/pictures/")) for address in addresses)
    return bool(addresses)


def images(where: str, published: list[Any], shown: list[Any]) -> Iterator[str]:
    """Compare two sets of pictures; of one, an answer may tell less than is shown."""
    held = {one.get("path") or one["file_url"]: one for one in shown}
    told = {one.get("path") or one["file_url"]: one for one in snake_keys(published)}
    yield from unless(where, sorted(told), sorted(held))
    for address in told.keys() & held.keys():
        for name, value in told[address].items():
            yield from unless(f"{where}.{name}", value, held[address][name])


def unless(where: str, published: Any, shown: Any) -> Iterator[str]:
    """Yield the difference, if it is one: times may be written otherwise, tags have no order."""
    if (
        published != shown
        and not _same_time(published, shown)
        and not (where.endswith("tags") and sorted(published) == shown)
    ):
        yield f"{where}: published {published!r}, shown {shown!r}"


def _same_time(published: Any, shown: Any) -> bool:
    try:
        return at(published) == at(shown)
    except (TypeError, ValueError):
        return False


def test_every_published_fact_can_be_read_back(world: World, ask: Ask, pictures: str) -> None:
    reader = Reader(ask, own_pictures=pictures == "site")
    found = [*told(reader, world), *videos(reader, world), *actors(reader, world), *playlists(reader, world)]
    assert "\n".join(found) == ""


def told(reader: Reader, world: World) -> Iterator[str]:
    """Compare what the instance says of itself."""
    shown = reader.ask(f"instances/{HOST}/")
    for name, key in ANSWERS.items():
        yield from unless(name, world[key], shown[name])


def videos(reader: Reader, world: World) -> Iterator[str]:
    listed = {one["uuid"]: one for one in everything(reader.ask, "videos/")}
    published = {one["uuid"]: one for one in own(world, "list")}
    yield from unless("the list of videos", sorted(published), sorted(listed))
    for uuid, one in published.items():
        full = reader.ask(f"videos/{uuid}/")
        assert listed[uuid].items() <= full.items()
        yield from reader.differences(f"video {uuid}", one, full, TRUNCATED)
        yield from reader.differences(f"details {uuid}", world["details"][uuid], full)
        captions = {one["language_id"]: one for one in full["captions"]}
        for caption in world["captions"][uuid]["data"]:
            yield from reader.differences(f"caption {uuid}", caption, captions.pop(caption["language"]["id"]))
        yield from unless(f"captions {uuid}", {}, captions)
        yield from unless(f"chapters {uuid}", world["chapters"][uuid]["chapters"], full["chapters"])
        for name in ("captions", "chapters"):
            if full[name]:
                assert everything(reader.ask, f"videos/{uuid}/{name}/") == full[name]


def actors(reader: Reader, world: World) -> Iterator[str]:
    for kind in ("accounts", "channels"):
        for one in own(world, kind):
            yield from reader.differences(f"{kind} {one['name']}", one, reader.actors[kind, one["name"]])


def playlists(reader: Reader, world: World) -> Iterator[str]:
    yield from unless(
        "the list of playlists",
        sorted(one["uuid"] for one in own(world, "playlists")),
        sorted(one["uuid"] for one in everything(reader.ask, "playlists/")),
    )
    for one in own(world, "playlists"):
        yield from reader.differences(f"playlist {one['uuid']}", one, reader.ask(f"playlists/{one['uuid']}/"))
        shown = {
            element["remote_id"]: element for element in everything(reader.ask, f"playlists/{one['uuid']}/elements/")
        }
        yield from unless(f"elements {one['uuid']}", {it["id"] for it in world["elements"][one["uuid"]]}, set(shown))
        for it in world["elements"][one["uuid"]]:
            flat = {key: value for key, value in it.items() if key not in {"video", "type"}}
            yield from reader.differences(f"element {it['id']}", flat, shown[it["id"]])
            yield from unless(f"element {it['id']}.type", it["type"], shown[it["id"]]["type_id"])
            yield from unless(
                f"element {it['id']}.video", (it["video"] or {}).get("uuid"), shown[it["id"]]["video_uuid"]
            )
