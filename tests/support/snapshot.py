"""Rows that are dear to make, kept so that a test gets them without making them."""

import pickle
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from tests.support.databases import OURS, begin_keys_at, one_at_a_time

T = TypeVar("T")

LEFT_OUT = ("AnswerDue", "HostBudget", "Revision", "SearchDue")
KINDS, ROWS = 90_000, 10_000
"""How many ranges of keys there are for what is kept, and how many keys each has: all have nine digits at most."""
AT_ONCE = 100
"""Rows of one INSERT: far below the number of values that SQLite takes."""
EMPTY_QUEUE = "DELETE FROM peertube_sync_answerdue"
LATER_KEYS = f"""
SELECT setval(oid, greatest(nextval(oid), {{}})) FROM pg_class WHERE relkind = 'S' AND relname ~ '{OURS}'
"""
LAST_KEY = "SELECT max(last_value) FROM pg_sequences WHERE sequencename ~ %s"
WITHOUT_TRIGGERS = "SET LOCAL session_replication_role = replica; {}; SET LOCAL session_replication_role = origin"


@dataclass(frozen=True)
class Snapshot:
    """All rows of the app as the database gives them, those of instances that called themselves `hosts`.

    `tables`: the beginning of an INSERT, and the rows; on PostgreSQL instead `sql`, statements that write them. Queues
    aren't in it, nor is how often a sandbox may be asked, as each has its own host. Parts of answers and documents of
    the search are; the queue of the former is empty afterwards. Triggers write into that of the latter, as words of
    hosts are in documents; on PostgreSQL they don't where hosts are the same.
    """

    hosts: tuple[str, ...]
    tables: list[tuple[str, list[tuple[Any, ...]]]]
    sql: str

    @classmethod
    def take(cls, *hosts: str) -> "Snapshot":
        """Read all rows."""
        import_module("peertube_sync.ingest.answers").write_answers()
        import_module("peertube_sync.ingest.search_documents").index_due()
        tables = [(_insert(model), rows) for model in _models() if (rows := _rows(model))]
        return cls(hosts, [], _sql(tables)) if connection.vendor == "postgresql" else cls(hosts, tables, "")

    def restore(self, *hosts: str) -> None:
        """Write the rows as those of instances that call themselves `hosts`, in the order in which they were taken."""
        moved = self._moved(hosts)
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(moved(self.sql) if hosts != self.hosts else WITHOUT_TRIGGERS.format(self.sql))
                return
            for insert, rows in self.tables:
                for start in range(0, len(rows), AT_ONCE):
                    some = rows[start : start + AT_ONCE]
                    cursor.execute(_values(insert, some), [*map(moved, chain.from_iterable(some))])
            cursor.execute(EMPTY_QUEUE)

    def _moved(self, hosts: tuple[str, ...]) -> Callable[[Any], Any]:
        places = dict(zip(self.hosts, hosts, strict=True))
        before = re.compile("|".join(map(re.escape, self.hosts)))
        return lambda value: before.sub(lambda found: places[found[0]], value) if isinstance(value, str) else value


def clear() -> None:
    """Delete all rows of the app."""
    with transaction.atomic():
        for model in _models():
            model._default_manager.all().delete()


class Kept:
    """What one process of the suite made, for all of them: in files of `directory`, by what it is."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[Hashable, Any] = {}

    def get_or_make(self, what: Hashable, make: Callable[[], T]) -> tuple[T, bool]:
        """Return what is kept, and whether it has just been made; one process at a time makes it.

        Rows that are made have keys that no others have, whichever rows are there where they are written again.
        """
        if what in self._known:
            return self._known[what], False
        number = crc32(repr(what).encode())
        file = self._directory / f"kept-{number}"
        with one_at_a_time(file.with_suffix(".lock")):
            if made := not file.exists():
                begin_keys_at((1 + number % KINDS) * ROWS)
                file.write_bytes(pickle.dumps(make()))
        self._known[what] = pickle.loads(file.read_bytes())
        return self._known[what], made


def made_once(kept: Kept, what: Hashable, hosts: str | tuple[str, ...], make: Callable[[], object]) -> None:
    """Have the rows of `hosts` that `make` makes: the first time by calling it, then as they were."""
    hosts = (hosts,) if isinstance(hosts, str) else hosts

    def take() -> Snapshot:
        make()
        return Snapshot.take(*hosts)

    snapshot, made = kept.get_or_make(what, take)
    if not made:
        snapshot.restore(*hosts)


def _models() -> list[type[Model]]:
    app = apps.get_app_config("peertube_sync")
    found = app.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and model.__name__ not in LEFT_OUT]


def _columns(model: type[Model]) -> str:
    columns = [field.column for field in model._meta.concrete_fields if not field.generated]
    return ", ".join(map(connection.ops.quote_name, columns))


def _insert(model: type[Model]) -> str:
    return f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({_columns(model)})"


def _values(insert: str, rows: list[tuple[Any, ...]]) -> str:
    return f"{insert} VALUES " + ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))


def _sql(tables: list[tuple[str, list[tuple[Any, ...]]]]) -> str:
    """Return one text that writes all rows, with less work than the same with parameters."""
    inserts = [connection.ops.compose_sql(_values(*table), [*chain.from_iterable(table[1])]) for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(LAST_KEY, [OURS])
        (last,) = cursor.fetchone()
    return "; ".join([*inserts, EMPTY_QUEUE, LATER_KEYS.format(last)])  # rows that come then have greater keys


def _rows(model: type[Model]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_columns(model)} FROM {connection.ops.quote_name(model._meta.db_table)}")
        return cursor.fetchall()
