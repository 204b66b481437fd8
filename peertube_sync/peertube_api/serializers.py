"""Rows as PeerTube publishes them: the only module that knows its camelCase on the way out.

Each shape is a table: beside every key stands the column that it shows, or what makes it of columns. A video in a list
and its details begin with the same keys. Paths (`thumbnailPath`, an avatar's `path`) are at our own host, and lead from
there to the home (`paths.py`); whatever is called a URL is absolute and leads there at once. Shapes of 6.3, with the
newer forms beside them. Numeric ids are this site's own.
"""

from datetime import UTC, datetime
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from peertube_sync.catalogue.aggregates import names_of_gathered_tags
from peertube_sync.catalogue.answer_plan import PRESENT, Answer, AnswerPlan, Computed, Related, Table
from peertube_sync.client.addresses import address_at
from peertube_sync.client.short_uuid import shorten
from peertube_sync.models.picture_shapes import ACCOUNT_AVATAR, CHANNEL_AVATAR, CHANNEL_BANNER
from peertube_sync.models.picture_shapes import PLAYLIST as PLAYLIST_PICTURE
from peertube_sync.models.picture_shapes import VIDEO as VIDEO_PICTURE
from peertube_sync.models.reading import (
    CUT_TEXT,
    FULL_TEXT,
    HOME,
    PLAYLIST_PLAYER,
    TITLE,
    Image,
    caption_file,
    card,
    embed_address,
    full_text,
    home_url,
    image_address,
    image_width,
    own_or,
    preview,
    small,
)
from peertube_sync.peertube_api import paths
from peertube_sync.peertube_api.problems import Refusal
from peertube_sync.pictures.addresses import PictureAddress
from peertube_sync.pictures.told import HERE, Ours, every_size, told, whole_address

Json = Answer
T = TypeVar("T")

DOCS = "https://docs.joinpeertube.org/api-rest-reference.html"
UNKNOWN = "Unknown"
SIZES = ((280, 157), (850, 480))
"""Width and height of the two pictures that a version before 8.1 has."""
SMALL_WIDTH, CARD_WIDTH, LARGE_WIDTH = 320, 480, 1280
"""Widths of this site's own pictures, in pixels: instead of the one of 280, for lists, instead of the one of 850."""
TIMES = ("created_at", "updated_at")
SMALL = (*HOME, "thumbnail_path", "thumbnails")
"""The columns of which `small` makes the address of a small picture."""
PREVIEW = (*HOME, "preview_path", "thumbnail_path", "thumbnails")
"""The columns of which `preview` makes the address of a large picture."""
NOWHERE: Json = {"path": None, "url": None, "fileUrl": None}
"""What stands for the addresses of a picture without one."""
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


def list_json(data: list[Json], total: int | None, *, exact: bool = True) -> Json:
    """Return the envelope of a list; without `total` when nobody wants it, marked where there may be more."""
    if total is None:
        return {"data": data}
    return {"total": total, "data": data} | ({} if exact else {"totalIsExact": False})


def problem_json(error: Refusal, instance: str, operation: str) -> Json:
    """Return the body of a refusal of `instance`, a path and query; `operation` is PeerTube's name of the question."""
    status, detail, invalid = error.status, error.detail, error.invalid
    document: Json = {"type": "about:blank", "title": HTTPStatus(status).phrase, "detail": detail, "status": status}
    if error.code:
        document |= {"type": f"{DOCS}#section/Errors/{error.code}", "code": error.code}
    if invalid:
        document |= {"instance": instance, "invalid-params": {invalid["path"]: invalid}}
    if operation:
        document["docs"] = f"{DOCS}#operation/{operation}"
    return {**document, "error": detail}


def time_text(at: datetime | None) -> str | None:
    """Return a time as JavaScript writes it: UTC, three digits of a second."""
    return None if at is None else f"{at.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def sized(folder: str, handle: str, scheme: str, host: str, published: Any) -> list[Json]:
    """Return the pictures in a folder (`avatars/channels`) of the actor with this handle.

    They have all forms of their address. Some clients take the first, others the last: so the widest is the first, and
    the next to it the last.
    """
    narrow, path = sorted(published or (), key=image_width), paths.picture_paths(folder, handle)
    sizes = []
    for image in narrow[-1:] + narrow[:-1]:
        url = image_address(scheme, host, image)
        addresses: Json = {"path": path(image), "url": url, "fileUrl": url} if url else NOWHERE
        sizes.append({camel(name): value for name, value in image.items()} | addresses)
    return sizes


