"""Lists of videos beyond their rows: the most relevant first, how many there are, and facets.

All of it has bounds, so that a word which half of the catalogue contains costs no more than a rare one: the newest
`RANKED` finds are sorted by relevance, the others follow newest first; facets are of the newest `RANKED` too, and
counting ends at `COUNTED`. Where a bound cut something off, the answer says so.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from peertube_sync.api.ordering import RELEVANCE
from peertube_sync.api.pagination import KeysetPagination
from peertube_sync.api.parameters import comma_separated
from peertube_sync.api.problems import invalid_parameter
from peertube_sync.api.serializers.plan import MOMENTS
from peertube_sync.catalogue.counting import Count
from peertube_sync.catalogue.facets import FACETS, count_values
from peertube_sync.catalogue.highlight import Highlighter
from peertube_sync.catalogue.keyset import Position, beyond
from peertube_sync.catalogue.lookups import by_handle
from peertube_sync.catalogue.moments import find_moments
from peertube_sync.catalogue.prepared_queries import ChosenColumns
from peertube_sync.catalogue.totals import COUNTED, cached_total, total, total_found
from peertube_sync.catalogue.video_search import (
    RANKED,
    KnownFacts,
    RankedVideos,
    fact_of_owner,
    newest_videos,
    unranked,
)


class VideoPagination(KeysetPagination):
    """Pages of videos: by keyset, or by relevance; with `count` and `facets` where they are asked for."""

    facets_parameter, count_parameter = "facets", "count"
    extra_parameters = (facets_parameter, count_parameter)

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """Return the rows of the page, and keep the values beside them. Raises ValidationError."""
        facets, wants_count = _facets(request), _wants_count(request)
        best = self.get_ordering(request, queryset, view)[0] == RELEVANCE  # type: ignore[arg-type]  # as at REST framework
        self.finds = _find_ranked(view, queryset) if best else None
        filters: Any = view.filters if view else None  # type: ignore[attr-defined]
        corrected: str = filters.corrected if filters else ""
        if corrected:
            queryset = filters.filter_queryset(queryset)
        self.query = (filters and filters.query) or ()
        page = super().paginate_queryset(queryset, request, view)
        if self.query:
            self._find_moments(page, view)
        self.extra: dict[str, Any] = {"did_you_mean": corrected or None} if self.query else {}
        if wants_count or self.order == RELEVANCE:
            self.extra |= self._count(queryset, view)
        if facets:
            found = self.finds or _find_ranked(view, queryset)
            self.extra["facets"] = {"complete": found.complete, **count_values(facets, found.pks)}
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the values beside it."""
        answer = super().get_paginated_response(data)
        answer.data = {**answer.data, **self.extra}
        return answer

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, object]:
        page = super().get_paginated_response_schema(schema)
        page["properties"] |= EXTRA
        return page

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, object]]:
        facets = {"type": "array", "items": {"type": "string", "enum": [*FACETS]}, "example": ["category", "tag"]}
        text = f"Count the values of these over what is found, comma-separated: {', '.join(FACETS)}."
        return [
            *super().get_schema_operation_parameters(view),
            {
                "name": "facets",
                "in": "query",
                "required": False,
                "description": text,
                "schema": facets,
                "style": "form",
                "explode": False,
            },
            {
                "name": "count",
                "in": "query",
                "required": False,
                "description": "Whether to tell how many videos there are in all.",
                "schema": {"type": "boolean", "default": False},
            },
        ]

    def rows(self, queryset: Any, position: Position | None, number: int, view: Any) -> list[object]:
        """Return the `number` rows beyond `position`: by relevance those that are ranked, then all others.

        The value in a cursor is the relevance of a row, or the time of its publication if it isn't ranked.
        """
        if self.order != RELEVANCE or not self.finds:
            return super().rows(queryset, position, number, view)
        back, begin = bool(position and position.backwards), position
        parts: list[Part] = [
            partial(ranked_rows, self.finds.ranked),
            partial(_unranked, unranked(self.finds, queryset)),
        ]
        if back:
            parts.reverse()
        if position and _is_ranked(position) == back:  # the part that would come first lies behind
            del parts[0]
        page: list[Any] = []
        for part in parts:
            page += part(view, begin, number - len(page), back=back)
            begin = None
        return page

    def _find_moments(self, page: list[Any], view: Any) -> None:
        """Put the captions in which words were found into the rows of the page, if they are asked for."""
        if MOMENTS not in view.columns:
            return
        highlighter, moments = Highlighter(self.query), find_moments(self.query, [row["pk"] for row in page])
        for row in page:
            said = moments.get(row["pk"], ())
            row[MOMENTS] = [{**asdict(moment), "line": highlighter.mark(moment.line)} for moment in said]

    def _count(self, queryset: Any, view: Any) -> dict[str, object]:
        """Return how many rows there are, and whether that is the exact number."""

        def counted() -> Count:
            # All that selects rows in the request, and of which state of the catalogue.
            query, filters = view.request.query_params, view.filterset_class.base_filters
            selecting = sorted((name, query.getlist(name)) for name in query if name in filters)
            asked = f"{view.place.state if view.place else ''} {view.request.path} {selecting}"
            return (
                view.filters.total(_facts_of_address(view), asked)
                if view.filters
                else cached_total(asked, partial(total, queryset))
            )

        number = total_found(self.finds, counted) if self.finds else counted()
        return {"count": number.number, "count_exact": number.exact}


