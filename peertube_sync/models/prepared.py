"""Statements whose SQL is written once: Django takes longer to write them than the database to carry them out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connections, router
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import UpdateQuery


@dataclass(frozen=True)
class Parameter:
    """Where a value that isn't known yet stands among the parameters of a statement."""

    name: str
    field: "Field[Any, Any]"


class Placeholder(Expression):
    """A value that is given by its name when the statement is run, of the type of `field`."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.place = Parameter(name, field)

    def as_sql(self, _compiler: Any, _connection: Any) -> Any:
        """Keep a place for the value."""
        return "%s", [self.place]


def placeholders(model: type[Model], *columns: str) -> dict[str, Placeholder]:
    """Return a place for a value of each of these columns, by its name."""
    fields: Any = {name: model._meta.get_field(name) for name in columns}
    return {name: Placeholder(name, field) for name, field in fields.items()}


class PreparedUpdate:
    """`rows.update(**columns)`, in which values may be `Placeholder`."""

    def __init__(self, rows: QuerySet[Any, Any], **columns: Any) -> None:
        self.using = router.db_for_write(rows.model)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(columns)
        self._sql, self._params = query.get_compiler(self.using).as_sql()

    def run(self, **values: Any) -> int:
        """Update, and return of how many rows."""
        connection = connections[self.using]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, with_values(self._params, values, connection))
            return int(cursor.rowcount)


def with_values(params: Iterable[Any], values: Mapping[str, Any], connection: Any) -> list[Any]:
    """Return `params` with each `Parameter` replaced by its value, as the database takes it."""
    return [
        param.field.get_db_prep_value(values[param.name], connection) if isinstance(param, Parameter) else param
        for param in params
    ]
