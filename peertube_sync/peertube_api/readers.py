"""What a list shows; queries never grow in number with the rows.

The keys of a page are found by an index and without a look at anything else, since who asks for a deep page makes the
database pass all those before it; the rows are read by them, in the same statement where that is possible.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db.models import BigIntegerField, Model, QuerySet, Subquery

from peertube_sync.catalogue import queries, visibility
from peertube_sync.catalogue.answer_parts import Answers
from peertube_sync.catalogue.answer_plan import AnswerPlan, Column
from peertube_sync.catalogue.prepared_queries import PreparedQuery
from peertube_sync.models import Account, Caption, Channel, Chapter, Playlist, PlaylistElement, Video
from peertube_sync.models.lookups import Keys
from peertube_sync.models.prepared import Placeholder
from peertube_sync.peertube_api import parts, serializers
from peertube_sync.peertube_api.serializers import Asking, Json


@dataclass(frozen=True)
class Whole:
    """All rows that `make(*given)` selects and sorts: any `count` of them from `start` on are read by one statement."""

    make: Callable[..., QuerySet[Any]]
    given: tuple[Any, ...]
    start: int = 0
    count: int = 0

    def __getitem__(self, part: slice) -> "Whole":
        return replace(self, start=part.start, count=part.stop - part.start)


Found = QuerySet[Any] | list[int] | Whole
"""Rows in their order, or the keys of such."""
Read = Callable[[Found], list[Json]]


def video_reader(asking: Asking = None) -> Read:
    return _reads(Video, parts.video_answers(asking))


def channel_reader(asking: Asking = None) -> Read:
    return _reads(Channel, parts.channel_answers(asking))


def account_reader() -> Read:
    return _reads(Account, parts.ACCOUNTS)


def playlist_reader(asking: Asking = None) -> Read:
    return _reads(Playlist, parts.playlist_answers(asking))


def video_reader_by(plan: AnswerPlan) -> Read:
    """Return what reads videos as `plan` has them, of the columns of `whole_videos`."""
    return partial(_read_rows, Video, plan.columns, plan.answers)


def read_elements(places: QuerySet[PlaylistElement]) -> list[Json]:
    """Read places of playlists, and their videos in a query of their own."""
    return serializers.ELEMENT.answers(
        queries.with_videos(serializers.ELEMENT.fetch(places), serializers.VIDEO.columns)
    )


def read_captions(video: int) -> list[Json]:
    return serializers.CAPTION.answers(
        serializers.CAPTION.fetch(Caption.objects.filter(video=video).order_by("language_id"))
    )


def read_chapters(video: int) -> list[Json]:
    return serializers.CHAPTER.answers(
        serializers.CHAPTER.fetch(Chapter.objects.filter(video=video).order_by("timecode", "pk"))
    )


def _reads(model: type[Model], answers: Answers) -> Read:
    return partial(_read_rows, model, answers.columns, answers.of)


def _read_rows(
    model: type[Model], columns: tuple[Column, ...], make: Callable[[Any], list[Any]], found: Found
) -> list[Any]:
    if isinstance(found, Whole):
        if not found.start:
            return make(_of_first_page(found.make, found.given, columns, found.count).run())
        before = 10 ** len(str(found.start))
        return make(_of_any_page(found.make, found.given, columns, found.count, before).run(start=found.start))
    if isinstance(found, list):
        by_key = {row["pk"]: row for row in _by_keys_query(model, columns).run(keys=found)}
        return make([by_key[key] for key in found if key in by_key])
    # One statement finds the keys of the page first, then reads their rows.
    rows = queries.every(found.model, columns).filter(pk__in=found.values("pk"))
    return make(list(rows.order_by(*found.query.order_by)))


@visibility.prepared_by_policy
def _by_keys_query(model: Any, columns: tuple[Column, ...]) -> PreparedQuery:
    keys = Placeholder("keys", Keys())
    return PreparedQuery(queries.every(model, columns).filter(pk__among=keys).order_by())


class _Page(Subquery):
    """The keys of `count` rows from `start` on, where at most `before` rows precede them.

    How many rows it skips at the most is what decides which plan is the best, and is all that a plan has to know that
    is made once. Both databases keep the order of a subquery that is sorted.
    """

    template = "(SELECT pk FROM (%(subquery)s) AS first_rows LIMIT %(count)s OFFSET %(start)s)"

    def __init__(self, found: QuerySet[Any], count: int, before: int) -> None:
        super().__init__(found.values("pk")[: before + count], count=count, start="%s")
        self.start = Placeholder("start", BigIntegerField()).place

    def as_sql(self, *args: Any, **options: Any) -> Any:
        """Add a parameter for `start`, so that one statement reads any page."""
        sql, params = super().as_sql(*args, **options)
        return sql, (*params, self.start)


@visibility.prepared_by_policy
def _of_any_page(
    make: Any, given: tuple[Any, ...], columns: tuple[Column, ...], count: int, before: int
) -> PreparedQuery:
    whole = make(*given)
    rows = queries.every(whole.model, columns).filter(pk__in=_Page(whole, count, before))
    return PreparedQuery(rows.order_by(*whole.query.order_by))


@visibility.prepared_by_policy
def _of_first_page(make: Any, given: tuple[Any, ...], columns: tuple[Column, ...], count: int) -> PreparedQuery:
    """Read rows as they are found: before the first ones there are none whose columns would be read in vain."""
    return PreparedQuery(queries.with_columns(make(*given), columns)[:count])
