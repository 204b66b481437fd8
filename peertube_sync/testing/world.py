"""Recorded worlds: the answers of a real PeerTube, taken apart into the sandbox's rows.

A world is a JSON file (gzip when it ends in .gz) with the keys `list`, `details`, `captions` and
`chapters` by uuid, `channels`, `accounts`, `playlists`, `elements` by playlist uuid, the constant
tables and the instance's own documents (`config`, `nodeinfo` and so on). The host that the recorded
instance called itself is replaced, wherever it occurs, by the host the sandbox answers for.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from peertube_sync.testing.constants import CONSTANTS
from peertube_sync.testing.identifiers import milliseconds, uuid_number
from peertube_sync.testing.records import (
    Account,
    Caption,
    Channel,
    Chapter,
    Element,
    Image,
    Playlist,
    Video,
)
from peertube_sync.testing.store import Store

JSON = dict[str, Any]

DOCUMENTS = (
    "config",
    "config/about",
    "server/stats",
    "server/following",
    "server/followers",
    "nodeinfo",
    "well-known",
)


def load_world(path: str | Path, store: Store) -> None:
    """Fill an empty store with a recorded world. Raises OSError, ValueError for a broken file."""
    raw = Path(path).read_bytes()
    world = json.loads(gzip.decompress(raw) if str(path).endswith(".gz") else raw)
    WorldLoader(world, store).load()


class WorldLoader:
    """Takes one world apart; each method fills one kind of rows."""

    def __init__(self, world: JSON, store: Store) -> None:
        self.world = world
        self.store = store
        store.recorded_host = urlsplit(world["well-known"]["links"][0]["href"]).netloc

    def load(self) -> None:
        """Fill the store: actors first, then what refers to them."""
        self._take_documents()
        for account in self.world["accounts"]:
            self.store.put_account(self._account(account))
        for channel in self.world["channels"]:
            self._channel(channel, channel["ownerAccount"])
        for item in self.world["list"]:
            self.store.put_video(self._video(self.world["details"][item["uuid"]]))
        for playlist in self.world["playlists"]:
            self.store.put_playlist(self._playlist(playlist))

    def _take_documents(self) -> None:
        store = self.store
        store.documents = {name: self.world[name] for name in DOCUMENTS if name in self.world}
        store.constants = {path: self.world.get(path, CONSTANTS[path]) for path in CONSTANTS}
        instance = store.documents["config"]["instance"]
        store.name = instance["name"]
        store.nsfw_policy = instance["defaultNSFWPolicy"]

    def _origin(self, actor: JSON) -> str:
        home = urlsplit(actor["url"])
        return "" if home.netloc == self.store.recorded_host else f"{home.scheme}://{home.netloc}"

    def _account(self, account: JSON) -> Account:
        known = self.store.find_account(f"{account['name']}@{account['host']}", "")
        if known is not None:
            return known
        created = str(account.get("createdAt") or _first_image_time(account))
        return Account(
            id=account["id"],
            name=account["name"],
            display_name=account["displayName"],
            created=milliseconds(created),
            updated=milliseconds(account.get("updatedAt", created)),
            description=account.get("description"),
            origin=self._origin(account),
            user_id=account.get("userId"),
            followers=account.get("followersCount", 0),
            following=account.get("followingCount", 0),
            avatars=_images(account["avatars"]),
        )

    def _channel(self, channel: JSON, owner: JSON) -> Channel:
        known = self.store.find_channel(f"{channel['name']}@{channel['host']}", "")
        if known is not None:
            return known
        account = self.store.put_account(self._account(owner))
        return self.store.put_channel(
            Channel(
                id=channel["id"],
                name=channel["name"],
                display_name=channel["displayName"],
                owner=account,
                created=_time(channel, "createdAt", account.created),
                updated=_time(channel, "updatedAt", account.updated),
                description=channel.get("description"),
                support=channel.get("support"),
                followers=channel.get("followersCount", 0),
                following=channel.get("followingCount", 0),
                avatars=_images(channel["avatars"]),
                banners=_images(channel.get("banners", [])),
            )
        )

    def _video(self, details: JSON) -> Video:
        uuid = details["uuid"]
        owner = details["account"]
        media = {key: details[key] for key in ("files", "streamingPlaylists")}
        original = details["originallyPublishedAt"]
        return Video(
            id=details["id"],
            number=uuid_number(uuid),
            name=details["name"],
            channel=self._channel(details["channel"], owner),
            created=milliseconds(details["createdAt"]),
            updated=milliseconds(details["updatedAt"]),
            published=milliseconds(details["publishedAt"]),
            originally_published=milliseconds(original) if original else None,
            captions=tuple(_caption(c) for c in self.world["captions"][uuid]["data"]),
            chapters=tuple(Chapter(**c) for c in self.world["chapters"][uuid]["chapters"]),
            media=json.dumps(media, ensure_ascii=False),
            **_video_facts(details),
        )

    def _playlist(self, playlist: JSON) -> Playlist:
        owner, channel = playlist["ownerAccount"], playlist["videoChannel"]
        return Playlist(
            id=playlist["id"],
            number=uuid_number(playlist["uuid"]),
            name=playlist["displayName"],
            owner=self.store.put_account(self._account(owner)),
            channel=self._channel(channel, owner) if channel else None,
            created=milliseconds(playlist["createdAt"]),
            updated=milliseconds(playlist["updatedAt"]),
            description=playlist["description"],
            privacy=playlist["privacy"]["id"],
            type=playlist["type"]["id"],
            thumbnail=playlist["thumbnailPath"],
            elements=[self._element(e) for e in self.world["elements"][playlist["uuid"]]],
        )

    def _element(self, element: JSON) -> Element:
        video = element["video"]
        return Element(
            id=element["id"],
            position=element["position"],
            video=self.store.find_video(video["uuid"]) if video else None,
            start=element["startTimestamp"],
            stop=element["stopTimestamp"],
            type=element["type"],
        )


def _video_facts(details: JSON) -> JSON:
    return {
        "duration": details["duration"],
        "category": details["category"]["id"],
        "licence": details["licence"]["id"],
        "language": details["language"]["id"],
        "privacy": details["privacy"]["id"],
        "state": details["state"]["id"],
        "nsfw": details["nsfw"],
        "is_live": details["isLive"],
        "blocked": details["blacklisted"],
        "views": details["views"],
        "likes": details["likes"],
        "dislikes": details["dislikes"],
        "viewers": details["viewers"],
        "aspect_ratio": details["aspectRatio"],
        "comments_policy": details["commentsPolicy"]["id"],
        "download_enabled": details["downloadEnabled"],
        "wait_transcoding": details["waitTranscoding"],
        "written": details["description"],
        "support": details["support"],
        "tags": tuple(details["tags"]),
        "thumbnail": details["thumbnailPath"],
        "preview": details["previewPath"],
    }


def _caption(caption: JSON) -> Caption:
    return Caption(
        language=caption["language"]["id"],
        updated=milliseconds(caption["updatedAt"]),
        automatic=caption["automaticallyGenerated"],
        path=caption["captionPath"],
    )


def _images(images: list[JSON]) -> tuple[Image, ...]:
    return tuple(
        Image(i["width"], i["path"], milliseconds(i["createdAt"]), milliseconds(i["updatedAt"])) for i in images
    )


def _time(row: JSON, name: str, default: int) -> int:
    return milliseconds(row[name]) if name in row else default


def _first_image_time(account: JSON) -> str:
    """Guess the birth of an actor known in short form only: no later than its first avatar."""
    return str(account["avatars"][0]["createdAt"]) if account["avatars"] else "2018-01-01T00:00Z"