def sized_here(picture: PictureAddress | None, *columns: Any) -> list[Json]:
    """Return the sizes in which this site has a picture, in the same order, with the times of the `published` one."""
    *_home, published = columns
    times = ({camel(name): image[name] for name in TIMES if name in image} for image in published or ())
    newest: Json = max(times, key=lambda one: str(one.get("updatedAt")), default={})
    sizes = [
        {**newest, **one, **dict.fromkeys(("url", "fileUrl"), f"{HERE}{one['path']}")} for one in every_size(picture)
    ]
    return sizes[-1:] + sizes[:-1]


def _pictures_of_actor(of: str, folder: str, column: str) -> Computed:
    """Return the pictures of an actor in a folder, as its `column` tells them."""

    def published(scheme: str, host: str, name: str, images: Any) -> list[Json]:
        return sized(folder, f"{name}@{host}", scheme, host, images)

    return Computed(*told(of, sized_here, published, *HOME, "name", column))


def pictures_at_home(scheme: str, host: str, published: list[Image], *at: str | None) -> list[Json]:
    """Return the form of 8.1: as published, else made of the pictures that are `at` paths of the home."""
    if published:
        return [{**camel_keys({**image}), "fileUrl": image_address(scheme, host, image) or None} for image in published]
    addresses = [address_at(home_url(scheme, host), path) for path in at]
    return [
        {"width": width, "height": height, "aspectRatio": "16:9", "fileUrl": address}
        for address, (width, height) in zip(addresses, SIZES, strict=False)
        if address
    ]


def pictures_here(picture: PictureAddress | None, *_columns: Any) -> list[Json]:
    """Return the form of 8.1 of a picture that this site has."""
    return [
        {"width": size["width"], "height": size["height"], "aspectRatio": "16:9", "fileUrl": f"{HERE}{size['path']}"}
        for size in every_size(picture)
    ]


def _path_here(width: int) -> Ours[str | None]:
    return lambda found, *_columns: found.at(width) if found else None


def _pictures(folder: str, uuid: UUID, *columns: Any) -> list[Json]:
    return [
        {**picture, "path": paths.picture_path_here(folder, uuid, picture["fileUrl"])} if "path" in picture else picture
        for picture in pictures_at_home(*columns)
    ]


def _thumbnail_path(folder: str, uuid: UUID, *columns: Any) -> str | None:
    return paths.picture_path_here(folder, uuid, small(*columns))


def _others(uuid: UUID, extra: Json) -> Json:
    """Return what nobody knows, and where the text was in full before 7.0, which is here, too."""
    keys = camel_keys(extra)
    if "descriptionPath" in keys:
        keys["descriptionPath"] = f"{paths.base_path()}api/v1/videos/{uuid}/description"
    return keys


def _first_time(*columns: str) -> Computed:
    """Return the first of the times in `columns` that is known."""
    return Computed(lambda *times: time_text(next(filter(None, times), None)), *columns)


def _constant(name: str, key: int | None = None, label: str = UNKNOWN) -> Computed:
    """Return a constant as an object; `key` and `label` where the row tells none."""
    return Computed(
        lambda number, text: {"id": key if number is None else number, "label": text or label},
        f"{name}_id",
        f"{name}_label",
    )


def _if_told(key: str, column: str) -> Computed:
    """Leave out values that the home hasn't published, as PeerTube's schema has no null there."""
    return Computed(lambda value: {} if value is None else {key: value}, column)


def _unless_refused(column: str) -> Computed:
    """Tell what is allowed until details say otherwise."""
    return Computed(lambda allowed: allowed is not False, column)


def _objects(column: str) -> Computed:
    return Computed(lambda found: camel_keys(found or []), column)


def _actor_in_short(of: str, kind: str) -> Table:
    """Return an account or channel in short."""
    return {
        "id": "pk",
        "name": "name",
        "displayName": "display_name",
        "url": "url",
        "host": "instance__host",
        "avatars": _pictures_of_actor(of, f"{paths.AVATARS}/{kind}", "avatars"),
    }


