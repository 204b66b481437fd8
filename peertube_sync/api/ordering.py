"""Sorting: one column of those that a view allows, and a clear refusal of anything else."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request
from rest_framework.views import APIView

from peertube_sync.api.problems import invalid_parameter


class StrictOrdering(OrderingFilter):
    """Sort by one of the view's `ordering_fields`, ascending or with a minus descending."""

    ordering_param = "ordering"

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> tuple[str, ...]:
        """Return what to sort by. Raises ValidationError for what isn't a choice of the view's."""
        given = request.query_params.get(self.ordering_param)
        if given is None:
            return (view.ordering,)  # type: ignore[attr-defined]
        if given not in _choices(view):
            raise invalid_parameter(self.ordering_param, f"{given!r} is none of {', '.join(_choices(view))}.")
        return (given,)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
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
    return [f"{sign}{name}" for name in names for sign in ("", "-")]
