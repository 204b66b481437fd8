"""The rows that are shown, with just the columns that `shapes` reads; queries never grow in number with the rows.

Actors and instances come in queries of their own: a page of videos has few of them, and pictures are costly to read.
What is hidden, a tombstone or not public is in none of these.
"""

from typing import Any

from django.db.models import Prefetch, QuerySet

from peertube_sync.models import Account, Caption, Channel, Chapter, Instance, Playlist, PlaylistElement, Video
from peertube_sync.models.video import LONG

HOME = ("host", "scheme")
ANSWERS = ("config", "about", "stats", "constants", "robots")
"""Columns of an instance that hold whole answers."""
SUMMARY = ("name", "display_name", "url", "avatars", "instance")
OWN_FACTS = (
    "remote_id",
    "removed_reason",
    "first_seen_at",
    "details_fetched_at",
    "details_due_at",
    "scrubbed_at",
    "captions_fetched_at",
    "captions_due_at",
    "missing_since",
    "delisted_at",
    "input_file_updated_at",
)


def videos() -> QuerySet[Video]:
    """Return the videos of lists."""
    return _shown(Video.objects.listed())


def video_details() -> QuerySet[Video]:
    """Return the videos that may be asked for one by one, with all that belongs to them."""
    homes = [f"{way}instance" for way in ("", "account__", "channel__", "channel__owner_account__")]
    unread = [f"{home}__{name}" for home in homes for name in ANSWERS]
    return Video.objects.available().select_related("curation", *homes).defer(*unread).prefetch_related("tags")


def parents() -> QuerySet[Video]:
    """Return the videos whose captions, chapters or texts are asked for."""
    columns = ("instance", "description", "truncated_description", "details_fetched_at")
    rows = Video.objects.available().select_related("curation").only(*columns, "curation__text")
    return rows.prefetch_related(_home())


def captions(video: Video) -> QuerySet[Caption]:
    """Return the captions of a video."""
    return Caption.objects.filter(video=video).order_by("language_id")


def chapters(video: Video) -> QuerySet[Chapter]:
    """Return the chapters of a video."""
    return Chapter.objects.filter(video=video).order_by("timecode", "pk")


def channels() -> QuerySet[Any]:
    """Return the channels that are there, with their owners."""
    rows: Any = Channel.objects.available()
    return rows.prefetch_related(_home(), Prefetch("owner_account", _accounts()))  # type: ignore[no-any-return]


def accounts() -> QuerySet[Any]:
    """Return the accounts that are there."""
    rows: QuerySet[Any] = Account.objects.available()
    return rows.prefetch_related(_home())


def playlists() -> QuerySet[Playlist]:
    """Return the playlists that everybody may see."""
    owner = Prefetch("owner_account", Account.objects.only(*SUMMARY))
    channel = Prefetch("video_channel", Channel.objects.only(*SUMMARY))
    return Playlist.objects.available().prefetch_related(_home(), owner, channel)


def elements(playlist: Any) -> QuerySet[PlaylistElement]:
    """Return the places of a playlist in their order; a video that may not be shown is None."""
    shown = Prefetch("video", _shown(Video.objects.available()))
    return PlaylistElement.objects.filter(playlist=playlist).order_by("position", "pk").prefetch_related(shown)


def _shown(rows: QuerySet[Video]) -> QuerySet[Video]:
    return (
        rows.select_related("curation")
        .defer(*LONG, *OWN_FACTS)
        .prefetch_related(
            _home(),
            Prefetch("account", Account.objects.only(*SUMMARY)),
            Prefetch("channel", Channel.objects.only(*SUMMARY)),
        )
    )


def _accounts() -> QuerySet[Any]:
    """Return accounts to go with what is theirs, tombstones too: a video may outlive its account by a page."""
    rows: QuerySet[Any] = Account.objects.prefetch_related(_home())
    return rows


def _home() -> "Prefetch[Any]":
    return Prefetch("instance", Instance.objects.only(*HOME))
