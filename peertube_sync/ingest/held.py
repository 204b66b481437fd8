"""Reading the rows that an answer tells of, by their keys among the rows of one owner."""

from collections.abc import Callable, Collection
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import CharField, Model, QuerySet

from peertube_sync.models.base import Row

K = TypeVar("K")
Held = dict[str, Any]
"""A row by its columns."""


def held_rows(model: type[Model], keys: Collection[K], key: str, owner: Row, columns: tuple[str, ...]) -> dict[K, Row]:
    """Return the rows of `owner` (like `{"instance_id": 1}`) with one of `keys` in column `key`: by it, as dicts.

    They have `pk`, `key` and `columns`, which are attribute names, as in `account_id`.
    """
    return {row[key]: row for row in READERS[connection.vendor](model, [*keys], key, owner, ("pk", key, *columns))}


class _Statement(NamedTuple):
    """SQL that was written once, and what makes Python's values of the database's, by their place in a row."""

    sql: str
    converters: list[tuple[int, Callable[..., Any]]]


def _look_up_each(
    model: type[Model], keys: list[K], key: str, owner: Row, names: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Look each key up by itself, in the unique index of owner and key, as they are few.

    Of an owner who has just come no statistics tell how many rows there are, and PostgreSQL would rather read all.
    """
    sql, converters = _statement(model, key, tuple(owner), names)
    with connection.cursor() as cursor:
        cursor.execute(sql, [keys, *owner.values()])
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for place, convert in converters:
        for row in rows:
            row[names[place]] = convert(row[names[place]], None, connection)
    return rows


@cache
def _statement(model: type[Model], key: str, owner: tuple[str, ...], names: tuple[str, ...]) -> _Statement:
    meta: Any = model._meta
    quoted, field_of = connection.ops.quote_name, meta.get_field
    fields = [meta.pk if name == "pk" else field_of(name) for name in names]
    key_field = field_of(key)
    type_ = "text" if isinstance(key_field, CharField) else key_field.db_type(connection)
    listed = ", ".join(f"held.{quoted(field.column)}" for field in fields)
    owned = " AND ".join(f"held.{quoted(field_of(name).column)} = %s" for name in owner)
    sql = (
        f"SELECT found.* FROM unnest(%s::{type_}[]) AS told (key) CROSS JOIN LATERAL ("  # noqa: S608 - our own names
        f"SELECT {listed} FROM {quoted(meta.db_table)} AS held"
        f" WHERE held.{quoted(key_field.column)} = told.key AND {owned} OFFSET 0) AS found"
    )
    converters = [
        (place, convert) for place, field in enumerate(fields) for convert in field.get_db_converters(connection)
    ]
    return _Statement(sql, converters)


def _look_up_all(model: type[Model], keys: list[K], key: str, owner: Row, names: tuple[str, ...]) -> list[Held]:
    return list(_columns(model, names).filter(**owner, **{f"{key}__in": keys}))


@cache
def _columns(model: type[Model], names: tuple[str, ...]) -> QuerySet[Any, dict[str, Any]]:
    """Return a query for some columns, to be narrowed down; finding these out each time would take long."""
    return model._default_manager.order_by().values(*names)


READERS = {"postgresql": _look_up_each, "sqlite": _look_up_all}
"""How it is done, by the vendor of the database."""
