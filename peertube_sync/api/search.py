"""What lists of videos tell beyond their rows: the most relevant first, how many there are, and facets.

All of it has bounds, so that a word which half of the catalogue contains costs no more than a rare one: of what is
found, the newest `RANKED` are sorted by relevance and counted by facet; counting ends at `COUNTED`. Where a bound cut
something off, the answer says so.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Count, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from peertube_sync.api.ordering import RELEVANCE
from peertube_sync.api.pagination import KeysetPagination
from peertube_sync.api.parameters import listed
from peertube_sync.api.problems import invalid_parameter
from peertube_sync.catalogue.counting import estimate
from peertube_sync.catalogue.keyset import Position, not_ours
from peertube_sync.models import Video
from peertube_sync.models.search import RANKS
from peertube_sync.models.words import parse_query

RANKED = 1_000
COUNTED = 10_000
SHOWN = 20
"""Values of a facet, the most frequent first."""


@dataclass(frozen=True)
class Facet:
    """A way to sort what is found: `columns` (id, label, host where a handle is the id) of `rows`, by `video`."""

    rows: Callable[[], QuerySet[Any]]
    video: str
    columns: tuple[str, ...]

    def counts(self, pks: Any, most: int = SHOWN) -> list[dict[str, Any]]:
        """Return how many of the videos `pks` (a list or a subquery) have which value, the most frequent first."""
        rows = self.rows().filter(**{f"{self.video}__in": pks, f"{self.columns[0]}__isnull": False}).order_by()
        counted = rows.values_list(*self.columns).annotate(number=Count("pk")).order_by("-number", *self.columns)
        return [_value(*row) for row in counted[:most]]


def _value(key: Any, label: str | None, *rest: Any) -> dict[str, Any]:
    *host, number = rest
    return {"id": f"{key}@{host[0]}" if host else key, "label": label, "count": number}


FACETS: Mapping[str, Facet] = {
    "category": Facet(Video.objects.all, "pk", ("category_id", "category_label")),
    "channel": Facet(Video.objects.all, "pk", ("channel__name", "channel__display_name", "instance__host")),
    "instance": Facet(Video.objects.all, "pk", ("instance__host", "instance__name")),
    "language": Facet(Video.objects.all, "pk", ("language_id", "language_label")),
    "licence": Facet(Video.objects.all, "pk", ("licence_id", "licence_label")),
    "tag": Facet(Video.tags.through._default_manager.all, "video", ("tag__name", "tag__name")),
}


class VideoPagination(KeysetPagination):
    """Pages of videos: by keyset, or by relevance; with `count` and `facets` where they are asked for."""

    facets_parameter, count_parameter = "facets", "count"
    extra_parameters = (facets_parameter, count_parameter)

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """Return the rows of the page, and keep what is told beside them. Raises ValidationError."""
        facets, wants_count = _facets(request), _wants_count(request)
        self.ranked: list[tuple[float, int]] | None = None
        page = super().paginate_queryset(queryset, request, view)
        self.beside: dict[str, Any] = {}
        if wants_count or self.order == RELEVANCE:
            self.beside |= self._count(queryset)
        if facets:
            pks = self._newest(queryset)
            found = {name: FACETS[name].counts(pks[:RANKED]) for name in facets}
            self.beside["facets"] = {"complete": len(pks) <= RANKED, **found}
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with what is told beside it."""
        answer = super().get_paginated_response(data)
        answer.data = {**answer.data, **self.beside}
        return answer

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        page = super().get_paginated_response_schema(schema)
        page["properties"] |= BESIDE
        return page

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Describe the parameters."""
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

    def rows(self, queryset: Any, position: Position | None, number: int, view: Any) -> list[Any]:
        """Return the `number` rows beyond `position`, the most relevant first if that is the order."""
        if self.order != RELEVANCE:
            return super().rows(queryset, position, number, view)
        self.ranked = _ranked(queryset, view.request.query_params["q"])
        chosen = _beyond(self.ranked[:RANKED], position)[:number]
        scores = {pk: score for score, pk in chosen}
        found = {row["pk"]: row for row in view.fetch(view.get_queryset().filter(pk__in=list(scores)), ("pk",))}
        return [{**found[pk], RELEVANCE: score} for pk, score in scores.items() if pk in found]

    def _newest(self, queryset: Any) -> list[int]:
        """Return primary keys of what is found: all, or one more than are looked at."""
        return [pk for _score, pk in self.ranked] if self.ranked is not None else list(_newest(queryset))

    def _count(self, queryset: Any) -> dict[str, Any]:
        """Return how many rows there are, and whether that is the exact number."""
        rows, bound = queryset.order_by(), COUNTED
        if self.ranked is None:
            number = rows.values("pk")[: COUNTED + 1].count()
        else:
            number, bound = len(self.ranked), RANKED
        exact = number <= bound
        return {"count": number if exact else max(bound, estimate(rows)), "count_exact": exact}


BESIDE: dict[str, Any] = {
    "count": {
        "type": "integer",
        "example": 123,
        "description": "How many there are in all; asked by `count`, or by relevance.",
    },
    "count_exact": {
        "type": "boolean",
        "example": True,
        "description": f"False when `count` is an estimate, and by relevance if only the newest {RANKED:,} are sorted.",
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
"""What a page tells beside its rows, as OpenAPI has it."""


def _newest(queryset: Any) -> Any:
    return queryset.order_by("-published_at", "-pk").values_list("pk", flat=True)[: RANKED + 1]


def _ranked(queryset: Any, text: str) -> list[tuple[float, int]]:
    """Return relevance and primary key of what is found, the best first: all, or the newest, one more than are kept."""
    rank, pks = RANKS[connections[queryset.db].vendor], list(_newest(queryset))
    return sorted(rank(parse_query(text), pks).values_list("relevance", "pk"), reverse=True)


def _beyond(ranked: list[tuple[float, int]], position: Position | None) -> list[tuple[float, int]]:
    """Return those after `position`, or before it with the nearest first."""
    if position is None:
        return ranked
    try:
        place = (-float(position.value), -position.pk)
    except ValueError as error:
        raise not_ours() from error
    keys = [(-score, -pk) for score, pk in ranked]
    if position.backwards:
        return ranked[: bisect_left(keys, place)][::-1]
    return ranked[bisect_right(keys, place) :]


def _facets(request: Request) -> list[str]:
    given = listed(request, "facets")
    for name in given:
        if name not in FACETS:
            raise invalid_parameter("facets", f"{name!r} is none of {', '.join(FACETS)}.")
    return list(dict.fromkeys(given))


def _wants_count(request: Request) -> bool:
    given = request.query_params.get("count", "false")
    if given not in {"true", "false", ""}:
        raise invalid_parameter("count", f"{given!r} is neither true nor false.")
    return given == "true"
