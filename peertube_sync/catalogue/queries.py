"""The rows that the public may see, with all that lists read of them: one query each, and no long texts in lists."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db.models import Count, Max, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.aggregates import gathered
from peertube_sync.catalogue.answer_plan import Column, select
from peertube_sync.catalogue.transcripts import captions_with_transcripts
from peertube_sync.catalogue.visibility import Side
from peertube_sync.models import PUBLIC, Account, Caption, Channel, Chapter, Instance, Playlist, PlaylistElement, Video
from peertube_sync.models.instance import InstanceQuerySet
from peertube_sync.models.video import VideoQuerySet

ANSWERS = ("config", "about", "stats", "constants")
"""Columns of an instance that hold whole answers."""

OF_A_HOME = frozenset({"id", "host", "scheme", "name", "state"})
"""Columns of an instance that somebody reads who only asks for the home of something."""
BESIDE = (*(field.name for field in Instance._meta.concrete_fields if field.name not in OF_A_HOME),)
"""All its others: what it answered, and what the sync keeps there about it."""

OF_SYNC = ("first_seen_at", "removed_reason", "scrubbed_at", "details_fetched_at", "details_due_at")
"""Columns of videos and actors that only the sync and the admin read."""
ACTOR_TEXTS = ("description", "extra")
CHANNEL_TEXTS = (*ACTOR_TEXTS, "support")
UNREAD = {
    "account": (*ACTOR_TEXTS, *OF_SYNC),
    "owner_account": (*ACTOR_TEXTS, *OF_SYNC),
    "channel": (*CHANNEL_TEXTS, *OF_SYNC, "banners"),
    "video_channel": (*CHANNEL_TEXTS, *OF_SYNC, "banners"),
}
"""Columns that a summary of an actor doesn't show, by the relation that leads to it."""
GATHERED = frozenset({"all_captions", "all_chapters", "all_tags"})
"""Columns of `whole_videos` that list what belongs to a video."""
CAPTION = (
    *("language_id", "language_label", "caption_path", "file_url", "m3u8_url", "automatically_generated", "updated_at"),
)
"""The columns of a caption that answers have."""


@visibility.prepared_by_policy
def videos(side: Side = Side.PUBLIC) -> VideoQuerySet:
    """Return the videos that lists show."""
    rows = _with_homes(visibility.listed(side).without_long_texts().defer(*OF_SYNC), "channel", "account")
    return cast("VideoQuerySet", rows.select_related("curation"))


def video_summaries(side: Side = Side.PUBLIC) -> QuerySet[Video]:
    """Return the videos that may be asked for one by one, as lists show them."""
    rows = visibility.available(side).without_long_texts()
    return _with_homes(rows, "channel", "account").select_related("curation")


def video_details(side: Side) -> QuerySet[Video]:
    """Return the videos that may be asked for one by one."""
    rows = _with_homes(visibility.available(side), "channel", "account").select_related("curation")
    return rows.prefetch_related("tags", Prefetch("captions", captions_with_transcripts()), "chapters")


def parents(side: Side) -> QuerySet[Video]:
    """Return the videos that may be asked for what belongs to them."""
    rows = visibility.available(side).without_long_texts()
    return rows.select_related("instance").defer(*_columns_beside("instance"))


def whole_videos(side: Side) -> QuerySet[Video]:
    """Return the videos that may be asked for one by one, with what belongs to them in columns of their own."""
    return _with_aggregates(video_summaries(side))


@visibility.prepared_by_policy
def available(model: type[Any]) -> QuerySet[Any]:
    """Return the channels, accounts or playlists that are there, with their own columns alone."""
    rows: QuerySet[Any] = model._default_manager.available()
    return rows


def channel_details() -> QuerySet[Channel]:
    """Return the channels that are there."""
    return _with_videos(_with_homes(Channel.objects.available(), "owner_account"), "channel")


@visibility.prepared_by_policy
def channels() -> QuerySet[Channel]:
    """Return the channels that are there, without long texts."""
    return channel_details().defer(*CHANNEL_TEXTS)


def account_details() -> QuerySet[Account]:
    """Return the accounts that are there."""
    return _with_videos(_with_homes(Account.objects.available()), "account")


@visibility.prepared_by_policy
def accounts() -> QuerySet[Account]:
    """Return the accounts that are there, without long texts."""
    return account_details().defer(*ACTOR_TEXTS)


def playlist_details() -> QuerySet[Playlist]:
    """Return the playlists that everybody may see."""
    return _with_homes(Playlist.objects.available(), "owner_account", "video_channel")


@visibility.prepared_by_policy
def playlists() -> QuerySet[Playlist]:
    """Return the playlists that everybody may see, without long texts."""
    return playlist_details().defer("description")


