"""Rows of another table that belong to a row, as a list in one of its columns: they take no query of their own."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Func, JSONField, Model, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.timezone import is_naive


class _Gathered(Func):
    """All values of an expression as a JSON list; null or empty where there are none."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **options: Any) -> object:
        """Say it in the words of PostgreSQL."""
        return self.as_sql(compiler, connection, function="JSONB_AGG", **options)


def gathered(rows: QuerySet[Any], *columns: str) -> Subquery:
    """Return the column that lists `columns` of those `rows` that belong to the row outside, in no order."""
    every = _Gathered(JSONObject(**dict(zip(columns, columns, strict=True))))
    return Subquery(rows.order_by().values(gathered=every))


def read_aggregate(model: type[Model], gathered: list[dict[str, Any]] | None) -> list[dict[str, object]]:
    """Return what was gathered of `model` with the types of its columns, of which JSON has few."""
    columns = {name: model._meta.get_field(name) for name in (gathered[0] if gathered else ())}
    return [{name: typed_value(columns[name], value) for name, value in row.items()} for row in gathered or ()]


def names_of_gathered_tags(gathered: list[dict[str, Any]] | None) -> list[str]:
    """Return the names of gathered tags (`all_tags` of `whole_videos`)."""
    return sorted(tag["tag__name"] for tag in gathered or ())


def as_gathered(names: Iterable[str]) -> list[dict[str, object]]:
    """Return tags with these names as `tag_names` reads them."""
    return [{"tag__name": name} for name in names]


def typed_value(column: Any, value: Any) -> object:
    """Return `value`, which the database made JSON or text of, with the type of its column."""
    typed = None if value is None else column.to_python(value)
    # SQLite writes times without their zone.
    return typed.replace(tzinfo=UTC) if isinstance(typed, datetime) and is_naive(typed) else typed
