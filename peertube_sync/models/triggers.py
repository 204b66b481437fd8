"""Triggers of ours, which Django knows nothing of: how they are written for SQLite, and when they are in the way."""

from collections.abc import Iterable
from typing import Any

from django.db import connections

from peertube_sync.models.instance import Instance


def changes_tables(plan: Any) -> bool:
    """Tell whether a plan of migrations, as `pre_migrate` has it, changes tables of this app."""
    return any(migration.app_label == Instance._meta.app_label for migration, _backwards in plan)


def sqlite_trigger(name: str, event: str, table: str, condition: str, actions: str) -> tuple[str, str]:
    """Return the statements that make a trigger anew, for each row for which `condition` holds, if there is one."""
    when = f"WHEN {condition} " if condition else ""
    statement = f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when}BEGIN {actions}; END"
    return f"DROP TRIGGER IF EXISTS {name}", statement


def execute(using: str, statements: Iterable[str]) -> None:
    """Carry out statements that return nothing."""
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
