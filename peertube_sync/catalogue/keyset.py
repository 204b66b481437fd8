"""Pages by keyset: flat at any depth, complete and without repetition however many rows share a value.

A cursor holds the ordering, and of the row it follows the value it is sorted by and the primary key. That is why
it outlives Django REST framework's own kind, which counts rows of equal value and gives up after 1,000.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, cast

import msgspec
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.aggregates import typed_value
from peertube_sync.catalogue.prepared_queries import ChosenColumns, ChosenRows, PreparedQuery, PreparedRows
from peertube_sync.models.prepared import Placeholder

PLACE = "place"
"""The value that a row is sorted by, as text."""
INT64 = 2**63 - 1


class BadCursor(ValueError):  # noqa: N818 - named after what is the case
    """A cursor that isn't one of ours, or belongs to another ordering; the text says which."""


class Position(msgspec.Struct, array_like=True, frozen=True):
    """A place in an ordering: after the row with this `value` and primary key, or before it (`backwards`)."""

    ordering: str
    backwards: bool
    value: str
    pk: Annotated[int, msgspec.Meta(ge=0, le=INT64)]


@dataclass(frozen=True)
class KeysetPage:
    """Rows in their order, and the cursors of the pages beside them; "" where there is none."""

    rows: list[Any]
    next: str
    previous: str


class Further(Func):
    """`(column, pk) < (value, pk)`, or `>`: the one form in which databases see a place in an index.

    Written with `or`, PostgreSQL misjudges how many rows are left, and sorts all of these near the end.
    """

    output_field = BooleanField()
    arity = 4

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_context: Any) -> Any:
        written = [compiler.compile(expression) for expression in self.source_expressions]
        column, pk, value, other = (sql for sql, _params in written)
        sql = f"({column}, {pk}) {self.extra['sign']} ({value}, {other})"
        return sql, [param for _sql, params in written for param in params]


Fetch = Callable[[Position | None, int], list[Any]]
"""Reads so many rows beyond a position, away from it: rows of a model, or dicts."""


def read_page(rows: QuerySet[Any], order: str, size: int, cursor: str | None = None) -> KeysetPage:
    """Return the page of `rows` that `cursor` leads to, the first one without; one query.

    `order` names a column without nulls, with a minus for descending. Raises BadCursor.
    """
    return fetch_page(lambda position, number: list(beyond(rows, order, position)[:number]), order, size, cursor)


def read_page_of(rows: ChosenRows, order: str, size: int, cursor: str | None = None) -> KeysetPage:
    """Return what `read_page` does, by a statement that is compiled once. Raises BadCursor."""

    def fetch(position: Position | None, number: int) -> list[Any]:
        statement, field = _prepared_rows(rows, order, _way(position), number)
        return statement.run(**_place(field, position))

    return fetch_page(fetch, order, size, cursor)


def fetch_page(fetch: Fetch, order: str, size: int, cursor: str | None = None) -> KeysetPage:
    """Return what `read_page` does, of rows that `fetch` reads. Raises BadCursor."""
    position = _position(cursor, order)
    fetched = fetch(position, size + 1)
    more, backwards = len(fetched) > size, position is not None and position.backwards
    page = fetched[:size][::-1] if backwards else fetched[:size]
    has_next = backwards or more
    has_previous = more if backwards else position is not None
    return KeysetPage(
        page,
        next=_cursor_to(order, page[-1], backwards=False) if page and has_next else "",
        previous=_cursor_to(order, page[0], backwards=True) if page and has_previous else "",
    )


def beyond(rows: QuerySet[Any], order: str, position: Position | None) -> QuerySet[Any]:
    """Sort `rows` away from `position`, and leave out what lies before it."""
    field = _field_to_sort_by(rows.model, order)
    if position is None:
        return _beyond(rows, order)
    value = Value(_value_of_cursor(field, position.value), field)
    return _beyond(rows, order, value, Value(position.pk), backwards=position.backwards)


