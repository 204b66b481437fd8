"""How serializers become plans: each is the description of its answers, in the OpenAPI document and for the planner.

What is more than a column is a `Derived` field, which says which columns it is made of.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from peertube_sync.catalogue.answer_parts import Answers
from peertube_sync.catalogue.answer_plan import AnswerPlan, Column, Computed, Related, Table, select

MOMENTS = "moments"
"""The captions in which the words are that found a row: no column, but put into the row by the page."""
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

    def to_representation(self, value: Any) -> object:
        """Make it of a model instance: what staff have just written comes as such."""
        return self.make(*(_dig(value, column) for column in self.columns))


class PlannedList(serializers.ListSerializer[Any]):
    """Many rows, which are dicts of `fetch`."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that the answers need."""
        return (self._ready or self.plan).columns

    def fetch(self, rows: QuerySet[Any], keys: Iterable[str]) -> QuerySet[Any, dict[str, Any]]:
        """Return `rows` as dicts of what the answer needs, and of `keys`."""
        return select(rows, [*keys, *(column for column in self.columns if column != MOMENTS)])

    @property
    def plan(self) -> AnswerPlan:
        """The plan for the fields that are wanted."""
        child: Any = self.child
        kind: Any = type(child)
        return plan_of(kind, *(child.context.get(name) for name in TOLD))

    @property
    def _ready(self) -> Answers | None:
        """What puts the answers together of parts, if the view wants that and there are some."""
        child: Any = self.child
        find, context = child.context.get("ready"), (child.context.get(name) for name in TOLD[1:])
        ready: Answers | None = find(type(child), *context) if find else None
        return ready

    def to_representation(self, data: Any) -> list[Any]:
        ready = self._ready
        return ready.of(data) if ready else self.plan.answers(data)


@lru_cache(maxsize=256)
def plan_of(serializer: Any, *context: Any) -> AnswerPlan:
    """Return the plan of a serializer's answers; `context` has values for the first of the names in `TOLD`."""
    return AnswerPlan(table_of(serializer, *context))


@lru_cache(maxsize=256)
def table_of(serializer: Any, *context: Any) -> Table:
    """Return what a serializer declares, in the same context; its fields take as long to make as rows to read."""
    instance: Any = serializer(context=dict(zip(TOLD, context, strict=False)))
    return _table_of_fields(instance.fields)


def _table_of_fields(fields: Mapping[str, Any]) -> Table:
    """Return what the bound fields of a serializer declare."""
    table: dict[str, str | Computed | Related] = {}
    for name, field in fields.items():
        if isinstance(field, serializers.BaseSerializer):
            table[name] = Related(str(field.source), _table_of_fields(getattr(field, "fields", {})))
        else:
            table[name] = Computed(field.make, *field.columns) if isinstance(field, Derived) else str(field.source)
    return table


def _dig(row: Any, column: str) -> object:
    """Follow `column` through instances; what isn't there, a curation mostly, is None."""
    for name in column.split("__"):
        row = getattr(row, name, None)
    return row
