"""Rows as PeerTube publishes them: the only module that knows its camelCase on the way out.

Paths (`thumbnailPath`, an avatar's `path`) are those of the home instance, as published; whatever is called a URL is
absolute and leads there. Shapes of 6.3, with the newer forms beside them. Numeric ids are this site's own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeVar

from peertube_sync.models import Account, Caption, Channel, Chapter, Instance, Playlist, PlaylistElement, Video

Json = dict[str, Any]
T = TypeVar("T")

DOCS = "https://docs.joinpeertube.org/api-rest-reference.html"
PUBLIC_LABEL, UNKNOWN = "Public", "Unknown"
THUMBNAIL, PREVIEW = (280, 157), (850, 480)
"""Width and height of the two pictures that a version before 8.1 has."""
UNAVAILABLE = 3
"""The type of a playlist's element whose video nobody may see."""
SPELLINGS = {
    "allowed_for_current_ip": "allowedForCurrentIP",
    "default_nsfw_policy": "defaultNSFWPolicy",
    "invalid_params": "invalid-params",
    "is_nsfw": "isNSFW",
    "short_uuid": "shortUUID",
    "web_videos": "web_videos",
}


@lru_cache(maxsize=1024)
def camel(name: str) -> str:
    """Return snake_case `name` as PeerTube spells it."""
    first, *rest = name.split("_")
    return SPELLINGS.get(name) or first + "".join(part[:1].upper() + part[1:] for part in rest)


def camel_keys(value: T) -> T:
    """Return `value` with the keys of all its objects as PeerTube spells them."""
    if isinstance(value, list):
        return [camel_keys(item) for item in value]  # type: ignore[return-value]
    if isinstance(value, dict):
        return {camel(key): camel_keys(item) for key, item in value.items()}  # type: ignore[return-value]
    return value


def page(data: list[Json], total: int | None) -> Json:
    """Return the envelope of a list; without `total` when nobody wants it."""
    return {"data": data} if total is None else {"total": total, "data": data}


def problem(status: int, detail: str, invalid: Json | None, instance: str, operation: str) -> Json:
    """Return the body of a refusal of `instance`, a path and query; `operation` is PeerTube's name of the question."""
    told: Json = {"type": "about:blank", "title": HTTPStatus(status).phrase, "detail": detail, "status": status}
    if invalid:
        told |= {"instance": instance, "invalid-params": {invalid["path"]: invalid}}
    if operation:
        told["docs"] = f"{DOCS}#operation/{operation}"
    return {**told, "error": detail}


