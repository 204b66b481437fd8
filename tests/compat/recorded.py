"""All that was asked of a PeerTube 6.3.0 as anybody may, and a mirror of what its answers show."""

import json
import lzma
from functools import cache
from typing import Any

from tests.support.paths import RECORDINGS


@cache
def questions() -> dict[str, dict[str, Any]]:
    """Return method, target, status, type and body of each question, by its name."""
    found: dict[str, dict[str, Any]] = archive()["questions"]
    return found


@cache
def archive() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(lzma.decompress((RECORDINGS / "questions.json.xz").read_bytes()))
    return loaded


def at_home(row: dict[str, Any]) -> bool:
    """Tell whether a row is at home at the recorded instance."""
    return bool(row.get("isLocal", row.get("host") == "localhost:9000"))


def shown(kind: str, *keys: str) -> list[dict[str, Any]]:
    """Return what the world and the answers show of one kind of rows at home, in the order of their numbers."""
    from tests.support.catalogue import world

    rows = {row["id"]: row for row in world()[kind]}
    for question in questions().values():
        body = question["body"]
        for row in body.get("data", ()) if isinstance(body, dict) else ():
            if all(key in row for key in keys) and not row.get("isLive"):
                rows.setdefault(row["id"], row)
    return [rows[number] for number in sorted(rows) if at_home(rows[number])]


def elements(playlist: str) -> list[dict[str, Any]]:
    """Return the places of a playlist, as an answer shows them, else the world."""
    from tests.support.catalogue import world

    asked = f"/api/v1/video-playlists/{playlist}/videos"
    answers = [one["body"]["data"] for one in questions().values() if one["target"] == asked]
    rows: list[dict[str, Any]] = answers[0] if answers else world()["elements"].get(playlist, [])
    return rows


def mirror_answers() -> None:
    """Mirror every video, channel and playlist that an answer shows, with the details that were recorded."""
    from django.utils import timezone

    from peertube_sync.client import types
    from peertube_sync.ingest.actors import KnownActors, ingest_accounts, ingest_channels
    from peertube_sync.ingest.captions import Timed, ingest_captions
    from peertube_sync.ingest.details import ingest_details
    from peertube_sync.ingest.playlists import ingest_elements, ingest_playlists
    from peertube_sync.ingest.videos import ingest_videos
    from peertube_sync.models import Instance, Playlist, Video
    from tests.support.catalogue import HOST, ROTATION, remote, world

    config = world()["config"]
    kinds = ("categories", "licences", "languages", "privacies")
    instance = Instance.objects.create(
        host=HOST,
        scheme="http",
        version=config["serverVersion"],
        constants={kind: world()[f"videos/{kind}"] for kind in kinds},
        stats=world()["server/stats"],
    )
    instance.sources.create()
    ingest_videos(
        instance, [remote(row, types.VideoItem) for row in shown("list", "views", "thumbnailPath")], KnownActors()
    )
    ingest_channels(
        instance,
        [remote(row, types.RemoteChannel) for row in shown("channels", "ownerAccount", "banners")],
        ROTATION,
    )
    ingest_accounts(
        instance, [remote(row, types.RemoteAccount) for row in shown("accounts", "hostRedundancyAllowed")], ROTATION
    )
    ingest_playlists(
        instance, [remote(row, types.RemotePlaylist) for row in shown("playlists", "videosLength")], KnownActors()
    )
    for playlist in Playlist.objects.all():
        places = [remote(one, types.RemoteElement) for one in elements(str(playlist.uuid))]
        ingest_elements(playlist, places, ROTATION)
    for uuid, pk in Video.objects.values_list("uuid", "pk"):
        known = {kind: world()[kind] | archive()[kind] for kind in ("details", "captions", "chapters")}
        if str(uuid) in known["details"]:
            told = {kind: rows[str(uuid)] for kind, rows in known.items()}
            ingest_details(instance, [remote(told["details"], types.VideoDetails)], ROTATION)
            captions = [remote(one, types.RemoteCaption) for one in told["captions"]["data"]]
            ingest_captions([Timed(pk, captions, remote(told["chapters"], types.Chapters).chapters)], ROTATION)
    # Of the others nothing but what lists show was recorded: they count as read, as in a mirror that is complete.
    Video.objects.filter(details_fetched_at=None).update(details_fetched_at=timezone.now())
