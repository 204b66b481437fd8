"""Rows as PeerTube publishes them: the only module that knows its camelCase on the way out.

Paths (`thumbnailPath`, an avatar's `path`) are those of the home instance, as published; whatever is called a URL is
absolute and leads there. Shapes of 6.3, with the newer forms beside them. Numeric ids are this site's own.
They are made of the dicts that `rows` fetches, in one pass over a page.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeVar

from peertube_sync.client.addresses import address_at, file_at
from peertube_sync.client.short_uuid import shorten

Json = dict[str, Any]
Row = Mapping[str, Any]
"""Columns as `rows` names them, those of related rows with `instance__`, `account__`, `curation__` … before them."""
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


def page(data: list[Json], total: int | None, *, exact: bool = True) -> Json:
    """Return the envelope of a list; without `total` when nobody wants it, marked where there may be more."""
    if total is None:
        return {"data": data}
    return {"total": total, "data": data} | ({} if exact else {"totalIsExact": False})


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

    def __init__(self, local: Callable[[str], bool] = lambda _host: True) -> None:
        self.local = local
        self._summaries: dict[tuple[str, int], Json] = {}

    def video(self, row: Row) -> Json:
        """Return a video as lists show it: the description cut, actors in short, no tags."""
        facts = self._facts(row, home(row))
        facts["description"] = facts["truncatedDescription"]
        facts["account"] = self.summary(row, "account__")
        facts["channel"] = self.summary(row, "channel__")
        return facts

    def details(self, row: Row, tags: Iterable[str]) -> Json:
        """Return a video as `/videos/{id}` shows it; what its details have not told yet is empty."""
        policy = _label(row["comments_policy_id"] or 1, row["comments_policy_label"] or "Enabled")
        own: Json = {
            **self._facts(row, home(row)),
            "description": description(row),
            "support": row["support"],
            "tags": sorted(tags),
            "commentsEnabled": policy["id"] != 2,
            "commentsPolicy": policy,
            "downloadEnabled": row["download_enabled"] is not False,
            "waitTranscoding": row["wait_transcoding"] is not False,
            "inputFileUpdatedAt": time_text(row["input_file_updated_at"]),
            "state": _label(row["state_id"] or 1, row["state_label"] or "Published"),
            "files": camel_keys(row["files"] or []),
            "streamingPlaylists": camel_keys(row["streaming_playlists"] or []),
            "account": self._actor(row, "account__"),
            "channel": self.channel(row, "channel__"),
        }
        extra: Json = camel_keys(row["extra"])
        return extra | own

    def summary(self, row: Row, way: str) -> Json:
        """Return the account or channel that `way` leads to, in short."""
        key: int = row[f"{way}pk"]
        known = self._summaries.get((way, key))
        if known is None:
            known = self._summaries[way, key] = {
                "id": key,
                "name": row[f"{way}name"],
                "displayName": row[f"{way}display_name"],
                "url": row[f"{way}url"],
                "host": row["instance__host"],
                "avatars": images(row[f"{way}avatars"], home(row)),
            }
        return known

    def account(self, row: Row) -> Json:
        """Return an account in full."""
        return self._actor(row, "")

    def channel(self, row: Row, way: str = "") -> Json:
        """Return the channel that `way` leads to in full, with its owner."""
        owner = f"{way}owner_account__"
        return self._actor(row, way) | {
            "support": row[f"{way}support"],
            "isLocal": self.local(row["instance__host"]),
            "banners": images(row[f"{way}banners"], home(row)),
            "ownerAccount": self._actor(row, owner) if row[f"{owner}pk"] else None,
        }

    def playlist(self, row: Row) -> Json:
        """Return a playlist."""
        at, picture = home(row), row["thumbnail_path"]
        return {
            "id": row["pk"],
            "uuid": str(row["uuid"]),
            "shortUUID": shorten(row["uuid"]),
            "isLocal": self.local(row["instance__host"]),
            "url": row["url"],
            "displayName": row["display_name"],
            "description": row["description"],
            "privacy": _label(row["privacy_id"], row["privacy_label"] or PUBLIC_LABEL),
            "type": _label(row["type_id"] or 1, row["type_label"] or "Regular"),
            "thumbnails": _pictures(row["thumbnails"], at, ((picture, THUMBNAIL),)),
            "thumbnailPath": picture,
            "thumbnailUrl": _absolute(at, picture),
            **_player(at, row["embed_path"] or f"/video-playlists/embed/{row['uuid']}"),
            "videosLength": row["videos_length"] or 0,
            **_if_told("videoChannelPosition", row["video_channel_position"]),
            "createdAt": time_text(row["created_at"]),
            "updatedAt": time_text(row["updated_at"]),
            "ownerAccount": self.summary(row, "owner_account__"),
            "videoChannel": self.summary(row, "video_channel__") if row["video_channel__pk"] else None,
        }

    def element(self, row: Row) -> Json:
        """Return a place of a playlist; a video that isn't shown here is null, and its name isn't told."""
        video = row["video"]
        return {
            "id": row["pk"],
            "position": row["position"],
            "startTimestamp": row["start_timestamp"],
            "stopTimestamp": row["stop_timestamp"],
            "type": 0 if video else row["type_id"] or UNAVAILABLE,
            "video": self.video(video) if video else None,
        }

    def _facts(self, row: Row, at: str) -> Json:
        thumbnail, preview, uuid = row["thumbnail_path"], row["preview_path"], str(row["uuid"])
        widest = _widest(row["thumbnails"]) or _absolute(at, thumbnail) or ""
        return {
            "id": row["pk"],
            "uuid": uuid,
            "shortUUID": shorten(row["uuid"]),
            "url": row["url"],
            "name": row["curation__title"] or row["name"],
            "category": _label(row["category_id"], row["category_label"]),
            "licence": _label(row["licence_id"], row["licence_label"]),
            "language": _label(row["language_id"], row["language_label"]),
            "privacy": _label(row["privacy_id"], row["privacy_label"] or PUBLIC_LABEL),
            "nsfw": row["nsfw"],
            "nsfwFlags": row["nsfw_flags"],
            **_if_told("nsfwSummary", row["nsfw_summary"]),
            "truncatedDescription": row["curation__text"] or row["truncated_description"],
            "isLocal": self.local(row["instance__host"]),
            "isLive": row["is_live"],
            "duration": row["duration"],
            "aspectRatio": row["aspect_ratio"],
            "views": row["views"],
            "viewers": row["viewers"] or 0,
            "likes": row["likes"],
            "dislikes": row["dislikes"],
            "comments": row["comments"] or 0,
            "thumbnails": _pictures(row["thumbnails"], at, ((thumbnail, THUMBNAIL), (preview, PREVIEW))),
            "thumbnailPath": thumbnail,
            "thumbnailUrl": widest,
            "previewPath": preview,
            "previewUrl": _absolute(at, preview) or widest,
            **_player(at, row["embed_path"] or f"/videos/embed/{uuid}"),
            "createdAt": time_text(row["created_at"]),
            "updatedAt": time_text(row["updated_at"]),
            "publishedAt": time_text(row["published_at"]),
            "originallyPublishedAt": time_text(row["originally_published_at"]),
        }

    def _actor(self, row: Row, way: str) -> Json:
        extra: Json = row[f"{way}extra"]
        return (
            camel_keys(extra)
            | self.summary(row, way)
            | {
                "description": row[f"{way}description"],
                "followingCount": row[f"{way}following_count"] or 0,
                "followersCount": row[f"{way}followers_count"] or 0,
                "createdAt": time_text(row[f"{way}created_at"] or row[f"{way}first_seen_at"]),
                "updatedAt": time_text(row[f"{way}updated_at"] or row[f"{way}first_seen_at"]),
            }
        )


def caption(row: Row, at: str) -> Json:
    """Return a caption file of a video whose home is `at`."""
    return {
        "language": _label(row["language_id"], row["language_label"]),
        "automaticallyGenerated": bool(row["automatically_generated"]),
        "captionPath": row["caption_path"],
        "fileUrl": row["file_url"] or file_at(at, row["caption_path"]) or None,
        "m3u8Url": row["m3u8_url"],
        "updatedAt": time_text(row["updated_at"]),
    }


def chapter(row: Row) -> Json:
    """Return a chapter."""
    return {"timecode": row["timecode"], "title": row["title"]}


def description(row: Row) -> str | None:
    """Return the text in full: the site's own, else the source's, which is cut until its details are read."""
    whole: str | None = row["description"] if row["details_fetched_at"] else row["truncated_description"]
    return row["curation__text"] or whole


def home(row: Row) -> str:
    """Return the address of a row's instance, without a slash at its end."""
    return f"{row['instance__scheme']}://{row['instance__host']}"


