"""Rows that are dear to make, kept so that a test gets them without making them."""

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

LEFT_OUT = ("AnswerDue", "HostBudget", "Revision", "SearchDue")
AT_ONCE = 100
"""Rows of one INSERT: far below the number of values that SQLite takes."""


@dataclass(frozen=True)
class Snapshot:
    """All rows of the app as the database gives them, those of instances that called themselves `hosts`.

    `tables`: the beginning of an INSERT, and the rows. What triggers write isn't in it: they write it again; nor is how
    often a sandbox may be asked, as each has its own host. Parts of answers are, and their queue is empty afterwards.
    """

    hosts: tuple[str, ...]
    tables: list[tuple[str, list[tuple[Any, ...]]]]

    @classmethod
    def take(cls, *hosts: str) -> "Snapshot":
        """Read all rows."""
        import_module("peertube_sync.ingest.answers").write_answers()
        read = [(_insert(model), _rows(model)) for model in _models()]
        return cls(hosts, [(insert, rows) for insert, rows in read if rows])

    def restore(self, *hosts: str) -> None:
        """Write the rows as those of instances that call themselves `hosts`, in the order in which they were taken."""
        with transaction.atomic(), connection.cursor() as cursor:
            for insert, rows in self.tables:
                for start in range(0, len(rows), AT_ONCE):
                    some = rows[start : start + AT_ONCE]
                    places = ", ".join([f"({', '.join(['%s'] * len(some[0]))})"] * len(some))
                    cursor.execute(f"{insert} VALUES {places}", [*map(self._moved(hosts), chain.from_iterable(some))])
            for sql in connection.ops.sequence_reset_sql(no_style(), _models()):
                cursor.execute(sql)  # a test of migrations may have put them back to the beginning
        apps.get_model("peertube_sync", "AnswerDue")._default_manager.all().delete()

    def _moved(self, hosts: tuple[str, ...]) -> Callable[[Any], Any]:
        places = dict(zip(self.hosts, hosts, strict=True))
        before = re.compile("|".join(map(re.escape, self.hosts)))
        return lambda value: before.sub(lambda found: places[found[0]], value) if isinstance(value, str) else value


def clear() -> None:
    """Delete all rows of the app."""
    with transaction.atomic():
        for model in _models():
            model._default_manager.all().delete()


def made_once(
    kept: dict[Hashable, Snapshot], what: Hashable, hosts: str | tuple[str, ...], make: Callable[[], object]
) -> None:
    """Have the rows of `hosts` that `make` makes: the first time by calling it, then as they were."""
    hosts = (hosts,) if isinstance(hosts, str) else hosts
    if what in kept:
        kept[what].restore(*hosts)
    else:
        make()
        kept[what] = Snapshot.take(*hosts)


def _models() -> list[type[Model]]:
    app = apps.get_app_config("peertube_sync")
    found = app.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and model.__name__ not in LEFT_OUT]


def _columns(model: type[Model]) -> str:
    columns = [field.column for field in model._meta.concrete_fields if not field.generated]
    return ", ".join(map(connection.ops.quote_name, columns))


def _insert(model: type[Model]) -> str:
    return f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({_columns(model)})"


def _rows(model: type[Model]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_columns(model)} FROM {connection.ops.quote_name(model._meta.db_table)}")
        return cursor.fetchall()
