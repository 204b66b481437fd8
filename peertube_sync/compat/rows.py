"""Rows as dicts of just the columns that `shapes` reads; queries never grow in number with the rows.

A page is fetched in two steps. Its keys come first, by an index and without a look at anything else, since who asks
for a deep page makes the database pass all those before it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import Model, QuerySet

from peertube_sync.catalogue import public
from peertube_sync.compat.shapes import Row
from peertube_sync.models import Account, Caption, Channel, Chapter, Playlist, PlaylistElement, Tag, Video

Found = QuerySet[Any] | list[int]
"""Rows in their order, or the keys of such."""
Fetch = Callable[[Found], list[Row]]

HOME = ("instance__scheme", "instance__host")
SUMMARY = ("pk", "name", "display_name", "url", "avatars")
OWN_WORDS = ("curation__title", "curation__text")
ACTOR = (
    *SUMMARY,
    "description",
    "following_count",
    "followers_count",
    "created_at",
    "updated_at",
    "first_seen_at",
    "extra",
)


def _by(way: str, columns: Iterable[str]) -> Iterator[str]:
    return (f"{way}__{column}" for column in columns)


ACCOUNT = (*ACTOR, *HOME)
OWNED = (*ACTOR, "support", "banners", *_by("owner_account", ACTOR))
CHANNEL = (*OWNED, *HOME)
FACTS = (
    *("pk", "uuid", "url", "name", "truncated_description", *OWN_WORDS, *HOME),
    *("category_id", "category_label", "licence_id", "licence_label", "language_id", "language_label"),
    *("privacy_id", "privacy_label", "nsfw", "nsfw_flags", "nsfw_summary", "is_live", "duration", "aspect_ratio"),
    *("views", "viewers", "likes", "dislikes", "comments"),
    *("thumbnail_path", "preview_path", "embed_path", "thumbnails"),
    *("created_at", "updated_at", "published_at", "originally_published_at"),
)
LISTED = (*FACTS, *_by("account", SUMMARY), *_by("channel", SUMMARY))
TEXTS = ("pk", "description", "truncated_description", "details_fetched_at", *OWN_WORDS, *HOME)
PARENT = ("pk", *HOME)
DETAILS = (
    *dict.fromkeys((*FACTS, *TEXTS)),
    *("support", "extra", "files", "streaming_playlists", "input_file_updated_at"),
    *("state_id", "state_label", "comments_policy_id", "comments_policy_label"),
    *("download_enabled", "wait_transcoding"),
    *_by("account", ACTOR),
    *_by("channel", OWNED),
)
PLAYLIST = (
    *("pk", "uuid", "url", "display_name", "description", "videos_length", "video_channel_position", *HOME),
    *("privacy_id", "privacy_label", "type_id", "type_label", "thumbnail_path", "thumbnails", "embed_path"),
    *("created_at", "updated_at"),
    *_by("owner_account", SUMMARY),
    *_by("video_channel", SUMMARY),
)
ELEMENT = ("pk", "position", "start_timestamp", "stop_timestamp", "type_id", "video_id")
CAPTION = (
    *("language_id", "language_label", "caption_path", "file_url", "m3u8_url"),
    *("automatically_generated", "updated_at"),
)


def fetching(model: type[Model], columns: Iterable[str]) -> Fetch:
    """Return what fetches `columns` of the rows of `model` that were found, in their order."""
    planned = model._base_manager.order_by().values(*columns)

    def fetch(found: Found) -> list[Row]:
        keys = found if isinstance(found, list) else list(found.values_list("pk", flat=True))
        by_key = {row["pk"]: row for row in planned.filter(pk__in=keys)}
        return [by_key[key] for key in keys if key in by_key]

    return fetch


FETCH_VIDEOS = fetching(Video, LISTED)
FETCH_CHANNELS = fetching(Channel, CHANNEL)
FETCH_ACCOUNTS = fetching(Account, ACCOUNT)
FETCH_PLAYLISTS = fetching(Playlist, PLAYLIST)
_FETCH_PLACES = fetching(PlaylistElement, ELEMENT)


def fetch_elements(found: QuerySet[Any]) -> list[Row]:
    """Fetch places of playlists; `video` is its row, None where it may not be shown."""
    places = _FETCH_PLACES(found)
    videos = FETCH_VIDEOS(public.available().filter(pk__in=[row["video_id"] for row in places]).order_by("pk"))
    by_key = {row["pk"]: row for row in videos}
    return [{**row, "video": by_key.get(row["video_id"])} for row in places]


def elements(playlist: int) -> QuerySet[PlaylistElement]:
    """Return the places of a playlist in their order."""
    return PlaylistElement.objects.filter(playlist=playlist).order_by("position", "pk")


def captions(video: int) -> Iterable[Row]:
    """Return the captions of a video."""
    found: QuerySet[Any, Row] = Caption.objects.filter(video=video).order_by("language_id").values(*CAPTION)
    return found


def chapters(video: int) -> Iterable[Row]:
    """Return the chapters of a video."""
    return Chapter.objects.filter(video=video).order_by("timecode", "pk").values("timecode", "title")


def tags(video: int) -> Iterable[str]:
    """Return the tags of a video."""
    names: QuerySet[Any, str] = Tag.objects.filter(videos=video).values_list("name", flat=True)
    return names
