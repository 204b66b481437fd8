"""What a list shows, read in two steps; queries never grow in number with the rows.

The keys of a page come first, by an index and without a look at anything else, since who asks for a deep page makes
the database pass all those before it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Model, QuerySet

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.plan import Plan, Row
from peertube_sync.compat import shapes
from peertube_sync.compat.shapes import Asking, Json
from peertube_sync.models import Account, Caption, Channel, Chapter, Playlist, PlaylistElement, Video

Found = QuerySet[Any] | list[int]
"""Rows in their order, or the keys of such."""
Read = Callable[[Found], list[Json]]


def _planned(model: type[Model], plan: Plan) -> QuerySet[Any, Row]:
    return plan.fetch(model._base_manager.order_by(), "pk")


VIDEOS, CHANNELS = _planned(Video, shapes.video()), _planned(Channel, shapes.channel())
ACCOUNTS, PLAYLISTS = _planned(Account, shapes.ACCOUNT), _planned(Playlist, shapes.playlist())


def videos(asking: Asking = None) -> Read:
    """Return what reads videos."""
    return partial(_read, VIDEOS, shapes.video(asking))


def channels(asking: Asking = None) -> Read:
    """Return what reads channels."""
    return partial(_read, CHANNELS, shapes.channel(asking))


def accounts() -> Read:
    """Return what reads accounts."""
    return partial(_read, ACCOUNTS, shapes.ACCOUNT)


def playlists(asking: Asking = None) -> Read:
    """Return what reads playlists."""
    return partial(_read, PLAYLISTS, shapes.playlist(asking))


def elements(found: QuerySet[PlaylistElement]) -> list[Json]:
    """Read places of playlists, and their videos in a query of their own."""
    return shapes.ELEMENT.answers(queries.with_videos(shapes.ELEMENT.fetch(found), shapes.video().columns))


def captions(video: int) -> list[Json]:
    """Read the captions of a video."""
    return shapes.CAPTION.answers(shapes.CAPTION.fetch(Caption.objects.filter(video=video).order_by("language_id")))


def chapters(video: int) -> list[Json]:
    """Read the chapters of a video."""
    return shapes.CHAPTER.answers(shapes.CHAPTER.fetch(Chapter.objects.filter(video=video).order_by("timecode", "pk")))


def _read(planned: QuerySet[Any, Row], plan: Plan, found: Found) -> list[Json]:
    keys = found if isinstance(found, list) else list(found.values_list("pk", flat=True))
    by_key = {row["pk"]: row for row in planned.filter(pk__in=keys)}
    return plan.answers(by_key[key] for key in keys if key in by_key)
