"""How rows become answers: from model instances as Django REST framework does it, or by a plan from `values()`.

A serializer is the one description of an answer, for the OpenAPI document and for both ways. What is more than a
column is a `Derived` field, which says which columns it is made of. So an answer can be planned once (which columns to
fetch, and how each of its keys is made of them) instead of asking every field about every row. Times and uuids stay
what they are; the renderer writes them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

Row = Mapping[str, Any]
Getter = Callable[[Row], Any]
TOLD = ("only", "query", "blur")
"""What the context of a serializer tells: the keys wanted, the words searched for, whether sensitive videos blur."""


class Derived(serializers.Field[Any, Any, Any, Any]):
    """A field that `make` makes of `columns`, which are named as in queries (`instance__host`).

    `schema` is its type, or a serializer, in the OpenAPI document.
    """

    def __init__(self, make: Callable[..., Any], *columns: str, schema: Any = OpenApiTypes.STR, **options: Any) -> None:
        self.make, self.columns = make, columns
        super().__init__(**{**options, "source": "*", "read_only": True})
        extend_schema_field(schema)(self)  # type: ignore[type-var]  # an instance will do as well

    def to_representation(self, value: Any) -> Any:
        """Make it of a model instance."""
        return self.make(*(_dig(value, column) for column in self.columns))


@dataclass(frozen=True)
class Plan:
    """The columns that an answer needs, and how each of its keys is made of a row of them."""

    columns: tuple[str, ...]
    getters: tuple[tuple[str, Getter], ...]

    @classmethod
    def of(cls, fields: Mapping[str, Any], prefix: str = "") -> "Plan":
        """Plan for the bound fields of a serializer whose rows are reached by `prefix`."""
        planned = {name: _planned(field, prefix) for name, field in fields.items()}
        columns = dict.fromkeys(column for needed, _getter in planned.values() for column in needed)
        return cls(tuple(columns), tuple((name, getter) for name, (_columns, getter) in planned.items()))

    def answer(self, row: Row) -> dict[str, Any]:
        """Make the answer of one row."""
        return {name: get(row) for name, get in self.getters}


class PlannedList(serializers.ListSerializer[Any]):
    """Many rows: planned where they are dicts of `fetch`, one by one where they are model instances."""

    def fetch(self, rows: QuerySet[Any], keys: Iterable[str]) -> QuerySet[Any, dict[str, Any]]:
        """Return `rows` as dicts of what the answer needs, and of `keys`."""
        return rows.values(*dict.fromkeys([*keys, *self.plan.columns]))

    @property
    def plan(self) -> Plan:
        """The plan for the fields that are wanted."""
        child: Any = self.child
        kind: Any = type(child)
        return plan_of(kind, *(child.context.get(name) for name in TOLD))

    def to_representation(self, data: Any) -> list[Any]:
        """Return the answers."""
        if data and isinstance(data[0], dict):
            plan = self.plan
            return [plan.answer(row) for row in data]
        return super().to_representation(data)


@lru_cache(maxsize=256)
def plan_of(serializer: Any, *told: Any) -> Plan:
    """Return the plan of a serializer's answers, in a context of `told`: the first so many of `TOLD`."""
    made: Any = serializer(context=dict(zip(TOLD, told, strict=False)))
    return Plan.of(made.fields)


def _planned(field: Any, prefix: str) -> tuple[Iterable[str], Getter]:
    """Return the columns that `field` needs, and its getter."""
    if isinstance(field, serializers.BaseSerializer):
        return _nested(field, f"{prefix}{field.source}__")
    if not isinstance(field, Derived):
        return (f"{prefix}{field.source}",), itemgetter(f"{prefix}{field.source}")
    columns, make = [_reached(column, prefix) for column in field.columns], field.make
    if not columns:
        return (), lambda _row: make()
    read = itemgetter(*columns)
    return columns, (lambda row: make(read(row))) if len(columns) == 1 else (lambda row: make(*read(row)))


def _reached(column: str, prefix: str) -> str:
    """Return the way to `column` from the outermost row, whose instance is that of all rows within it."""
    return column if column.startswith("instance__") else f"{prefix}{column}"


def _nested(field: Any, prefix: str) -> tuple[Iterable[str], Getter]:
    plan, key = Plan.of(field.fields, prefix), f"{prefix}pk"
    return (key, *plan.columns), lambda row: None if row[key] is None else plan.answer(row)


def _dig(row: Any, column: str) -> Any:
    """Follow `column` through instances; what isn't there, a curation mostly, is None."""
    for name in column.split("__"):
        row = getattr(row, name, None)
    return row
