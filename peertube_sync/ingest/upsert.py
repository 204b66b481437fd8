"""Writing many rows of one table at once, and only those that differ from what is there.

One SELECT, then at most one INSERT … ON CONFLICT per batch, whose primary keys come back for new and
updated rows alike (SQLite and PostgreSQL). Rows are sorted by key, so that two writers of the same rows
can't deadlock, and are unique by key already: PostgreSQL refuses the same key twice in one statement.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from django.db.models import CharField, Model
from msgspec import UNSET

from peertube_sync.ingest.partial import Facts, Pictures

K = TypeVar("K")
Row = Mapping[str, Any]
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Change:
    """A row that was there: its primary key, the values it had, the names of those that changed."""

    pk: int
    before: Row
    names: frozenset[str]


@dataclass
class Written(Generic[K]):
    """What an upsert came to, by key."""

    created: dict[K, int] = field(default_factory=dict)
    updated: dict[K, Change] = field(default_factory=dict)
    unchanged: dict[K, int] = field(default_factory=dict)

    @property
    def pks(self) -> dict[K, int]:
        """The primary keys of all rows, changed or not."""
        changed = {key: change.pk for key, change in self.updated.items()}
        return {**self.unchanged, **self.created, **changed}


def keep(_before: Row | None, _changed: frozenset[str]) -> Row:
    """Add nothing to a row that is written."""
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
    also: Callable[[Row | None, frozenset[str]], Row] = keep,
    extra_columns: Iterable[str] = (),
    unknown: Callable[[K, Row], Row] = leave_unknown,
    arriving: Callable[[Mapping[K, Row]], Mapping[K, Row]] = nothing,
) -> Written[K]:
    """Make the rows of `owner` (like `{"instance_id": 1}`) with these `key`s equal to `rows`.

    A value that is UNSET leaves its column alone, a part of a value (see `partial`) completes it. `also` is asked for
    each row that will be written (with what was there, None for a new one, and the names that changed) and returns
    values for `extra_columns`. `unknown` is asked for the values that a new row has in the place of UNSET.
    `arriving` is told, before anything is written, of all rows that are there, and returns further columns of new ones.
    """
    if not rows:
        return Written()
    extra = tuple(extra_columns)
    columns = tuple(next(iter(rows.values())))
    there = _existing(model, rows, key, owner, (*columns, *extra))
    further = arriving(there)
    written: Written[K] = Written()
    pending: list[M] = []
    for name in sorted(rows, key=str):
        before = there.get(name)
        changed = _changed(model, rows[name], before)
        if before is not None and not changed:
            written.unchanged[name] = before["pk"]
            continue
        row = _settled(model, rows[name], before)
        if before is None:
            row = {**unknown(name, rows[name]), **row}
        pending.append(model(**owner, **{key: name}, **row, **also(before, changed), **further.get(name, {})))
        if before is not None:
            written.updated[name] = Change(before["pk"], before, changed)
    _write(model, pending, (key, *owner), (*columns, *extra))
    for one in pending:
        if (name := getattr(one, key)) not in there:
            written.created[name] = one.pk
    return written


def compare(model: type[M], rows: Mapping[K, Row], *, key: str, owner: Row) -> dict[K, dict[str, tuple[Any, Any]]]:
    """Return what `upsert` would change, and write nothing: column → (there, wanted), for each row that is there."""
    if not rows:
        return {}
    there = _existing(model, rows, key, owner, tuple(next(iter(rows.values()))))
    return {name: _differing(model, rows[name], before) for name, before in there.items()}


def _differing(model: type[M], row: Row, before: Row) -> dict[str, tuple[Any, Any]]:
    settled = _settled(model, row, before)
    return {name: (before[name], settled[name]) for name in sorted(_changed(model, row, before))}


def _existing(model: type[M], rows: Mapping[K, Row], key: str, owner: Row, columns: tuple[str, ...]) -> dict[K, Row]:
    found = model._default_manager.filter(**owner, **{f"{key}__in": list(rows)}).order_by()
    return {row[key]: row for row in found.values("pk", key, *columns)}


def _settled(model: type[M], row: Row, before: Row | None) -> dict[str, Any]:
    """Replace UNSET by what is there, or leave it to the column's default; cut what is too long."""
    settled = {}
    for name, value in row.items():
        if value is not UNSET:
            settled[name] = _fitting(model, name, value, before and before[name])
        elif before is not None:
            settled[name] = before[name]
    return settled


def _fitting(model: type[M], name: str, value: Any, held: Any = None) -> Any:
    """Return `value` as the column can hold it: not too long, and complete where it is a part of what is `held`."""
    if isinstance(value, str):
        return value[: _limits(model).get(name)]
    return value.onto(held) if isinstance(value, Facts | Pictures) else value


@cache
def _limits(model: type[M]) -> dict[str, int | None]:
    """Return how many characters fit into the columns that have a limit."""
    return {one.attname: one.max_length for one in model._meta.concrete_fields if isinstance(one, CharField)}


def _changed(model: type[M], row: Row, before: Row | None) -> frozenset[str]:
    if before is None:
        return frozenset(row)
    suspect = [name for name, value in row.items() if before[name] != value and value is not UNSET]
    return frozenset(name for name in suspect if before[name] != _fitting(model, name, row[name], before[name]))


def _write(model: type[M], rows: list[M], unique: tuple[str, ...], columns: tuple[str, ...]) -> None:
    if rows:
        model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=columns)
