"""Sorting: one column of those that a view allows, and a clear refusal of anything else."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request
from rest_framework.views import APIView

from peertube_sync.api.problems import invalid_parameter

RELEVANCE = "relevance"
"""How well a row fits to `q`, the best first; goes with `q` alone, and without saying then."""

FEATURED = "featured"
"""What the site features first, then the rest, the newest first in both."""
ONE_WAY = (RELEVANCE, FEATURED)
"""Orderings that take no minus."""


class StrictOrdering(OrderingFilter):
    """Sort by one of the view's `ordering_fields`, ascending or with a minus descending."""

    ordering_param = "ordering"

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> tuple[str, ...]:
        """Return what to sort by. Raises ValidationError for what isn't a choice of the view's."""
        ordering = request.query_params.get(self.ordering_param)
        searched = RELEVANCE in view.ordering_fields and bool(request.query_params.get("q"))  # type: ignore[attr-defined]
        if ordering is None:
            return (RELEVANCE,) if searched else (view.ordering,)  # type: ignore[attr-defined]
        if ordering == RELEVANCE and not searched:
            raise invalid_parameter(self.ordering_param, "By relevance goes with a text, `q`, alone.")
        if ordering not in _choices(view):
            raise invalid_parameter(self.ordering_param, f"{ordering!r} is none of {', '.join(_choices(view))}.")
        return (ordering,)

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """Refuse what can't be sorted by; the page does the sorting."""
        self.get_ordering(request, queryset, view)
        return queryset

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, object]]:
        """Describe the parameter with its choices."""
        if not _choices(view):
            return []
        return [
            {
                "name": self.ordering_param,
                "required": False,
                "in": "query",
                "description": "What to sort by; with a minus, descending.",
                "schema": {"type": "string", "enum": _choices(view), "default": view.ordering},  # type: ignore[attr-defined]
            }
        ]


def _choices(view: APIView) -> list[str]:
    names: tuple[str, ...] = view.ordering_fields  # type: ignore[attr-defined]
    return [f"{sign}{name}" for name in names for sign in ("", "-") if not (sign and name in ONE_WAY)]