class Shapes:
    """The shapes of one answer; actors that come again and again are made once.

    `local` says whether what is shown counts as local, by the host of its home.
    """

    def __init__(self, local: Any = lambda _host: True) -> None:
        self.local = local
        self._summaries: dict[tuple[type, int], Json] = {}

    def video(self, video: Video) -> Json:
        """Return a video as lists show it: the description cut, actors in short, no tags."""
        text = _own(video, "text") or video.truncated_description
        return self._facts(video) | {
            "truncatedDescription": text,
            "description": text,
            "account": self.summary(video.account, video.instance),
            "channel": self.summary(video.channel, video.instance),
        }

    def details(self, video: Video) -> Json:
        """Return a video as `/videos/{id}` shows it; what its details have not told yet is empty."""
        policy = _label(video.comments_policy_id or 1, video.comments_policy_label or "Enabled")
        extra: Json = video.extra
        return (
            camel_keys(extra)
            | self._facts(video)
            | {
                "truncatedDescription": _own(video, "text") or video.truncated_description,
                "description": description(video),
                "support": video.support,
                "tags": sorted(tag.name for tag in video.tags.all()),
                "commentsEnabled": policy["id"] != 2,
                "commentsPolicy": policy,
                "downloadEnabled": video.download_enabled is not False,
                "waitTranscoding": video.wait_transcoding is not False,
                "inputFileUpdatedAt": time_text(video.input_file_updated_at),
                "state": _label(video.state_id or 1, video.state_label or "Published"),
                "files": camel_keys(video.files or []),
                "streamingPlaylists": camel_keys(video.streaming_playlists or []),
                "account": self.account(video.account),
                "channel": self.channel(video.channel),
            }
        )

    def summary(self, actor: Account | Channel, home: Instance) -> Json:
        """Return an account or channel of `home` in short."""
        known = self._summaries.get((type(actor), actor.pk))
        if known is None:
            known = self._summaries[type(actor), actor.pk] = {
                "id": actor.pk,
                "name": actor.name,
                "displayName": actor.display_name,
                "url": actor.url,
                "host": home.host,
                "avatars": camel_keys(images(actor.avatars, home)),
            }
        return known

    def account(self, account: Account) -> Json:
        """Return an account in full."""
        return self._actor(account)

    def channel(self, channel: Channel) -> Json:
        """Return a channel in full, with its owner."""
        return self._actor(channel) | {
            "support": channel.support,
            "isLocal": self.local(channel.instance.host),
            "banners": camel_keys(images(channel.banners, channel.instance)),
            "ownerAccount": self.account(channel.owner_account) if channel.owner_account else None,
        }

    def playlist(self, playlist: Playlist) -> Json:
        """Return a playlist."""
        home, channel = playlist.instance, playlist.video_channel
        return {
            "id": playlist.pk,
            "uuid": str(playlist.uuid),
            "shortUUID": playlist.short_uuid,
            "isLocal": self.local(home.host),
            "url": playlist.url,
            "displayName": playlist.display_name,
            "description": playlist.description,
            "privacy": _label(playlist.privacy_id, playlist.privacy_label or PUBLIC_LABEL),
            "type": _label(playlist.type_id or 1, playlist.type_label or "Regular"),
            **_pictures(playlist.thumbnails, home, {playlist.thumbnail_path: THUMBNAIL}),
            "thumbnailPath": playlist.thumbnail_path,
            "thumbnailUrl": _absolute(home, playlist.thumbnail_path),
            **_player(home, playlist.embed_path or f"/video-playlists/embed/{playlist.uuid}"),
            "videosLength": playlist.videos_length or 0,
            **_if_told("videoChannelPosition", playlist.video_channel_position),
            "createdAt": time_text(playlist.created_at),
            "updatedAt": time_text(playlist.updated_at),
            "ownerAccount": self.summary(playlist.owner_account, home),
            "videoChannel": self.summary(channel, home) if channel else None,
        }

    def element(self, element: PlaylistElement) -> Json:
        """Return a place of a playlist; a video that isn't shown here is null, and its name isn't told."""
        video = element.video
        return {
            "id": element.pk,
            "position": element.position,
            "startTimestamp": element.start_timestamp,
            "stopTimestamp": element.stop_timestamp,
            "type": 0 if video else element.type_id or UNAVAILABLE,
            "video": self.video(video) if video else None,
        }

    def _facts(self, video: Video) -> Json:
        home = video.instance
        return {
            "id": video.pk,
            "uuid": str(video.uuid),
            "shortUUID": video.short_uuid,
            "url": video.url,
            "name": _own(video, "title") or video.name,
            "category": _label(video.category_id, video.category_label),
            "licence": _label(video.licence_id, video.licence_label),
            "language": _label(video.language_id, video.language_label),
            "privacy": _label(video.privacy_id, video.privacy_label or PUBLIC_LABEL),
            "nsfw": video.nsfw,
            "nsfwFlags": video.nsfw_flags,
            **_if_told("nsfwSummary", video.nsfw_summary),
            "isLocal": self.local(home.host),
            "isLive": video.is_live,
            "duration": video.duration,
            "aspectRatio": video.aspect_ratio,
            "views": video.views,
            "viewers": video.viewers or 0,
            "likes": video.likes,
            "dislikes": video.dislikes,
            "comments": video.comments or 0,
            **_pictures(video.thumbnails, home, {video.thumbnail_path: THUMBNAIL, video.preview_path: PREVIEW}),
            "thumbnailPath": video.thumbnail_path,
            "thumbnailUrl": video.thumbnail_url,
            "previewPath": video.preview_path,
            "previewUrl": _absolute(home, video.preview_path) or video.thumbnail_url,
            **_player(home, video.embed_path or f"/videos/embed/{video.uuid}"),
            "createdAt": time_text(video.created_at),
            "updatedAt": time_text(video.updated_at),
            "publishedAt": time_text(video.published_at),
            "originallyPublishedAt": time_text(video.originally_published_at),
        }

    def _actor(self, actor: Account | Channel) -> Json:
        extra: Json = actor.extra
        return (
            camel_keys(extra)
            | self.summary(actor, actor.instance)
            | {
                "description": actor.description,
                "followingCount": actor.following_count or 0,
                "followersCount": actor.followers_count or 0,
                "createdAt": time_text(actor.created_at or actor.first_seen_at),
                "updatedAt": time_text(actor.updated_at or actor.first_seen_at),
            }
        )


def caption(caption: Caption, home: Instance) -> Json:
    """Return a caption file of a video at `home`."""
    return {
        "language": _label(caption.language_id, caption.language_label),
        "automaticallyGenerated": bool(caption.automatically_generated),
        "captionPath": caption.caption_path,
        "fileUrl": caption.file_url or _absolute(home, caption.caption_path),
        "m3u8Url": caption.m3u8_url,
        "updatedAt": time_text(caption.updated_at),
    }


def chapter(chapter: Chapter) -> Json:
    """Return a chapter."""
    return {"timecode": chapter.timecode, "title": chapter.title}


def description(video: Video) -> str | None:
    """Return the text in full: the site's own, else the source's, which is cut until its details are read."""
    whole = video.description if video.details_fetched_at else video.truncated_description
    return _own(video, "text") or whole


def images(published: Any, home: Instance) -> list[Json]:
    """Return pictures of `home`, in snake_case, with both forms of their address."""
    return [
        {**one, "url": (url := one.get("file_url") or _absolute(home, one.get("path"))), "file_url": url}
        for one in published or ()
    ]


def time_text(at: datetime | None) -> str | None:
    """Return a time as JavaScript writes it: UTC, three digits of a second."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _own(video: Video, name: str) -> str:
    """Return what the site's people put in the place of the source's, "" for nothing."""
    return getattr(getattr(video, "curation", None), name, "")


def _label(key: Any, label: str | None) -> Json:
    return {"id": key, "label": label or UNKNOWN}


def _if_told(name: str, value: Any) -> Json:
    """Leave out what older versions don't have: PeerTube's schema knows no null there."""
    return {} if value is None else {name: value}


def _absolute(home: Instance, path: str | None) -> str | None:
    return f"{home.url}{path}" if path else None


def _player(home: Instance, path: str) -> Json:
    return {"embedPath": path, "embedUrl": f"{home.url}{path}"}


def _pictures(published: list[Json], home: Instance, paths: Mapping[str | None, tuple[int, int]]) -> Json:
    """Return the form of 8.1: as published, else made of the pictures at `paths`."""
    if published:
        return {"thumbnails": camel_keys(published)}
    return {
        "thumbnails": [
            {"width": width, "height": height, "aspectRatio": "16:9", "fileUrl": _absolute(home, path)}
            for path, (width, height) in paths.items()
            if path
        ]
    }