def elements() -> QuerySet[PlaylistElement]:
    """Return elements of playlists; a video that may not be shown is None."""
    return PlaylistElement.objects.prefetch_related(Prefetch("video", video_summaries()))


def with_videos(places: Iterable[dict[str, Any]], columns: Iterable[str]) -> list[dict[str, object]]:
    """Return places of playlists whose `video`, where there is that column, is a row of `columns` instead of its key.

    A video that may not be shown is None.
    """
    places = list(places)
    keys = [place["video"] for place in places if place.get("video") is not None]
    rows = select(_with_aggregates(visibility.available()).filter(pk__in=keys).order_by(), ("pk", *columns))
    by_key = {row["pk"]: row for row in rows}
    return [{**place, "video": by_key.get(place.get("video"))} for place in places]


def instance_details() -> InstanceQuerySet:
    """Return the instances that are mirrored, with the numbers of what is shown of each."""
    return Instance.objects.mirrored().annotate(
        videos_count=_count_per(visibility.listed().filter(instance=OuterRef("pk")), "instance"),
        channels_count=_count_per(Channel.objects.available().filter(instance=OuterRef("pk")), "instance"),
        accounts_count=_count_per(Account.objects.available().filter(instance=OuterRef("pk")), "instance"),
        playlists_count=_count_per(Playlist.objects.available().filter(instance=OuterRef("pk")), "instance"),
    )


def instances() -> InstanceQuerySet:
    """Return the instances without the answers they gave."""
    return instance_details().defer(*ANSWERS)


def public_rows(model: type[Any]) -> QuerySet[Any]:
    """Return the rows that everybody may see at their source, whatever the site's people decided about them."""
    public_condition = {"private": False} if issubclass(model, Account | Channel) else {"privacy_id": PUBLIC}
    rows = model._default_manager.filter(removed_at__isnull=True, **public_condition)
    return _with_aggregates(rows) if model is Video else rows


def every(model: type[Any], columns: Iterable[Column]) -> QuerySet[Any, dict[str, Any]]:
    """Return `columns` and `pk` of all rows of `model`, as `with_columns` does."""
    return with_columns(model._base_manager.all(), tuple(columns))


def with_columns(rows: QuerySet[Any], columns: Sequence[Column]) -> QuerySet[Any, dict[str, Any]]:
    """Return `columns` and `pk` of `rows`, as dicts; those of videos may be columns of `whole_videos`."""
    return select(rows if GATHERED.isdisjoint(columns) else _with_aggregates(rows), ("pk", *columns))


def with_counts(model: type[Any]) -> QuerySet[Any]:
    """Return `public_rows` of accounts or channels, with the number of their shown videos, and the newest's time."""
    return _with_videos(public_rows(model), model._meta.model_name)


def _with_aggregates(rows: QuerySet[Any]) -> QuerySet[Any]:
    of = {"video": OuterRef("pk")}
    whole: QuerySet[Any] = rows.annotate(
        all_captions=gathered(Caption.objects.filter(**of), *CAPTION),
        all_chapters=gathered(Chapter.objects.filter(**of), "timecode", "title"),
        all_tags=gathered(Video.tags.through._default_manager.filter(**of), "tag__name"),
    )
    return whole


def _with_homes(rows: QuerySet[Any], *actors: str) -> QuerySet[Any]:
    """Join the instance, and the `actors` with theirs, leaving out what a summary doesn't show."""
    homes = [f"{actor}__instance" for actor in actors]
    unread = [name for home in ("instance", *homes) for name in _columns_beside(home)]
    unread += [f"{actor}__{name}" for actor in actors for name in UNREAD[actor]]
    return rows.select_related("instance", *actors, *homes).defer(*unread)


def _columns_beside(home: str) -> list[str]:
    return [f"{home}__{name}" for name in BESIDE]


def _count_per(rows: QuerySet[Any], of: str) -> Coalesce:
    """Count `rows` per `of`, in a subquery that the database runs for the rows of the page only."""
    return Coalesce(Subquery(rows.order_by().values(of).annotate(number=Count("pk")).values("number")), 0)


def _with_videos(rows: QuerySet[Any], of: str) -> QuerySet[Any]:
    """Add what PeerTube doesn't publish about actors: how many videos are shown, and the time of the newest."""
    listed = visibility.listed().filter(**{of: OuterRef("pk")})
    latest = Subquery(listed.order_by().values(of).annotate(latest=Max("published_at")).values("latest"))
    counted: QuerySet[Any] = rows.annotate(videos_count=_count_per(listed, of), last_published_at=latest)
    return counted