def images(published: Any, at: str) -> list[Json]:
    """Return pictures of the home `at` with both forms of their address."""
    return [_image(one, one.get("file_url") or _absolute(at, one.get("path"))) for one in published or ()]


def _image(one: Json, url: str | None) -> Json:
    return {**{camel(name): value for name, value in one.items()}, "url": url, "fileUrl": url}


def time_text(at: datetime | None) -> str | None:
    """Return a time as JavaScript writes it: UTC, three digits of a second."""
    return None if at is None else f"{at.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def _label(key: Any, label: str | None) -> Json:
    return {"id": key, "label": label or UNKNOWN}


def _if_told(name: str, value: Any) -> Json:
    """Leave out what older versions don't have: PeerTube's schema knows no null there."""
    return {} if value is None else {name: value}


def _absolute(at: str, path: str | None) -> str | None:
    return address_at(at, path) or None


def _player(at: str, path: str) -> Json:
    return {"embedPath": path, "embedUrl": address_at(at, path)}


def _widest(published: list[Json]) -> str:
    widest: Json = max(published, key=lambda one: one.get("width") or 0, default={})
    return widest.get("file_url") or ""


def _pictures(published: list[Json], at: str, paths: Iterable[tuple[str | None, tuple[int, int]]]) -> list[Json]:
    """Return the form of 8.1: as published, else made of the pictures at `paths`."""
    if published:
        return camel_keys(published)
    return [
        {"width": width, "height": height, "aspectRatio": "16:9", "fileUrl": address_at(at, path)}
        for path, (width, height) in paths
        if address_at(at, path)
    ]
