"""Pages by keyset, as Django REST framework asks for them."""

from typing import Any

from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from peertube_sync.api.problems import invalid_parameter
from peertube_sync.catalogue.keyset import BadCursor, KeysetPage, Position, beyond, fetch_page, read_beyond
from peertube_sync.catalogue.prepared_queries import ChosenColumns
from peertube_sync.catalogue.related import related_videos


class KeysetPagination(CursorPagination):
    """Pages of 20 (`page_size`: up to 100), sorted by the view's ordering and then by primary key.

    The first name of the view's ordering must be a column without nulls.
    """

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"
    page_size_query_description = "How many results a page has."
    base_url: str
    order: str
    found: KeysetPage
    extra_parameters: tuple[str, ...] = ()
    page_name = ""
    """What tells pages of this kind from others of the same rows in the OpenAPI document."""
    cursor_query_description = "Where the page begins: take it from `next` or `previous`."

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """Return the rows of the page that `request` asks for. Raises ValidationError."""
        self.base_url = request.build_absolute_uri()
        self.page_size = size = self.get_page_size(request)
        self.order = self.get_ordering(request, queryset, view)[0]  # type: ignore[arg-type]
        cursor = request.query_params.get(self.cursor_query_param)

        def fetch(position: Position | None, number: int) -> list[object]:
            return self.rows(queryset, position, number, view)

        try:
            self.found = fetch_page(fetch, self.order, size, cursor)
        except BadCursor as error:
            raise invalid_parameter(self.cursor_query_param, str(error)) from error
        self.has_next, self.has_previous = bool(self.found.next), bool(self.found.previous)
        self.display_page_controls = True
        return self.found.rows

    def rows(self, queryset: Any, position: Position | None, number: int, view: Any) -> list[Any]:
        """Return the `number` rows beyond `position`."""
        if getattr(view, "is_plain", False):
            rows, arguments = view.listed
            return read_beyond(ChosenColumns(rows, view.columns, arguments), self.order, position, number)
        name = self.order.removeprefix("-")
        return list(view.fetch(beyond(queryset, self.order, position), ("pk", name))[:number])

    def get_page_size(self, request: Request) -> int:
        """Return the size that `request` asks for. Raises ValidationError when that isn't 1 to 100."""
        size = request.query_params.get(self.page_size_query_param)
        if size is None:
            return self.page_size
        if not (size.isdecimal() and len(size) <= 3 and 1 <= int(size) <= self.max_page_size):
            raise invalid_parameter(self.page_size_query_param, f"Give a whole number from 1 to {self.max_page_size}.")
        return int(size)

    def get_next_link(self) -> str | None:
        """Return the address of the page after this one."""
        return self._link(self.found.next)

    def get_previous_link(self) -> str | None:
        """Return the address of the page before this one."""
        return self._link(self.found.previous)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, object]]:
        """Describe both parameters, with their bounds."""
        cursor, size = super().get_schema_operation_parameters(view)
        size["schema"] |= {"minimum": 1, "maximum": self.max_page_size, "default": type(self).page_size}
        return [cursor, size]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["required"] = ["next", "previous", "results"]
        for name in ("next", "previous"):
            example = f"https://mirror.example/api/videos/?{self.cursor_query_param}=WyItcHVibGlz"
            page["properties"][name] |= {"description": f"The address of the {name} page.", "example": example}
        return page

    def _link(self, cursor: str) -> str | None:
        return replace_query_param(self.base_url, self.cursor_query_param, cursor) if cursor else None


class ShortListPagination(KeysetPagination):
    """Pages of 100, for lists that are short by nature."""

    page_size = 100


class RelatedPagination(KeysetPagination):
    """One page of 12 (`page_size`: up to 100): what is less and less alike has no end that anybody looks for."""

    page_size, page_name = 12, "Related"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return those of the rows that are like the view's `like`. Raises ValidationError."""
        if self.cursor_query_param in request.query_params:
            raise invalid_parameter(self.cursor_query_param, "There is one page; `page_size` says how long.")
        self.base_url = request.build_absolute_uri()
        keys = related_videos(view.like, queryset, self.get_page_size(request))
        rows = {row["pk"]: row for row in view.fetch(queryset.filter(pk__in=keys), ("pk",))}
        self.found = KeysetPage([rows[key] for key in keys if key in rows], next="", previous="")
        self.has_next = self.has_previous = False
        return self.found.rows

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        _cursor, size = super().get_schema_operation_parameters(view)
        return [size]
