"""Recorded worlds: the answers of a real PeerTube, taken apart into the sandbox's rows.

A world is a JSON file (gzip when it ends in .gz) with the keys `list`, `details`, `captions` and
`chapters` by uuid, `channels`, `accounts`, `playlists`, `elements` by playlist uuid, the constant
tables and the instance's own documents (`config`, `nodeinfo` and so on). The release is that of `config`. The host
that the recorded instance called itself is replaced, wherever it occurs, by the host the sandbox answers for.

A world may be a part of a larger catalogue: elements of its playlists then show videos that it doesn't have. They are
shown there as recorded, and nowhere else.
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
    TOLD_IN_DETAILS,
    TOLD_IN_LISTS,
    Account,
    Caption,
    Channel,
    Chapter,
    Element,
    Image,
    Picture,
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

LABELLED = ("category", "licence", "language", "privacy")
#: Fields of a `Video` with PeerTube's own value, by PeerTube's key; older releases lack some.
ALIKE = TOLD_IN_LISTS | {"thumbnail": "thumbnailPath", "preview": "previewPath"}


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
        store = self.store
        store.documents = {name: self.world[name] for name in DOCUMENTS if name in self.world}
        store.constants = {path: self.world.get(path, CONSTANTS[path]) for path in CONSTANTS}
        store.version = store.documents["config"]["serverVersion"]
        instance = store.documents["config"]["instance"]
        store.name, store.nsfw_policy = instance["name"], instance["defaultNSFWPolicy"]
        for account in self.world["accounts"]:
            store.put_account(self._account(account))
        for channel in self.world["channels"]:
            store.put_channel(self._channel(channel, channel["ownerAccount"]))
        for item in self.world["list"]:
            details = self.world["details"][item["uuid"]]
            channel = store.put_channel(self._channel(details["channel"], details["account"]))
            store.put_video(self._video(details, channel))
        for playlist in self.world["playlists"]:
            store.put_playlist(self._playlist(playlist))

    def _account(self, account: JSON) -> Account:
        known = self.store.find_account(f"{account['name']}@{account['host']}", "")
        if known is not None:
            return known
        # An actor that is known in short form only is no younger than its first avatar.
        pictured = str(account["avatars"][0]["createdAt"]) if account["avatars"] else "2018-01-01T00:00Z"
        created = str(account.get("createdAt") or pictured)
        home = urlsplit(account["url"])
        return Account(
            id=account["id"],
            name=account["name"],
            display_name=account["displayName"],
            created=milliseconds(created),
            updated=milliseconds(account.get("updatedAt", created)),
            description=account.get("description"),
            origin="" if home.netloc == self.store.recorded_host else f"{home.scheme}://{home.netloc}",
            user_id=account.get("userId"),
            followers=account.get("followersCount", 0),
            following=account.get("followingCount", 0),
            avatars=_images(account["avatars"]),
        )

    def _channel(self, channel: JSON, owner: JSON) -> Channel:
        known = self.store.find_channel(f"{channel['name']}@{channel['host']}", "")
        if known is not None:
            return known
        account = self._account(owner)
        return Channel(
            id=channel["id"],
            name=channel["name"],
            display_name=channel["displayName"],
            owner=account,
            created=_time(channel, "createdAt", account.created),
            updated=_time(channel, "updatedAt", account.updated),
            description=channel.get("description"),
            support=channel.get("support"),
            public_email=channel.get("publicEmail"),
            followers=channel.get("followersCount", 0),
            following=channel.get("followingCount", 0),
            avatars=_images(channel["avatars"]),
            banners=_images(channel.get("banners", [])),
        )

    def _video(self, details: JSON, channel: Channel) -> Video:
        uuid = details["uuid"]
        media = {key: details[key] for key in ("files", "streamingPlaylists")}
        return Video(
            channel=channel,
            captions=tuple(self._caption(c) for c in self.world["captions"][uuid]["data"]),
            chapters=tuple(Chapter(**c) for c in self.world["chapters"][uuid]["chapters"]),
            media=json.dumps(media, ensure_ascii=False),
            state=details["state"]["id"],
            comments_policy=details["commentsPolicy"]["id"],
            embed_policy=details.get("embedPrivacyPolicy", {"id": 1})["id"],
            live_schedules=tuple(milliseconds(schedule["startAt"]) for schedule in details.get("liveSchedules", ())),
            tags=tuple(details["tags"]),
            **{field: details[key] for field, key in TOLD_IN_DETAILS.items() if key in details},
            **self._shown_facts(details),
        )

    def _shown_facts(self, item: JSON) -> JSON:
        """Return the fields of a `Video` that list items have as well as details."""
        original = item["originallyPublishedAt"]
        return {
            "id": item["id"],
            "number": uuid_number(item["uuid"]),
            "created": milliseconds(item["createdAt"]),
            "updated": milliseconds(item["updatedAt"]),
            "published": milliseconds(item["publishedAt"]),
            "originally_published": milliseconds(original) if original else None,
            "written": item["description"],
            "thumbnails": self._pictures(item),
            **{key: item[key]["id"] for key in LABELLED},
            **{field: item[key] for field, key in ALIKE.items() if key in item},
        }

    def _pictures(self, row: JSON) -> tuple[Picture, ...] | None:
        """Return the sizes of a thumbnail, of an instance that tells them."""
        if "thumbnails" not in row:
            return None
        return tuple(
            Picture(image["width"], image["height"], image["aspectRatio"], self._path(image["fileUrl"]))
            for image in row["thumbnails"]
        )

    def _path(self, address: str) -> str:
        """Return the path of a file of the recorded instance; the whole address of any other file."""
        return address.removeprefix(f"http://{self.store.recorded_host}")

    def _caption(self, caption: JSON) -> Caption:
        m3u8 = caption.get("m3u8Url")
        return Caption(
            language=caption["language"]["id"],
            updated=milliseconds(caption["updatedAt"]),
            automatic=caption["automaticallyGenerated"],
            path=caption["captionPath"],
            m3u8=m3u8 and self._path(m3u8),
        )

    def _playlist(self, playlist: JSON) -> Playlist:
        owner, channel = playlist["ownerAccount"], playlist["videoChannel"]
        return Playlist(
            id=playlist["id"],
            number=uuid_number(playlist["uuid"]),
            name=playlist["displayName"],
            owner=self.store.put_account(self._account(owner)),
            channel=self.store.put_channel(self._channel(channel, owner)) if channel else None,
            created=milliseconds(playlist["createdAt"]),
            updated=milliseconds(playlist["updatedAt"]),
            description=playlist["description"],
            privacy=playlist["privacy"]["id"],
            type=playlist["type"]["id"],
            thumbnail=playlist["thumbnailPath"],
            thumbnails=self._pictures(playlist),
            position=playlist.get("videoChannelPosition"),
            elements=[self._element(e) for e in self.world["elements"][playlist["uuid"]]],
        )

    def _element(self, element: JSON) -> Element:
        item = element["video"]
        video = item and self.store.find_video(item["uuid"])
        if item and not video:  # only the element shows it: no list has it, and so neither its channel nor its account
            video = Video(channel=self._channel(item["channel"], item["account"]), **self._shown_facts(item))
        return Element(
            id=element["id"],
            position=element["position"],
            video=video,
            start=element["startTimestamp"],
            stop=element["stopTimestamp"],
            type=element["type"],
        )


def _images(images: list[JSON]) -> tuple[Image, ...]:
    return tuple(
        Image(
            width=image["width"],
            path=image["path"],
            created=milliseconds(image["createdAt"]),
            updated=milliseconds(image["updatedAt"]),
            height=image["height"] if "height" in image else image["width"],
        )
        for image in images
    )


def _time(row: JSON, name: str, default: int) -> int:
    return milliseconds(row[name]) if name in row else default
