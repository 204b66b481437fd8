"""PeerTube's shapes on the wire, made from the sandbox's rows at the moment of asking.

Each is written in its fullest form, of which `versions` says what a release has. List items and details are two
shapes. A renderer belongs to one request: it knows the host that the instance calls itself, and a turn that shifts
the order of avatars and of playlists' thumbnails, as PeerTube's own order varies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from peertube_sync.testing import pictures
from peertube_sync.testing.constants import COMMENTS_POLICIES, EMBED_POLICIES, PLAYLIST_TYPES, STATES
from peertube_sync.testing.files import render_media
from peertube_sync.testing.identifiers import iso, iso_or_none, short_uuid, uuid_text
from peertube_sync.testing.records import (
    TOLD_IN_DETAILS,
    TOLD_IN_LISTS,
    Account,
    Caption,
    Channel,
    Element,
    ElementType,
    Image,
    Playlist,
    Privacy,
    Video,
)
from peertube_sync.testing.versions import Version

JSON = dict[str, Any]
One = TypeVar("One")

TRUNCATED = 250
ELLIPSIS = "..."
HIDDEN = frozenset({Privacy.PRIVATE, Privacy.INTERNAL, Privacy.PASSWORD})


@dataclass(frozen=True, slots=True)
class Renderer:
    """Shapes for one request. `constants` maps a path such as `videos/licences` to labels."""

    host: str
    constants: dict[str, dict[str, str]]
    version: Version
    recorded_host: str = ""
    turn: int = 0

    def home(self, origin: str) -> str:
        """Return scheme and host of a row's home."""
        return origin or f"http://{self.host}"

    def label(self, table: str, key: int | str | None) -> JSON:
        """Return the pair of id and label from one of the constant tables."""
        return {"id": key, "label": self.constants[table].get(str(key), "Unknown")}

    def images(self, images: tuple[Image, ...], shape: str = "image") -> list[JSON]:
        """Return the sizes of an avatar or banner, in an order that changes with the turn."""
        return [_image(image, shape, self.host, self.version).copy() for image in self._turned(images)]

    def summary(self, actor: Account | Channel, kind: str, image: str = "image") -> JSON:
        """Return the short form of an actor; `kind` is `accounts` or `video-channels`, `image` the pictures' shape."""
        home = self.home(actor.origin)
        avatars = self.images(actor.avatars, image)
        short = {
            "id": actor.id,
            "name": actor.name,
            "displayName": actor.display_name,
            "url": f"{home}/{kind}/{actor.name}",
            "host": home.rpartition("/")[2],
            "avatars": avatars,
            "avatar": avatars[0] if avatars else None,
        }
        return self.version.shape("actor", short)

    def account(self, account: Account) -> JSON:
        """Return the full form of an account."""
        full = self.summary(account, "accounts") | self._actor(account)
        if account.user_id is not None:
            full["userId"] = account.user_id
        return full

    def channel(self, channel: Channel) -> JSON:
        """Return the full form of a channel with its owner."""
        banners = self.images(channel.banners)
        own = {
            "support": channel.support,
            "publicEmail": channel.public_email,
            "isLocal": not channel.origin,
            "banners": banners,
            "banner": banners[0] if banners else None,
            "ownerAccount": self.account(channel.owner),
        }
        return self.summary(channel, "video-channels") | self._actor(channel) | self.version.shape("actor", own)

    def listed_channel(self, channel: Channel) -> JSON:
        """Return the form of a channel in lists, where some releases show its owner in short."""
        full = self.channel(channel)
        owner = self.version.shape("listed owner", full["ownerAccount"])
        if channel.origin:
            full, owner = (self.version.shape("listed remote actor", actor) for actor in (full, owner))
        return full | {"ownerAccount": owner}

    def video_item(self, video: Video, image: str = "listed image") -> JSON:
        """Return the shape of lists: the description cut, actors in short form, no tags."""
        text = truncate(video.description)
        facts = self._video(video) | {
            "truncatedDescription": text,
            "description": text,
            "account": self.summary(video.account, "accounts", image),
            "channel": self.summary(video.channel, "video-channels", image),
        }
        return self.version.shape("video", facts)

    def video_details(self, video: Video) -> JSON:
        text, cut = video.description, truncate(video.description)
        path = f"/api/v1/videos/{uuid_text(video.number)}/description"
        facts = (
            self._video(video)
            | {
                "truncatedDescription": cut,
                "description": text if self.version.has("whole descriptions in details") else cut,
                "descriptionPath": path,
                **_told(video, TOLD_IN_DETAILS),
                "tags": list(video.tags),
                "blacklistedReason": None,
                "commentsEnabled": video.comments_policy != 2,
                "commentsPolicy": own_label(COMMENTS_POLICIES, video.comments_policy),
                "inputFileUpdatedAt": None,
                "state": own_label(STATES, video.state),
                "embedPrivacyPolicy": own_label(EMBED_POLICIES, video.embed_policy),
                "liveSchedules": [{"startAt": iso(start)} for start in video.live_schedules],
            }
            | self._nested_actors(video)
            | self.media(video)
        )
        return self.version.shape("video", facts)

    def captions(self, video: Video) -> JSON:
        data = [self._caption(video, caption) for caption in video.captions]
        return {"total": len(data), "data": data}

    def chapters(self, video: Video) -> JSON:
        return {"chapters": [chapter._asdict() for chapter in video.chapters]}

    def playlist(self, playlist: Playlist) -> JSON:
        """Return the one shape of playlists, with the number of all its elements."""
        uuid, channel = uuid_text(playlist.number), playlist.channel
        facts = {
            "id": playlist.id,
            "uuid": uuid,
            "shortUUID": short_uuid(playlist.number),
            "isLocal": not playlist.origin,
            "url": f"{self.home(playlist.origin)}/video-playlists/{uuid}",
            "displayName": playlist.name,
            "description": playlist.description,
            "privacy": self.label("video-playlists/privacies", playlist.privacy),
            "thumbnailPath": pictures.thumbnail_path(playlist),
            "thumbnails": self._turned(self._thumbnails(playlist)),
            "embedPath": f"/video-playlists/embed/{self._id_in_paths(playlist.number)}",
            "type": own_label(PLAYLIST_TYPES, playlist.type),
            "videosLength": len(playlist.elements),
            "createdAt": iso(playlist.created),
            "updatedAt": iso(playlist.updated),
            "ownerAccount": self.summary(playlist.owner, "accounts"),
            "videoChannel": channel and self.summary(channel, "video-channels"),
            "videoChannelPosition": playlist.position,
        }
        return self.version.shape("playlist", facts)

    def element(self, element: Element) -> JSON:
        """Return one element of a playlist; an unlisted video is shown, a hidden one is not."""
        kind = element_type(element)
        shown = element.video if kind == ElementType.REGULAR else None
        return {
            "id": element.id,
            "position": element.position,
            "startTimestamp": element.start,
            "stopTimestamp": element.stop,
            "type": int(kind),
            "video": shown and self.video_item(shown, "image"),
        }

    def media(self, video: Video) -> JSON:
        """Return the addresses of a video's files and trackers, as details have them."""
        host = self.host
        media = render_media(video, self.home(video.channel.origin), host, self.recorded_host, self.version)
        trackers = [f"http://{host}/tracker/announce", f"ws://{host}/tracker/socket"]
        return media | {"trackerUrls": trackers if video.is_local else []}

    def _turned(self, ones: Sequence[One]) -> list[One]:
        shift = self.turn % len(ones) if ones else 0
        return [*ones[shift:], *ones[:shift]]

    def _id_in_paths(self, number: int) -> str:
        return short_uuid(number) if self.version.has("short uuids in embed paths") else uuid_text(number)

    def _thumbnails(self, row: Video | Playlist) -> list[JSON]:
        return [
            {"height": height, "width": width, "aspectRatio": ratio, "fileUrl": self._address(path)}
            for width, height, ratio, path in pictures.thumbnails(row)
        ]

    def _address(self, path: str) -> str:
        """Return the address of a file of this instance; that of another host is one already."""
        return path if "://" in path else f"http://{self.host}{path}"

    def _caption(self, video: Video, caption: Caption) -> JSON:
        name = f"{uuid_text(video.number)}-{caption.language}.vtt"
        path = caption.path or f"/lazy-static/video-captions/{name}"
        facts = {
            "language": self.label("videos/languages", caption.language),
            "automaticallyGenerated": caption.automatic,
            "captionPath": path,
            "fileUrl": self._address(path),
            "m3u8Url": caption.m3u8 and self._address(caption.m3u8),
            "updatedAt": iso(caption.updated),
        }
        return self.version.shape("caption", facts)

    def _actor(self, actor: Account | Channel) -> JSON:
        return {
            "hostRedundancyAllowed": False,
            "followingCount": actor.following,
            "followersCount": actor.followers,
            "createdAt": iso(actor.created),
            "updatedAt": iso(actor.updated),
            "description": actor.description,
        }

    def _nested_actors(self, video: Video) -> JSON:
        """Return the full actors as details nest them: never banners, no local-only key on remote."""
        account, channel = self.account(video.account), self.channel(video.channel)
        channel |= {"banners": []} if "banners" in channel else {}
        if not video.is_local:
            for actor in (account, channel, channel["ownerAccount"]):
                del actor["hostRedundancyAllowed"]
        return {"account": account, "channel": channel}

    def _video(self, video: Video) -> JSON:
        uuid = uuid_text(video.number)
        return {
            "id": video.id,
            "uuid": uuid,
            "shortUUID": short_uuid(video.number),
            "url": f"{self.home(video.channel.origin)}/videos/watch/{uuid}",
            **_told(video, TOLD_IN_LISTS),
            "category": self.label("videos/categories", video.category),
            "licence": self.label("videos/licences", video.licence),
            "language": self.label("videos/languages", video.language),
            "privacy": self.label("videos/privacies", video.privacy),
            "isLocal": video.is_local,
            "thumbnailPath": pictures.thumbnail_path(video),
            "previewPath": pictures.preview_path(video, among_thumbnails=self.version.has("previews among thumbnails")),
            "thumbnails": self._thumbnails(video) if self.version.knows("video", "thumbnails") else [],
            "embedPath": f"/videos/embed/{self._id_in_paths(video.number)}",
            "createdAt": iso(video.created),
            "updatedAt": iso(video.updated),
            "publishedAt": iso(video.published),
            "originallyPublishedAt": iso_or_none(video.originally_published),
        }


