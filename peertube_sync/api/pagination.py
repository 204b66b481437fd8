"""Pages by keyset: flat at any depth, complete and without repetition however many rows share a value.

A cursor holds the ordering, and of the row it follows the value it is sorted by and the primary key. That is why
it outlives Django REST framework's own kind, which counts rows of equal value and gives up after 1,000.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Annotated, Any, cast

import msgspec
from django.core.exceptions import ValidationError as BadValue
from django.db.models import Field, Model, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from peertube_sync.api.problems import invalid_parameter


class Position(msgspec.Struct, array_like=True, frozen=True):
    """A place in an ordering: after the row with this `value` and primary key, or before it (`backwards`)."""

    ordering: str
    backwards: bool
    value: str
    pk: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class KeysetPagination(CursorPagination):
    """Pages of 20 (`page_size`: up to 100), sorted by the view's ordering and then by primary key.

    The first name of the view's ordering must be a column without nulls.
    """

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"
    page_size_query_description = "How many results a page has."
    base_url: str
    extra_parameters: tuple[str, ...] = ()
    cursor_query_description = "Where the page begins: take it from `next` or `previous`."

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """Return the rows of the page that `request` asks for. Raises ValidationError."""
        self.base_url = request.build_absolute_uri()
        self.page_size = size = self.get_page_size(request)
        self.order = self.get_ordering(request, queryset, view)[0]  # type: ignore[arg-type]
        position = self._position(request)
        found = self.rows(queryset, position, size + 1, view)
        more, backwards = len(found) > size, position is not None and position.backwards
        self.page = found[:size][::-1] if backwards else found[:size]
        self.has_next = backwards or more
        self.has_previous = more if backwards else position is not None
        self.display_page_controls = True
        return self.page

    def rows(self, queryset: Any, position: Position | None, number: int, view: Any) -> list[Any]:
        """Return the `number` rows beyond `position`."""
        name = self.order.removeprefix("-")
        return list(view.fetch(self._beyond(queryset, position), ("pk", name))[:number])

    def get_page_size(self, request: Request) -> int:
        """Return the size that `request` asks for. Raises ValidationError when that isn't 1 to 100."""
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size
        if not (given.isdecimal() and len(given) <= 3 and 1 <= int(given) <= self.max_page_size):
            raise invalid_parameter(self.page_size_query_param, f"Give a whole number from 1 to {self.max_page_size}.")
        return int(given)

    def get_next_link(self) -> str | None:
        """Return the address of the page after this one."""
        return self._link(self.page[-1], backwards=False) if self.has_next and self.page else None

    def get_previous_link(self) -> str | None:
        """Return the address of the page before this one."""
        return self._link(self.page[0], backwards=True) if self.has_previous and self.page else None

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Describe both parameters, with their bounds."""
        cursor, size = super().get_schema_operation_parameters(view)
        size["schema"] |= {"minimum": 1, "maximum": self.max_page_size, "default": type(self).page_size}
        return [cursor, size]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        page = super().get_paginated_response_schema(schema)
        page["required"] = ["next", "previous", "results"]
        for name in ("next", "previous"):
            example = f"https://mirror.example/api/videos/?{self.cursor_query_param}=WyItcHVibGlz"
            page["properties"][name] |= {"description": f"The address of the {name} page.", "example": example}
        return page

    def _beyond(self, rows: QuerySet[Any], position: Position | None) -> QuerySet[Any]:
        """Sort `rows` away from `position`, and leave out what lies before it."""
        descending = self.order.startswith("-") != (position is not None and position.backwards)
        sign, lookup, name = "-" if descending else "", "lt" if descending else "gt", self.order.removeprefix("-")
        rows = rows.order_by(f"{sign}{name}", f"{sign}pk")
        if position is None:
            return rows
        value = _value(_field(rows.model, name), position.value)
        # The first condition is implied by the second; alone it lets an index find where to begin.
        further = Q(**{f"{name}__{lookup}": value}) | Q(**{f"pk__{lookup}": position.pk})
        return rows.filter(Q(**{f"{name}__{lookup}e": value}), further)

    def _position(self, request: Request) -> Position | None:
        given = request.query_params.get(self.cursor_query_param)
        if given is None:
            return None
        try:
            position = msgspec.json.decode(urlsafe_b64decode(given.encode()), type=Position)
        except ValueError as error:
            raise bad_cursor() from error
        if position.ordering != self.order:
            raise invalid_parameter(
                self.cursor_query_param, f"It belongs to the ordering {position.ordering!r}, not to {self.order!r}."
            )
        return position

    def _link(self, row: Any, *, backwards: bool) -> str:
        names = (self.order.removeprefix("-"), "pk")
        value, pk = (row[name] if isinstance(row, dict) else getattr(row, name) for name in names)
        position = Position(self.order, backwards, value.isoformat() if isinstance(value, datetime) else str(value), pk)
        return replace_query_param(
            self.base_url, self.cursor_query_param, urlsafe_b64encode(msgspec.json.encode(position)).decode()
        )


class ShortListPagination(KeysetPagination):
    """Pages of 100, for lists that are short by nature."""

    page_size = 100


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    return cast("Field[Any, Any]", model._meta.get_field(name))


def _value(field: "Field[Any, Any]", text: str) -> Any:
    """Return what the database compares; whatever came from a forged cursor raises ValidationError."""
    try:
        value = field.to_python(text)
        if "\0" not in text:
            return value.astimezone(UTC) if isinstance(value, datetime) else value
    except (BadValue, ValueError, OverflowError) as error:
        raise bad_cursor() from error
    raise bad_cursor()


def bad_cursor() -> ValidationError:
    """Return the error for a cursor that can't be read."""
    return invalid_parameter("cursor", "This isn't one of ours; take it from `next` or `previous`, or leave it out.")
