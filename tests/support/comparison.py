"""What a PeerTube published against what the rows hold, field by field.

One table per kind of answer names for every published key where its value is found in a row. A key that
no table names is a difference too: nothing that PeerTube publishes may be forgotten silently.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from peertube_sync.client.naming import snake_keys
from peertube_sync.models import Account, Caption, Channel, Instance, Playlist, Video

Getter = Callable[[Any], Any]
Table = Mapping[str, Getter]


def own(name: str) -> Getter:
    return lambda row: getattr(row, name)


def labelled(name: str) -> Getter:
    return lambda row: {"id": getattr(row, f"{name}_id"), "label": getattr(row, f"{name}_label")}


def extra(name: str) -> Getter:
    return lambda row: row.extra.get(name, MISSING)


def time(name: str) -> Getter:
    def get(row: Any) -> str | None:
        at = getattr(row, name)
        return at and at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"

    return get


MISSING = object()
SUMMARY: Table = {
    "id": own("remote_id"),
    "name": own("name"),
    "displayName": own("display_name"),
    "url": own("url"),
    "host": own("host"),
    "avatars": own("avatars"),
}
ACTOR: Table = {
    **SUMMARY,
    "description": own("description"),
    "followingCount": own("following_count"),
    "followersCount": own("followers_count"),
    "createdAt": time("created_at"),
    "updatedAt": time("updated_at"),
    "hostRedundancyAllowed": extra("host_redundancy_allowed"),
}
ACCOUNT: Table = {**ACTOR, "userId": extra("user_id")}
CHANNEL: Table = {
    **ACTOR,
    "publicEmail": extra("public_email"),
    "isLocal": own("is_local"),
    "support": own("support"),
    "banners": own("banners"),
    "ownerAccount": lambda row: Nested(ACCOUNT, row.owner_account),
}
# Details show every channel without its banners (observed on 6.3.0), so nothing is to be learnt from them there.
NESTED_CHANNEL: Table = {**CHANNEL, "banners": lambda _row: []}
FACTS: Table = {
    "id": own("remote_id"),
    "uuid": lambda row: str(row.uuid),
    "shortUUID": own("short_uuid"),
    "url": own("url"),
    "name": own("name"),
    "category": labelled("category"),
    "licence": labelled("licence"),
    "language": labelled("language"),
    "privacy": labelled("privacy"),
    "nsfw": own("nsfw"),
    "nsfwFlags": own("nsfw_flags"),
    "nsfwSummary": own("nsfw_summary"),
    "truncatedDescription": own("truncated_description"),
    "isLocal": own("is_local"),
    "duration": own("duration"),
    "aspectRatio": own("aspect_ratio"),
    "views": own("views"),
    "viewers": own("viewers"),
    "likes": own("likes"),
    "dislikes": own("dislikes"),
    "comments": own("comments"),
    "downloads": own("downloads"),
    "thumbnails": own("thumbnails"),
    "thumbnailPath": own("thumbnail_path"),
    "previewPath": own("preview_path"),
    "embedPath": own("embed_path"),
    "createdAt": time("created_at"),
    "updatedAt": time("updated_at"),
    "publishedAt": time("published_at"),
    "originallyPublishedAt": time("originally_published_at"),
    "isLive": own("is_live"),
}
LIST: Table = {
    **FACTS,
    "description": own("truncated_description"),
    "account": lambda row: Nested(SUMMARY, row.account),
    "channel": lambda row: Nested(SUMMARY, row.channel),
}
DETAILS: Table = {
    **FACTS,
    "description": own("description"),
    "account": lambda row: Nested(ACCOUNT, row.account),
    "channel": lambda row: Nested(NESTED_CHANNEL, row.channel),
    "blacklisted": extra("blacklisted"),
    "blacklistedReason": extra("blacklisted_reason"),
    "streamingPlaylists": own("streaming_playlists"),
    "files": own("files"),
    "support": own("support"),
    "descriptionPath": extra("description_path"),
    "tags": lambda row: sorted(tag.name for tag in row.tags.all()),
    "commentsEnabled": lambda row: row.comments_policy_id != 2,
    "commentsPolicy": labelled("comments_policy"),
    "downloadEnabled": own("download_enabled"),
    "waitTranscoding": own("wait_transcoding"),
    "inputFileUpdatedAt": time("input_file_updated_at"),
    "state": labelled("state"),
    "trackerUrls": extra("tracker_urls"),
    "embedPrivacyPolicy": extra("embed_privacy_policy"),
    "liveSchedules": own("live_schedules"),
}
CAPTION: Table = {
    "language": labelled("language"),
    "captionPath": own("caption_path"),
    "fileUrl": own("file_url"),
    "m3u8Url": own("m3u8_url"),
    "automaticallyGenerated": own("automatically_generated"),
    "updatedAt": time("updated_at"),
}
PLAYLIST: Table = {
    "id": own("remote_id"),
    "uuid": lambda row: str(row.uuid),
    "shortUUID": own("short_uuid"),
    "isLocal": own("is_local"),
    "url": own("url"),
    "displayName": own("display_name"),
    "description": own("description"),
    "privacy": labelled("privacy"),
    "type": labelled("type"),
    "thumbnails": own("thumbnails"),
    "thumbnailPath": own("thumbnail_path"),
    "embedPath": own("embed_path"),
    "videosLength": own("videos_length"),
    "createdAt": time("created_at"),
    "updatedAt": time("updated_at"),
    "ownerAccount": lambda row: Nested(SUMMARY, row.owner_account),
    "videoChannel": lambda row: row.video_channel and Nested(SUMMARY, row.video_channel),
    "videoChannelPosition": own("video_channel_position"),
}
ELEMENT: Table = {
    "id": own("remote_id"),
    "position": own("position"),
    "startTimestamp": own("start_timestamp"),
    "stopTimestamp": own("stop_timestamp"),
    "type": own("type_id"),
    "video": lambda row: str(row.video_uuid) if row.video_uuid else None,
}
PICTURES = frozenset({"avatars", "banners", "thumbnails"})


class Nested:
    """An object inside an answer that is a row of its own with us."""

    def __init__(self, table: Table, row: Any) -> None:
        self.table, self.row = table, row


def differences(where: str, published: Mapping[str, Any], table: Table, row: Any) -> Iterator[str]:
    """Yield a line for every key of `published` whose value `row` doesn't hold."""
    for key, value in published.items():
        if key not in table:
            yield f"{where}: nobody knows the key {key}"
            continue
        held = table[key](row)
        if isinstance(held, Nested):
            yield from differences(f"{where}.{key}", value, held.table, held.row)
        elif key in PICTURES:
            yield from _picture_differences(f"{where}.{key}", snake_keys(value), held)
        elif held != (sorted(value) if key == "tags" else snake_keys(value)):
            yield f"{where}.{key}: published {value!r}, held {held!r}"


