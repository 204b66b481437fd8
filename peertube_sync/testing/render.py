"""PeerTube 6.3's shapes on the wire, made from the sandbox's rows at the moment of asking.

List items and details are two shapes. A renderer belongs to one request: it knows the host that the
instance calls itself, and a turn that shifts the order of avatars, as PeerTube's own order varies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from peertube_sync.testing.constants import COMMENTS_POLICIES, PLAYLIST_TYPES, STATES
from peertube_sync.testing.files import render_media
from peertube_sync.testing.identifiers import iso, iso_or_none, short_uuid, uuid_text
from peertube_sync.testing.records import (
    Account,
    Channel,
    Element,
    ElementType,
    Image,
    Playlist,
    Privacy,
    Video,
)

JSON = dict[str, Any]

TRUNCATED = 250
ELLIPSIS = "..."
HIDDEN = frozenset({Privacy.PRIVATE, Privacy.INTERNAL, Privacy.PASSWORD})


@dataclass(frozen=True, slots=True)
class Renderer:
    """Shapes for one request. `constants` maps a path such as `videos/licences` to labels."""

    host: str
    constants: dict[str, dict[str, str]]
    recorded_host: str = ""
    turn: int = 0

    def home(self, origin: str) -> str:
        """Return scheme and host of a row's home."""
        return origin or f"http://{self.host}"

    def label(self, table: str, key: int | str | None) -> JSON:
        """Return the pair of id and label from one of the constant tables."""
        return {"id": key, "label": self.constants[table].get(str(key), "Unknown")}

    def images(self, images: tuple[Image, ...]) -> list[JSON]:
        """Return the sizes of an avatar or banner, in an order that changes with the turn."""
        shift = self.turn % len(images) if images else 0
        return [_image(image).copy() for image in images[shift:] + images[:shift]]

    def summary(self, actor: Account | Channel, kind: str) -> JSON:
        """Return the short form of an actor; `kind` is `accounts` or `video-channels`."""
        home = self.home(actor.origin)
        return {
            "id": actor.id,
            "name": actor.name,
            "displayName": actor.display_name,
            "url": f"{home}/{kind}/{actor.name}",
            "host": home.rpartition("/")[2],
            "avatars": self.images(actor.avatars),
        }

    def account(self, account: Account) -> JSON:
        """Return the full form of an account."""
        full = self.summary(account, "accounts") | self._actor(account)
        if account.user_id is not None:
            full["userId"] = account.user_id
        return full

    def channel(self, channel: Channel) -> JSON:
        """Return the full form of a channel with its owner."""
        return (
            self.summary(channel, "video-channels")
            | self._actor(channel)
            | {
                "support": channel.support,
                "isLocal": not channel.origin,
                "banners": self.images(channel.banners),
                "ownerAccount": self.account(channel.owner),
            }
        )

    def video_item(self, video: Video) -> JSON:
        """Return the shape of lists: the description cut, actors in short form, no tags."""
        text = truncate(video.description)
        return self._video(video) | {
            "truncatedDescription": text,
            "description": text,
            "account": self.summary(video.account, "accounts"),
            "channel": self.summary(video.channel, "video-channels"),
        }

    def video_details(self, video: Video) -> JSON:
        """Return the shape of `/videos/{id}`."""
        text = video.description
        path = f"/api/v1/videos/{uuid_text(video.number)}/description"
        return (
            self._video(video)
            | {
                "truncatedDescription": truncate(text),
                "description": text,
                "descriptionPath": path,
                "support": video.support,
                "tags": list(video.tags),
                "blacklisted": video.blocked,
                "blacklistedReason": None,
                "commentsEnabled": video.comments_policy != 2,
                "commentsPolicy": own_label(COMMENTS_POLICIES, video.comments_policy),
                "downloadEnabled": video.download_enabled,
                "waitTranscoding": video.wait_transcoding,
                "inputFileUpdatedAt": None,
                "state": own_label(STATES, video.state),
            }
            | self._nested_actors(video)
            | self._media(video)
        )

    def captions(self, video: Video) -> JSON:
        """Return the answer of `/videos/{id}/captions`."""
        stem = f"/lazy-static/video-captions/{uuid_text(video.number)}"
        data = [
            {
                "language": self.label("videos/languages", caption.language),
                "automaticallyGenerated": caption.automatic,
                "captionPath": caption.path or f"{stem}-{caption.language}.vtt",
                "updatedAt": iso(caption.updated),
            }
            for caption in video.captions
        ]
        return {"total": len(data), "data": data}

    def chapters(self, video: Video) -> JSON:
        """Return the answer of `/videos/{id}/chapters`."""
        return {"chapters": [chapter._asdict() for chapter in video.chapters]}

    def playlist(self, playlist: Playlist) -> JSON:
        """Return the one shape of playlists, with the number of all its elements."""
        uuid = uuid_text(playlist.number)
        channel, thumbnail = playlist.channel, playlist.thumbnail
        return {
            "id": playlist.id,
            "uuid": uuid,
            "shortUUID": short_uuid(playlist.number),
            "isLocal": not playlist.origin,
            "url": f"{self.home(playlist.origin)}/video-playlists/{uuid}",
            "displayName": playlist.name,
            "description": playlist.description,
            "privacy": self.label("video-playlists/privacies", playlist.privacy),
            "thumbnailPath": f"/lazy-static/thumbnails/playlist-{uuid}.jpg" if thumbnail == "" else thumbnail,
            "embedPath": f"/video-playlists/embed/{uuid}",
            "type": own_label(PLAYLIST_TYPES, playlist.type),
            "videosLength": len(playlist.elements),
            "createdAt": iso(playlist.created),
            "updatedAt": iso(playlist.updated),
            "ownerAccount": self.summary(playlist.owner, "accounts"),
            "videoChannel": channel and self.summary(channel, "video-channels"),
        }

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
            "video": shown and self.video_item(shown),
        }

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
        channel["banners"] = []
        if not video.is_local:
            for actor in (account, channel, channel["ownerAccount"]):
                del actor["hostRedundancyAllowed"]
        return {"account": account, "channel": channel}

    def _media(self, video: Video) -> JSON:
        host = self.host
        media = render_media(video, self.home(video.channel.origin), host, self.recorded_host)
        trackers = [f"http://{host}/tracker/announce", f"ws://{host}/tracker/socket"]
        return media | {"trackerUrls": trackers if video.is_local else []}

    def _video(self, video: Video) -> JSON:
        uuid = uuid_text(video.number)
        return {
            "id": video.id,
            "uuid": uuid,
            "shortUUID": short_uuid(video.number),
            "url": f"{self.home(video.channel.origin)}/videos/watch/{uuid}",
            "name": video.name,
            "category": self.label("videos/categories", video.category),
            "licence": self.label("videos/licences", video.licence),
            "language": self.label("videos/languages", video.language),
            "privacy": self.label("videos/privacies", video.privacy),
            "nsfw": video.nsfw,
            "isLocal": video.is_local,
            "duration": video.duration,
            "aspectRatio": video.aspect_ratio,
            "views": video.views,
            "viewers": video.viewers,
            "likes": video.likes,
            "dislikes": video.dislikes,
            "thumbnailPath": video.thumbnail or f"/lazy-static/thumbnails/{uuid}.jpg",
            "previewPath": video.preview or f"/lazy-static/previews/{uuid}.jpg",
            "embedPath": f"/videos/embed/{uuid}",
            "createdAt": iso(video.created),
            "updatedAt": iso(video.updated),
            "publishedAt": iso(video.published),
            "originallyPublishedAt": iso_or_none(video.originally_published),
            "isLive": video.is_live,
        }


@lru_cache(maxsize=20_000)
def _image(image: Image) -> JSON:
    return {
        "width": image.width,
        "path": image.path,
        "createdAt": iso(image.created),
        "updatedAt": iso(image.updated),
    }


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