ACCOUNT_SUMMARY, CHANNEL_SUMMARY = (
    _actor_in_short(ACCOUNT_AVATAR, paths.ACCOUNTS),
    _actor_in_short(CHANNEL_AVATAR, paths.CHANNELS),
)
_IN_FULL: Table = {
    "description": "description",
    "*followingCount": _if_told("followingCount", "following_count"),
    "*followersCount": _if_told("followersCount", "followers_count"),
    "createdAt": _first_time("created_at", "first_seen_at"),
    "updatedAt": _first_time("updated_at", "first_seen_at"),
    "*extra": Computed(camel_keys, "extra"),
}
"""The keys that an account in full and a channel both have."""
ACCOUNT_TABLE: Table = {**ACCOUNT_SUMMARY, **_IN_FULL}
CAPTION_FILE = (*(f"video__{column}" for column in HOME), "caption_path", "file_url")
CAPTION = AnswerPlan(
    {
        "language": _constant("language"),
        "automaticallyGenerated": Computed(bool, "automatically_generated"),
        "captionPath": Computed(
            lambda uuid, language, *columns: paths.caption_path(uuid, language, caption_file(*columns)),
            *("video__uuid", "language_id", *CAPTION_FILE),
        ),
        "fileUrl": Computed(lambda *given: caption_file(*given) or None, *CAPTION_FILE),
        "m3u8Url": "m3u8_url",
        "updatedAt": _first_time("updated_at"),
    }
)
CHAPTER = AnswerPlan({"timecode": "timecode", "title": "title"})
TEXT: Table = {"description": Computed(full_text, *FULL_TEXT)}
DESCRIPTION = AnswerPlan(TEXT)

IS_READ = f"details_fetched_at{PRESENT}"
Asking = str | None
"""The host of the instance that asks, or None of another client.

For an instance, only its own videos are `isLocal`; for other clients, everything that is complete here.
"""


def _local(asking: Asking, *is_read: str) -> Computed:
    """Tell whether clients can use the row from here, without going to its home.

    The columns `is_read` tell whether all that they play or show has been read.
    """
    if asking is None:
        return Computed(lambda *read: all(read), *is_read)
    return Computed(lambda host: host == asking, "instance__host")


COUNTERS: Table = {
    "views": "views",
    "*viewers": _if_told("viewers", "viewers"),
    "likes": "likes",
    "dislikes": "dislikes",
    "*comments": _if_told("comments", "comments"),
    "downloads": "downloads",
}
"""The numbers of a video that change most often.

One that its instance doesn't publish is left out, as that instance does; `downloads`, which come with 8.2, are null.
"""


def _pictures_of(of: str, folder: str, *paths_at_home: str) -> Table:
    """Return the keys about pictures of a video or playlist in lists; the first of the paths is that of the largest."""
    in_8_1 = partial(_pictures, folder)
    return {
        "thumbnails": Computed(*told(of, pictures_here, in_8_1, "uuid", *HOME, "thumbnails", *reversed(paths_at_home))),
        "thumbnailPath": Computed(*told(of, _path_here(SMALL_WIDTH), partial(_thumbnail_path, folder), "uuid", *SMALL)),
        "thumbnailUrl": Computed(*told(of, whole_address(CARD_WIDTH), card, *HOME, "thumbnails", *paths_at_home)),
    }


LIST_KEYS: Table = {
    "id": "pk",
    "uuid": "uuid",
    "shortUUID": Computed(shorten, "uuid"),
    "url": "url",
    "name": Computed(own_or, *TITLE),
    "category": _constant("category"),
    "licence": _constant("licence"),
    "language": _constant("language"),
    "privacy": _constant("privacy", label="Public"),
    "nsfw": "nsfw",
    "nsfwFlags": "nsfw_flags",
    "nsfwSummary": "nsfw_summary",
    "truncatedDescription": Computed(own_or, *CUT_TEXT),
    "isLive": "is_live",
    "liveSchedules": _objects("live_schedules"),
    "duration": "duration",
    "aspectRatio": "aspect_ratio",
    **_pictures_of(VIDEO_PICTURE, paths.VIDEO_THUMBNAILS, "preview_path", "thumbnail_path"),
    "previewPath": Computed(
        *told(
            VIDEO_PICTURE,
            _path_here(LARGE_WIDTH),
            lambda uuid, *columns: paths.picture_path_here(paths.VIDEO_PREVIEWS, uuid, preview(*columns)),
            *("uuid", *PREVIEW),
        )
    ),
    "previewUrl": Computed(*told(VIDEO_PICTURE, whole_address(LARGE_WIDTH), preview, *PREVIEW)),
    "embedPath": Computed(paths.player_path_here, "embed_path", "uuid"),
    "embedUrl": Computed(embed_address, *HOME, "embed_path", "uuid"),
    "createdAt": _first_time("created_at"),
    "updatedAt": _first_time("updated_at"),
    "publishedAt": _first_time("published_at"),
    "originallyPublishedAt": _first_time("originally_published_at"),
}
"""The first keys of a video, the same in lists and in its details."""


