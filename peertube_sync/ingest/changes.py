"""Changing many rows of one table at once, each in other columns.

What a row's own change doesn't name isn't written, not even with the value that was read: somebody else may have
changed it since, and what is large stays where it lies.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Field, Model

Changes = Mapping[int, Mapping[str, Any]]
"""New values of columns (attribute names, as in `account_id`) by the primary key of their row."""
Fields = dict[str, "Field[Any, Any]"]


def write_changes(model: type[Model], changes: Changes) -> None:
    """Write `changes` to rows of `model`, in their order: two writers of the same rows don't wait for each other."""
    if changes:
        WRITERS[connection.vendor](model, changes)


def _write_at_once(model: type[Model], changes: Changes) -> None:
    """Send all changes as one JSON value, which the database takes apart: one statement, however many rows.

    The rows are locked first, in the order of `changes`. That they are few is said by their keys, since nothing tells
    the planner how many there are in JSON.
    """
    every = _fields(model, changes)
    types = {name: field.db_type(connection) for name, field in every.items()}
    types |= {"pk": "bigint", "place": "integer", "named": "text[]"}
    shape = ", ".join(f"{_quoted(name)} {type_}" for name, type_ in types.items())
    conditions = [
        {"pk": pk, "place": place, "named": [*change], **change} for place, (pk, change) in enumerate(changes.items())
    ]
    values = ", ".join(_assignment(name, field, changes) for name, field in every.items())
    table, key = _quoted(model._meta.db_table), _quoted(model._meta.pk.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH told AS MATERIALIZED (SELECT one.* FROM json_to_recordset(%s) AS one ({shape})"  # noqa: S608 - our own names
            f" JOIN {table} AS held ON held.{key} = one.pk"
            f" WHERE held.{key} = ANY (%s) ORDER BY one.place FOR NO KEY UPDATE OF held)"
            f" UPDATE {table} AS held SET {values} FROM told WHERE held.{key} = told.pk AND held.{key} = ANY (%s)",
            [msgspec.json.encode(conditions).decode(), [*changes], [*changes]],
        )


def _assignment(name: str, field: "Field[Any, Any]", changes: Changes) -> str:
    """Return the SQL that sets a column in those rows that have a change of it."""
    column, value = _quoted(field.column), f"told.{_quoted(name)}"
    if all(name in change for change in changes.values()):
        return f"{column} = {value}"
    return f"{column} = CASE WHEN '{name}' = ANY (told.named) THEN {value} ELSE held.{column} END"


def _write_one_by_one(model: type[Model], changes: Changes) -> None:
    """Change one row after the other: nothing lies between us and the database."""
    every = _fields(model, changes)
    table, key = _quoted(model._meta.db_table), _quoted(model._meta.pk.column)
    with connection.cursor() as cursor:
        for names, rows in groupby(changes.items(), lambda change: tuple(change[1])):
            values = ", ".join(f"{_quoted(every[name].column)} = %s" for name in names)
            cursor.executemany(
                f"UPDATE {table} SET {values} WHERE {key} = %s",  # noqa: S608 - our own names
                [
                    [*(every[name].get_db_prep_save(change[name], connection) for name in names), pk]
                    for pk, change in rows
                ],
            )


def _fields(model: type[Model], changes: Changes) -> Fields:
    names = {name: None for change in changes.values() for name in change}
    return {name: model._meta.get_field(name) for name in names}  # type: ignore[misc]  # no relations of others


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(str(name))


WRITERS = {"postgresql": _write_at_once, "sqlite": _write_one_by_one}
"""How it is done, by the vendor of the database."""
