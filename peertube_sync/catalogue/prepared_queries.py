"""Queries whose SQL is written once: Django takes longer to write a long one than PostgreSQL to answer it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connections
from django.db.models import Field, QuerySet, prefetch_related_objects

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.answer_plan import Column, select
from peertube_sync.models.lookups import Keys
from peertube_sync.models.prepared import Parameter, Placeholder, with_values


class Send(Protocol):
    """Carries out a prepared query by Django's connection; None where that is to be done as usual.

    `sql` and `params` are as Django's cursors take them, `along_index` as `PreparedQuery` has it.
    """

    def __call__(
        self, connection: Any, sql: str, params: Sequence[Any], *, along_index: bool
    ) -> list[tuple[Any, ...]] | None: ...


SENDER: ContextVar[Send | None] = ContextVar("SENDER", default=None)
"""What carries out prepared queries where a face has a quicker way."""


class Statement:
    """The statement of a queryset, in which values may be `Placeholder`.

    `along_index`: an index has the rows in their order, and few of those it passes are left out. PostgreSQL doesn't
    know how few where a plan is made for any place, and sorts small tables, which takes longer.
    """

    _fixed: tuple[str, list[Parameter]] | None = None

    def __init__(self, rows: QuerySet[Any, Any], *, along_index: bool = False) -> None:
        self.using, self._along_index = rows.db, along_index
        self.compiler: Any = rows.query.get_compiler(using=self.using)
        self._sql, self._params = self.compiler.as_sql()
        self._converters = self.compiler.get_converters(expression for expression, _sql, _alias in self.compiler.select)

    def read(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows, with the types of their columns."""
        rows = self._sent(**values)
        return list(map(tuple, self.compiler.apply_converters(rows, self._converters))) if self._converters else rows

    def _sent(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows as the database gives them."""
        connection, send, rows = connections[self.using], SENDER.get(), None
        if send:
            sql, free = self._fixed = self._fixed or self._with_constants(connection)
            given = with_values(free, values, connection)
            rows = send(connection, sql, given, along_index=self._along_index)
        if rows is None:
            with connection.cursor() as cursor:
                cursor.execute(self._sql, with_values(self._params, values, connection))
                rows = cursor.fetchall()
        return rows

    def _with_constants(self, connection: Any) -> tuple[str, list[Parameter]]:
        """Return the SQL with the values in it that are always the same, and what is left to be given.

        A plan that is made once knows these, and uses an index of rows that have them.
        """
        free = [param for param in self._params if isinstance(param, Parameter)]
        write = connection.ops.compose_sql
        written = tuple(
            "%s" if isinstance(param, Parameter) else write("%s", [param]).replace("%", "%%") for param in self._params
        )
        return self._sql.replace("%%", "%%%%") % written, free


class PreparedQuery:
    """The statement of a queryset made by `values()`; `along_index` is as `Statement` has it."""

    def __init__(self, rows: QuerySet[Any, Any], *, along_index: bool = False) -> None:
        self._statement = Statement(rows, along_index=along_index)
        self.using = self._statement.using
        query: Any = rows.query
        chosen = (*query.extra_select, *query.values_select, *query.annotation_select)
        self._names = tuple(query.selected or chosen)

    def run(self, **values: Any) -> list[dict[str, object]]:
        """Return the rows, as dicts by column."""
        return [dict(zip(self._names, row, strict=True)) for row in self.tuples(**values)]

    def tuples(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows, as tuples in the order of `values()`."""
        return self._statement.read(**values)


class PreparedRows:
    """The statement of a queryset whose rows are instances, in which values may be `Placeholder`."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        self._statement = Statement(rows)
        compiler = self._statement.compiler
        self._made_of = _MadeOf(compiler.klass_info, compiler.select, rows.db)
        self._annotations: Mapping[str, int] = compiler.annotation_col_map or {}
        self._prefetched = rows._prefetch_related_lookups  # type: ignore[attr-defined]

    def run(self, **values: Any) -> list[Any]:
        """Return the rows, as the queryset would; of what they belong to, what is the same is one instance."""
        instances, shared = [], dict[Any, Any]()
        for row in self._statement.read(**values):
            instance = self._made_of.make(row, shared)
            for name, place in self._annotations.items():
                setattr(instance, name, row[place])
            instances.append(instance)
        # What comes along in queries of its own is read as usual.
        prefetch_related_objects(instances, *self._prefetched)
        return instances


class _MadeOf:
    """The columns of a row that an instance is made of, and its related ones, by what Django's compiler tells of them.

    Django makes an instance for each row and relation: to a page of videos of one instance three times as many, which
    takes longer than to read them.
    """

    def __init__(self, told: Mapping[str, Any], select: Sequence[Any], using: str) -> None:
        self._model, self._using = told["model"], using
        places = told["select_fields"]
        self._columns = slice(places[0], places[-1] + 1)
        names = [select[place][0].target.attname for place in places]
        self._names, self._key = frozenset(names), places[names.index(self._model._meta.pk.attname)]
        self._related = [
            (related["local_setter"], related["remote_setter"], _MadeOf(related, select, using))
            for related in told.get("related_klass_infos", ())
        ]
        self._kind: str = f"{self._model._meta.label} {names} {[one._kind for _set, _set_back, one in self._related]}"

    def make(self, row: tuple[Any, ...], shared: dict[Any, Any]) -> Any:
        """Return an instance, None where the row has none; those of the rows before are `shared` by kind and key."""
        key = row[self._key]
        if key is None:
            return None
        known = shared.get((self._kind, key))
        if known is None:
            known = self._model.from_db(self._using, self._names, row[self._columns])
            for set_related, set_back, made_of in self._related:
                related = made_of.make(row, shared)
                set_related(known, related)
                if related is not None:
                    set_back(related, known)
            shared[self._kind, key] = known
        return known


@dataclass(frozen=True)
class ChosenColumns:
    """`columns` and `pk` of the rows that `make(*given)` returns, as dicts."""

    make: Callable[..., QuerySet[Any]]
    columns: tuple[Column, ...]
    given: tuple[Any, ...] = ()

    def all(self) -> QuerySet[Any, dict[str, Any]]:
        return _chosen_columns(self.make, self.columns, self.given)

    def among(self, keys: Iterable[int]) -> list[dict[str, object]]:
        """Return those with one of `keys`, in no order, by a statement that is written once."""
        return _among_keys_query(self.make, self.columns, self.given).run(keys=keys)

    def first(self, **exactly: Any) -> dict[str, object] | None:
        """Return the first by key whose columns have exactly these values, by a statement that is written once."""
        found = _first_row_query(self.make, self.columns, self.given, tuple(exactly)).run(**exactly)
        return found[0] if found else None


@visibility.prepared_by_policy
def _chosen_columns(
    make: Any, columns: tuple[Column, ...], arguments: tuple[Any, ...]
) -> QuerySet[Any, dict[str, Any]]:
    return select(make(*arguments), ("pk", *columns))


@visibility.prepared_by_policy
def _among_keys_query(make: Any, columns: tuple[Column, ...], given: tuple[Any, ...]) -> PreparedQuery:
    rows = _chosen_columns(make, columns, given)
    return PreparedQuery(rows.filter(pk__among=Placeholder("keys", Keys())).order_by())


@visibility.prepared_by_policy
def _first_row_query(
    make: Any, columns: tuple[Column, ...], arguments: tuple[Any, ...], names: tuple[str, ...]
) -> PreparedQuery:
    rows = _chosen_columns(make, columns, arguments)
    same = {name: Placeholder(name, _field(rows.model, name)) for name in names}
    return PreparedQuery(rows.filter(**same).order_by("pk")[:1])


@dataclass(frozen=True)
class ChosenRows:
    """The rows that `make(*given)` returns, as instances, by statements that are written once."""

    make: Callable[..., QuerySet[Any]]
    given: tuple[Any, ...] = ()

    def all(self) -> QuerySet[Any]:
        return self.make(*self.given)

    def among(self, keys: Sequence[int]) -> list[Any]:
        """Return those with one of `keys`, in the order of these."""
        by_key = {row.pk: row for row in _rows_among_keys(self.make, self.given).run(keys=keys)} if keys else {}
        return [by_key[key] for key in keys if key in by_key]

    def first(self, **exactly: Any) -> Any:
        """Return the first by key whose columns have exactly these values, None where there is none."""
        return next(iter(self.sorted("pk", most=1, **exactly)), None)

    def sorted(self, *order: str, most: int, **exactly: Any) -> list[Any]:
        """Return the first `most` of those whose columns have exactly these values."""
        return _sorted_rows(self.make, self.given, order, most, tuple(exactly)).run(**exactly)


@visibility.prepared_by_policy
def _rows_among_keys(make: Any, given: tuple[Any, ...]) -> PreparedRows:
    return PreparedRows(make(*given).filter(pk__among=Placeholder("keys", Keys())).order_by())


@visibility.prepared_by_policy
def _sorted_rows(
    make: Any, given: tuple[Any, ...], order: tuple[str, ...], most: int, names: tuple[str, ...]
) -> PreparedRows:
    rows = make(*given)
    same = {name: Placeholder(name, _field(rows.model, name)) for name in names}
    return PreparedRows(rows.filter(**same).order_by(*order)[:most])


def _field(model: Any, name: str) -> "Field[Any, Any]":
    first, _, rest = name.partition("__")
    field = model._meta.get_field(first)
    return _field(field.related_model, rest) if rest else field