def _picture_differences(where: str, published: list[Any], held: list[Any]) -> Iterator[str]:
    """Compare two sets of pictures, in any order: of a picture, an answer may tell less than is held."""
    rows = {_address(one): one for one in held}
    if len(held) != len(published) or rows.keys() != {_address(one) for one in published}:
        yield f"{where}: published {published!r}, held {held!r}"
        return
    for one in published:
        row = rows[_address(one)]
        if one != {key: row.get(key, MISSING) for key in one}:
            yield f"{where}: published {one!r}, held {row!r}"


def _address(picture: Mapping[str, Any]) -> Any:
    return picture.get("path") or picture.get("file_url")


def world_differences(world: Mapping[str, Any], instance: Instance) -> Iterator[str]:
    """Yield every difference between a recorded world and the rows of `instance`."""
    local = [item for item in world["list"] if item["isLocal"]]
    rows = {str(row.uuid): row for row in _videos(instance)}
    yield from (f"video {uuid} is held but not published" for uuid in rows.keys() - {item["uuid"] for item in local})
    for item in local:
        uuid = item["uuid"]
        if uuid not in rows:
            yield f"video {uuid} is missing"
            continue
        yield from differences(f"list {uuid}", item, LIST, rows[uuid])
        yield from differences(f"details {uuid}", world["details"][uuid], DETAILS, rows[uuid])
        yield from _texts(world, uuid, rows[uuid])
    yield from _actors(world, instance)
    yield from _playlists(world, instance)


def _videos(instance: Instance) -> Any:
    rows = Video.objects.filter(instance=instance, removed_at=None)
    related = ("account__instance", "channel__instance", "channel__owner_account__instance")
    return rows.select_related(*related).prefetch_related("tags", "captions", "chapters")


def _texts(world: Mapping[str, Any], uuid: str, row: Video) -> Iterator[str]:
    captions: dict[str, Caption] = {one.language_id: one for one in row.captions.all()}
    published = world["captions"][uuid]["data"]
    if {one["language"]["id"] for one in published} != captions.keys():
        yield f"captions {uuid}: held {sorted(captions)}"
    for one in published:
        if one["language"]["id"] in captions:
            yield from differences(f"caption {uuid}", one, CAPTION, captions[one["language"]["id"]])
    chapters = [{"timecode": one.timecode, "title": one.title} for one in row.chapters.all()]
    if world["chapters"][uuid]["chapters"] != chapters:
        yield f"chapters {uuid}: held {chapters}"


def _actors(world: Mapping[str, Any], instance: Instance) -> Iterator[str]:
    for model, key, table in ((Channel, "channels", CHANNEL), (Account, "accounts", ACCOUNT)):
        held = {row.name: row for row in model.objects.filter(instance=instance, removed_at=None)}
        for one in world[key]:
            if one["host"] == instance.host:
                if one["name"] in held:
                    yield from differences(f"{key} {one['name']}", one, table, held[one["name"]])
                else:
                    yield f"{key} {one['name']} is missing"


def _playlists(world: Mapping[str, Any], instance: Instance) -> Iterator[str]:
    held = {str(row.uuid): row for row in Playlist.objects.filter(instance=instance, removed_at=None)}
    for one in world["playlists"]:
        if not one["isLocal"]:
            continue
        if one["uuid"] not in held:
            yield f"playlist {one['uuid']} is missing"
            continue
        yield from differences(f"playlist {one['uuid']}", one, PLAYLIST, held[one["uuid"]])
        elements = {row.remote_id: row for row in held[one["uuid"]].elements.all()}
        for element in world["elements"][one["uuid"]]:
            flat = {**element, "video": element["video"] and element["video"]["uuid"]}
            if element["id"] in elements:
                yield from differences(f"element {element['id']}", flat, ELEMENT, elements[element["id"]])
        if elements.keys() != {element["id"] for element in world["elements"][one["uuid"]]}:
            yield f"playlist {one['uuid']}: elements held {sorted(elements)}"