def read_beyond(rows: ChosenColumns, order: str, position: Position | None, most: int) -> list[dict[str, object]]:
    """Return the first `most` of `rows` beyond `position`, by a statement that is written once.

    What they are sorted by is told of those that may stand at an end of a page: it takes time to read.
    """
    statement, field = _prepared(rows, order, _way(position), most)
    read = statement.run(**_place(field, position))
    for row in {id(row): row for row in (*read[:1], *read[-2:])}.values():
        row[order.removeprefix("-")] = typed_value(field, row[PLACE])
    return read


@visibility.prepared_by_policy
def _prepared(rows: ChosenColumns, order: str, way: str, most: int) -> tuple[PreparedQuery, "Field[Any, Any]"]:
    """Return the statement for a way from a position, "" for the first rows, and the field that they are sorted by."""
    placed = rows.all().annotate(**{PLACE: Cast(order.removeprefix("-"), TextField())})
    statement = PreparedQuery(_beyond_places(placed, order, way)[:most], along_index=True)
    return statement, _field_to_sort_by(placed.model, order)


@visibility.prepared_by_policy
def _prepared_rows(rows: ChosenRows, order: str, way: str, most: int) -> tuple[PreparedRows, "Field[Any, Any]"]:
    """Return the statement for rows as model instances, and the field, as `_prepared` does for columns."""
    all_rows = rows.all()
    return PreparedRows(_beyond_places(all_rows, order, way)[:most]), _field_to_sort_by(all_rows.model, order)


def _way(position: Position | None) -> str:
    return "" if position is None else "back" if position.backwards else "on"


def _place(field: "Field[Any, Any]", position: Position | None) -> dict[str, Any]:
    """Return the values of `_beyond_places`. Raises BadCursor."""
    return {} if position is None else {"value": _value_of_cursor(field, position.value), "pk": position.pk}


def _beyond_places(rows: QuerySet[Any], order: str, way: str) -> QuerySet[Any]:
    field, key = _field_to_sort_by(rows.model, order), rows.model._meta.pk
    beyond = (Placeholder("value", field), Placeholder("pk", key)) if way else ()
    return _beyond(rows, order, *beyond, backwards=way == "back")


def _beyond(rows: QuerySet[Any], order: str, *place: Any, backwards: bool = False) -> QuerySet[Any]:
    """Sort `rows`, and leave out what lies before the value and the key in `place`, if there are some."""
    descending = order.startswith("-") != backwards
    (minus, sign), name = ("-", "<") if descending else ("", ">"), order.removeprefix("-")
    rows = rows.order_by(f"{minus}{name}", f"{minus}pk")
    return rows.filter(Further(F(name), F("pk"), *place, sign=sign)) if place else rows


def _position(cursor: str | None, order: str) -> Position | None:
    if cursor is None:
        return None
    try:
        position = msgspec.json.decode(urlsafe_b64decode(cursor.encode()), type=Position)
    except ValueError as error:
        raise not_ours() from error
    if position.ordering != order:
        message = f"It belongs to the ordering {position.ordering!r}, not to {order!r}."
        raise BadCursor(message)
    return position


def _cursor_to(order: str, row: Any, *, backwards: bool) -> str:
    names = (order.removeprefix("-"), "pk")
    value, pk = (row[name] if isinstance(row, dict) else getattr(row, name) for name in names)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return urlsafe_b64encode(msgspec.json.encode(Position(order, backwards, text, pk))).decode()


def _field_to_sort_by(model: type[Model], order: str) -> "Field[Any, Any]":
    return cast("Field[Any, Any]", model._meta.get_field(order.removeprefix("-")))


def _value_of_cursor(field: "Field[Any, Any]", text: str) -> Any:
    """Return what the database compares. Raises BadCursor for whatever came from a forged one."""
    try:
        value = field.to_python(text)
        if "\0" not in text:
            # Within the bounds of what databases know.
            if isinstance(value, int):
                return min(max(value, -INT64 - 1), INT64)
            return value.astimezone(UTC) if isinstance(value, datetime) else value
    except (ValidationError, ValueError, OverflowError) as error:
        raise not_ours() from error
    raise not_ours()


def not_ours() -> BadCursor:
    """Return the error for a cursor that can't be read."""
    return BadCursor("This isn't one of ours; take it from `next` or `previous`, or leave it out.")