EXTRA: dict[str, Any] = {
    "count": {
        "type": "integer",
        "example": 123,
        "description": "How many there are in all; asked by `count`, or by relevance.",
    },
    "count_exact": {
        "type": "boolean",
        "example": True,
        "description": f"False when there are at least so many; a `count` is exact to {COUNTED:,}.",
    },
    "facets": {
        "type": "object",
        "description": f"By name. `complete` is false when only the newest {RANKED:,} are counted.",
        "properties": {
            "complete": {"type": "boolean", "example": True},
            **{
                name: {
                    "type": "array",
                    "example": [{"id": "18", "label": "Food", "count": 12}] if name == "category" else [],
                    "items": {
                        "type": "object",
                        "required": ["id", "label", "count"],
                        "properties": {
                            "id": {"description": f"What the filter `{name}` takes."},
                            "label": {"type": "string", "nullable": True},
                            "count": {"type": "integer"},
                        },
                    },
                }
                for name in FACETS
            },
        },
        "required": ["complete"],
    },
}
"""The values that a page has beside its rows, as OpenAPI describes them."""


def _find_ranked(view: Any, rows: Any) -> RankedVideos:
    """Find what `q` says, else the newest of `rows`, within what the view's address names."""
    known = _facts_of_address(view)
    ranked: RankedVideos = view.filters.find(known) if view.filters else newest_videos(rows, known)
    return ranked


def _facts_of_address(view: Any) -> KnownFacts:
    """Return what the view's address says of every row: whose it is, or nothing."""
    facts = [[fact_of_owner(view.fact, by_handle(view.kwargs["handle"]))]] if view.fact else []
    return KnownFacts(facts, whole=not view.kwargs)


Part = Callable[..., list[Any]]
"""A function that reads one part of a list: a number of rows after a position, or from the near end of the part."""


def ranked_rows(
    ranked: list[tuple[float, int]], view: Any, begin: Position | None, number: int, *, back: bool
) -> list[object]:
    """Return rows that are ranked, the most relevant first, or last if the way goes `back`."""
    ranked = sorted(ranked, reverse=True)
    if begin:
        keys, place = [(-score, -pk) for score, pk in ranked], (-float(begin.value), -begin.pk)
        ranked = ranked[: bisect_left(keys, place)][::-1] if begin.backwards else ranked[bisect_right(keys, place) :]
    elif back:
        ranked.reverse()
    scores = {pk: score for score, pk in ranked[:number]}
    if view.listed:
        columns = tuple(name for name in view.columns if name != MOMENTS)
        read = ChosenColumns(view.listed[0], columns, view.listed[1]).among(scores)
    else:
        read = view.fetch(view.get_queryset().filter(pk__in=list(scores)), ("pk",))
    rows = {row["pk"]: row for row in read}
    return [{**rows[pk], RELEVANCE: score} for pk, score in scores.items() if pk in rows]


def _unranked(rows: Any, view: Any, begin: Position | None, number: int, *, back: bool) -> list[object]:
    """Return rows that aren't ranked, the newest first, or last if the way goes `back`."""
    order = "published_at" if back else "-published_at"
    after = begin and Position(order, backwards=False, value=begin.value, pk=begin.pk)
    left = beyond(rows, order, after) if after or back else rows
    fetched = view.fetch(left, ("pk", "published_at"))[:number] if number else ()
    return [{**row, RELEVANCE: row["published_at"]} for row in fetched]


def _is_ranked(position: Position) -> bool:
    """Tell whether a cursor was made of a row that is ranked: its value is a number."""
    try:
        float(position.value)
    except ValueError:
        return False
    return True


def _facets(request: Request) -> list[str]:
    names = comma_separated(request, "facets")
    for name in names:
        if name not in FACETS:
            raise invalid_parameter("facets", f"{name!r} is none of {', '.join(FACETS)}.")
    return list(dict.fromkeys(names))


def _wants_count(request: Request) -> bool:
    text = request.query_params.get("count", "false")
    if text not in {"true", "false", ""}:
        raise invalid_parameter("count", f"{text!r} is neither true nor false.")
    return text == "true"
