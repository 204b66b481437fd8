"""Answers made of rows: which columns they need, and how each of their keys is made of these.

An answer is declared once, as a table, and planned once. Rows are dicts of `values()`, with columns named as in queries
(`instance__host`). Times and uuids stay what they are; whoever writes the answer writes them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from peertube_sync.models.base import Row

Answer = dict[str, Any]
Getter = Callable[[Row], Any]
PRESENT = "__present"
"""Ends the name of a column that tells whether another one has a value: to read a time takes longer."""


class Expressed(Protocol):
    """A column that isn't the table's own."""

    @property
    def name(self) -> str: ...

    @property
    def expression(self) -> Any: ...


Column = str | Expressed


def select(rows: QuerySet[Any], columns: Iterable[Column]) -> QuerySet[Any, Answer]:
    """Return `rows` as dicts of `columns`, each once."""
    names, made = [], {}
    for column in dict.fromkeys(columns):
        if not isinstance(column, str):
            made[column.name] = column.expression
        elif column.endswith(PRESENT):
            made[column] = Q((f"{column.removesuffix(PRESENT)}__isnull", False))
        else:
            names.append(column)
    return rows.values(*names, **made)


class Computed:
    """What `make` makes of the values of `columns`; of none, it is always the same."""

    def __init__(self, make: Callable[..., Any], *columns: str) -> None:
        self.make, self.columns = make, columns


@dataclass(frozen=True)
class Related:
    """The answer of the row that the foreign key `way` leads to; None where it leads to none."""

    way: str
    table: "Table"


Table = Mapping[str, str | Computed | Related]
"""What is told under each key, in this order: a column as it is, what is made of columns, or a row that belongs to it.

What is made under a key that begins with `*` is a dict. Its keys stand there instead, but for those that the table has
elsewhere, with `*` before them or without.
"""


class AnswerPlan:
    """How the answers that a table declares are made: `columns` are those to be fetched."""

    def __init__(self, table: Table, prefix: str = "", others: Collection[str] = ()) -> None:
        """Plan for rows that are reached by `prefix` (`account__`).

        Keys that are spread give way to `others` too.
        """
        self.columns: tuple[str, ...]
        columns: dict[str, None] = {}
        self._getters: dict[str, Getter] = {}
        self._related: dict[str, tuple[str, AnswerPlan]] = {}
        for key, source in table.items():
            if isinstance(source, Related):
                pk, plan = f"{prefix}{source.way}__pk", AnswerPlan(source.table, f"{prefix}{source.way}__")
                self._related[key], self._getters[key] = (pk, plan), itemgetter(pk)
                columns |= dict.fromkeys((pk, *plan.columns))
            else:
                computed = Computed(_identity, source) if isinstance(source, str) else source
                # The instance of the outermost row is that of all rows within it.
                needed = [name if name.startswith("instance__") else f"{prefix}{name}" for name in computed.columns]
                self._getters[key] = _getter(computed.make, needed)
                columns |= dict.fromkeys(needed)
        names = {key.removeprefix("*") for key in table}.union(others)
        self._spread = {key: names - {key.removeprefix("*")} for key in table if key.startswith("*")}
        self.columns = tuple(columns)

    def fetch(self, rows: QuerySet[Any], *keys: str) -> QuerySet[Any, Answer]:
        """Return `rows` as dicts of what the answers need, and of `keys`."""
        return select(rows, [*keys, *self.columns])

    def answers(self, rows: Iterable[Row]) -> list[Answer]:
        """Make the answers of `rows`. Those that belong to several of them, actors mostly, are made once."""
        make = self._maker()
        return [make(row) for row in rows]

    def answer(self, row: Row) -> Answer:
        return self._maker()(row)

    def _maker(self) -> Callable[[Row], Answer]:
        """Return what makes answers, and remembers the related ones."""
        getters = self._getters
        if self._related:
            getters = getters | {key: _remembering(plan._maker(), pk) for key, (pk, plan) in self._related.items()}
        items = tuple(getters.items())
        if not self._spread:
            return lambda row: {key: get(row) for key, get in items}
        return lambda row: self._with_spread_keys({key: get(row) for key, get in items})

    def _with_spread_keys(self, answer: Answer) -> Answer:
        """Put the keys of what is spread in its place."""
        whole: Answer = {}
        for key, value in answer.items():
            if key not in self._spread:
                whole[key] = value
            elif value:
                whole |= {name: own for name, own in value.items() if name not in self._spread[key]}
        return whole


def _identity(value: Any) -> object:
    return value


def _getter(make: Callable[..., Any], columns: list[str]) -> Getter:
    """Return what makes a value of a row."""
    if not columns:
        return lambda _row: make()
    read = itemgetter(*columns)
    if make is _identity:
        return read
    return (lambda row: make(read(row))) if len(columns) == 1 else (lambda row: make(*read(row)))


def _remembering(make: Callable[[Row], Answer], pk: str) -> Callable[[Row], Answer | None]:
    """Return what makes the answer of a related row once for each of these."""
    known: dict[int | None, Answer | None] = {None: None}

    def get(row: Row) -> Answer | None:
        key = row[pk]
        if key not in known:
            known[key] = make(row)
        return known[key]

    return get