def _told(video: Video, keys: Mapping[str, str]) -> JSON:
    return {key: getattr(video, field) for field, key in keys.items()}


@lru_cache(maxsize=20_000)
def _image(image: Image, shape: str, host: str, version: Version) -> JSON:
    facts = {
        "height": image.height,
        "width": image.width,
        "path": image.path,
        "fileUrl": f"http://{host}{image.path}",
        "createdAt": iso(image.created),
        "updatedAt": iso(image.updated),
    }
    return version.shape(shape, facts)


def element_type(element: Element) -> ElementType:
    """Say why an anonymous reader sees the element's video or not."""
    video = element.video
    if video is None:
        return ElementType(element.type)
    if video.deleted:
        return ElementType.DELETED
    if video.blocked:
        return ElementType.UNAVAILABLE
    return ElementType.PRIVATE if video.privacy in HIDDEN else ElementType.REGULAR


def truncate(text: str | None) -> str | None:
    """Cut a description as lists do: 250 characters, the last three of them dots."""
    if text is None or len(text) <= TRUNCATED:
        return text
    return text[: TRUNCATED - len(ELLIPSIS)] + ELLIPSIS


def own_label(labels: dict[int, str], key: int) -> JSON:
    """Return the pair of id and label from a table of the sandbox's own."""
    return {"id": key, "label": labels.get(key, "Unknown")}
