"""Writing many rows of one table at once, and only those that differ from what is there.

One SELECT, then one INSERT of what is new and one UPDATE of what differs, if anything does; only the columns that
changed are written in each row. Rows are sorted by key, so that two writers of the same rows can't deadlock, and are
unique by key already: PostgreSQL refuses the same key twice in one statement.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from django.db.models import CharField, Model
from msgspec import UNSET

from peertube_sync.ingest.changes import write_changes
from peertube_sync.ingest.held import held_rows
from peertube_sync.ingest.partial import Facts, Pictures
from peertube_sync.models.base import Row

K = TypeVar("K")
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Change:
    """A row that was there: its primary key, the values it had, the names of those that changed."""

    pk: int
    before: Row
    names: frozenset[str]


@dataclass
class Written(Generic[K]):
    """The result of an upsert, by key; `there` is what all rows that were there already had been."""

    created: dict[K, int] = field(default_factory=dict)
    updated: dict[K, Change] = field(default_factory=dict)
    unchanged: dict[K, int] = field(default_factory=dict)
    there: Mapping[K, Row] = field(default_factory=dict)

    @property
    def pks(self) -> dict[K, int]:
        """The primary keys of all rows, changed or not."""
        changed = {key: change.pk for key, change in self.updated.items()}
        return {**self.unchanged, **self.created, **changed}


def no_other_columns(_key: Any, _before: Row | None, _changed: frozenset[str]) -> Row:
    """Return no further columns; the default of `also` of `upsert`."""
    return {}


def nothing(_there: Mapping[Any, Row]) -> Mapping[Any, Row]:
    """Add nothing to rows that are new."""
    return {}


def leave_unknown(_key: Any, _row: Row) -> Row:
    """Put nothing in the place of what isn't known: the defaults of the columns do."""
    return {}


def upsert(
    model: type[M],
    rows: Mapping[K, Row],
    *,
    key: str,
    owner: Row,
    also: Callable[[K, Row | None, frozenset[str]], Row] = no_other_columns,
    extra_columns: Iterable[str] = (),
    unknown: Callable[[K, Row], Row] = leave_unknown,
    arriving: Callable[[Mapping[K, Row]], Mapping[K, Row]] = nothing,
) -> Written[K]:
    """Make the rows of `owner` (like `{"instance_id": 1}`) with these `key`s equal to `rows`.

    A value that is UNSET leaves its column alone, a part of a value (see `partial`) completes it. `also` is asked for
    every row (by its key, with what was there, None for a new one, and the names that changed, none where nothing did)
    and returns values for `extra_columns`; those it doesn't name stay, and none of them is counted as a change.
    `unknown` is asked for the values that a new row has in the place of UNSET. `arriving` is called, before anything is
    written, with all rows that are there, and returns further columns of new ones.
    """
    if not rows:
        return Written()
    columns = (*next(iter(rows.values())), *extra_columns)
    there = held_rows(model, rows, key, owner, columns)
    further = arriving(there)
    written: Written[K] = Written(there=there)
    new: list[M] = []
    changes: dict[int, Row] = {}
    for name in sorted(rows, key=str):
        row, before = rows[name], there.get(name)
        if before is None:
            values = {**unknown(name, row), **_values_of_new_row(model, row), **also(name, None, frozenset(row))}
            new.append(model(**owner, **{key: name}, **values, **further.get(name, {})))
            continue
        news = _changed_values(model, row, before)
        if changed := frozenset(news):
            written.updated[name] = Change(before["pk"], before, changed)
        else:
            written.unchanged[name] = before["pk"]
        more = {column: value for column, value in also(name, before, changed).items() if value != before[column]}
        if news or more:
            changes[before["pk"]] = {**news, **more}
    write_changes(model, changes)
    _insert(new, (key, *owner), columns)
    written.created = {getattr(row, key): row.pk for row in new}
    return written


def compare(
    model: type[M], rows: Mapping[K, Row], *, key: str, owner: Row
) -> dict[K, dict[str, tuple[object, object]]]:
    """Return what `upsert` would change, and write nothing: column → (there, wanted), for each row that is there."""
    if not rows:
        return {}
    there = held_rows(model, rows, key, owner, tuple(next(iter(rows.values()))))
    return {
        name: {
            column: (before[column], value)
            for column, value in sorted(_changed_values(model, rows[name], before).items())
        }
        for name, before in there.items()
    }


def _values_of_new_row(model: type[M], row: Row) -> dict[str, object]:
    """Return the values of a new row; columns that the answer hasn't get their defaults."""
    return {name: _column_value(model, name, value) for name, value in row.items() if value is not UNSET}


def _changed_values(model: type[M], row: Row, before: Row) -> dict[str, object]:
    """Return the values of `row` that aren't those of `before`, as the columns hold them."""
    suspect = [name for name, value in row.items() if value is not UNSET and before[name] != value]
    fitting = {name: _column_value(model, name, row[name], before[name]) for name in suspect}
    return {name: value for name, value in fitting.items() if before[name] != value}


def _column_value(model: type[M], name: str, value: Any, held: Any = None) -> object:
    """Return `value` as the column can hold it: not too long, and complete where it is a part of what is `held`."""
    if isinstance(value, str):
        return value[: _limits(model).get(name)]
    return value.onto(held) if isinstance(value, Facts | Pictures) else value


@cache
def _limits(model: type[M]) -> dict[str, int | None]:
    """Return how many characters fit into the columns that have a limit."""
    return {
        column.attname: column.max_length for column in model._meta.concrete_fields if isinstance(column, CharField)
    }


def _insert(rows: list[M], unique: tuple[str, ...], columns: tuple[str, ...]) -> None:
    """Write rows that weren't there when we looked; one that is by now is made equal."""
    if rows:
        manager = type(rows[0])._default_manager
        manager.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=columns)