def video_table(asking: Asking = None) -> Table:
    """Return how a video is shown in lists: the description cut, actors in short, tags as Sepia Search has them."""
    return {
        **LIST_KEYS,
        "description": Computed(own_or, *CUT_TEXT),
        # Left out until they are read.
        "*tags": Computed(
            lambda found, fetched: {} if fetched is None else {"tags": names_of_gathered_tags(found)},
            *("all_tags", "details_fetched_at"),
        ),
        **COUNTERS,
        "isLocal": _local(asking, IS_READ),
        "account": Related("account", ACCOUNT_SUMMARY),
        "channel": Related("channel", CHANNEL_SUMMARY),
    }


def channel_table(asking: Asking = None) -> Table:
    """Return how a channel is shown, with its owner."""
    return {
        **CHANNEL_SUMMARY,
        **_IN_FULL,
        "support": "support",
        "banners": _pictures_of_actor(CHANNEL_BANNER, f"{paths.BANNERS}/{paths.CHANNELS}", "banners"),
        "ownerAccount": Related("owner_account", ACCOUNT_TABLE),
        "isLocal": _local(asking),
    }


def playlist_table(asking: Asking = None) -> Table:
    return {
        "id": "pk",
        "uuid": "uuid",
        "shortUUID": Computed(shorten, "uuid"),
        "url": "url",
        "displayName": "display_name",
        "description": "description",
        "privacy": _constant("privacy", label="Public"),
        "type": _constant("type", 1, "Regular"),
        **_pictures_of(PLAYLIST_PICTURE, paths.PLAYLIST_THUMBNAILS, "thumbnail_path"),
        "embedPath": Computed(partial(paths.player_path_here, player=PLAYLIST_PLAYER), "embed_path", "uuid"),
        "embedUrl": Computed(partial(embed_address, player=PLAYLIST_PLAYER), *HOME, "embed_path", "uuid"),
        "*videosLength": _if_told("videosLength", "videos_length"),
        "videoChannelPosition": "video_channel_position",
        "createdAt": _first_time("created_at"),
        "updatedAt": _first_time("updated_at"),
        "ownerAccount": Related("owner_account", ACCOUNT_SUMMARY),
        "videoChannel": Related("video_channel", CHANNEL_SUMMARY),
        "isLocal": _local(asking, f"elements_fetched_at{PRESENT}"),
    }


VIDEO = AnswerPlan(video_table())


ACCOUNT = AnswerPlan(ACCOUNT_TABLE)
DETAILS_TABLE: Table = {
    **LIST_KEYS,
    **TEXT,
    "support": "support",
    "tags": Computed(names_of_gathered_tags, "all_tags"),
    "commentsEnabled": Computed(lambda policy: policy != 2, "comments_policy_id"),
    "commentsPolicy": _constant("comments_policy", 1, "Enabled"),
    "downloadEnabled": _unless_refused("download_enabled"),
    "waitTranscoding": _unless_refused("wait_transcoding"),
    "inputFileUpdatedAt": _first_time("input_file_updated_at"),
    "state": _constant("state", 1, "Published"),
    "files": _objects("files"),
    "streamingPlaylists": _objects("streaming_playlists"),
    "*extra": Computed(_others, "uuid", "extra"),
    **COUNTERS,
    "isLocal": _local(None, IS_READ),
    "account": Related("account", ACCOUNT_TABLE),
    "channel": Related("channel", channel_table()),
}
"""The details of a video (a row of `whole_videos`); what hasn't been read yet is empty."""
DETAILS = AnswerPlan(DETAILS_TABLE)
ELEMENT = AnswerPlan(
    {
        "id": "pk",
        "position": "position",
        "startTimestamp": "start_timestamp",
        "stopTimestamp": "stop_timestamp",
        "type": Computed(lambda row, told: 0 if row else told or UNAVAILABLE, "video", "type_id"),
        "video": Computed(lambda row: None if row is None else VIDEO.answer(row), "video"),
    }
)
"""An element of a playlist (a row of `with_videos`); a video that isn't shown here is null, without its name."""
