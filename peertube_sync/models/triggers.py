"""Triggers of ours, which Django knows nothing of: how they are written, and when they are in the way."""

from collections.abc import Iterable
from typing import Any

from django.db import connections, router
from django.db.models import Model

from peertube_sync.models.instance import Instance


def changes_tables(plan: Any) -> bool:
    """Tell whether a plan of migrations, as `pre_migrate` has it, changes tables of this app."""
    return any(migration.app_label == Instance._meta.app_label for migration, _backwards in plan)


def is_there(using: str, model: type[Model]) -> bool:
    """Tell whether the database `using` is to keep rows of `model`, and has its table."""
    held = connections[using].introspection.table_names()
    return model._meta.db_table in held and bool(router.allow_migrate_model(using, model))


def columns_there(using: str, table: str) -> set[str]:
    """Return the columns that a table has: one that was migrated back hasn't all of them."""
    connection = connections[using]
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def postgresql_trigger(
    name: str, event: str, table: str, columns: Iterable[str], *, row: str, action: str
) -> tuple[str, str]:
    """Return the statements that make a trigger anew: for each row of which one of `columns` has another value.

    Without columns it is for each statement; `row`, OLD or NEW, says which rows are in the table `changed` then.
    """
    condition = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    per_statement = f"REFERENCING {row} TABLE AS changed FOR EACH STATEMENT"
    how = f"FOR EACH ROW WHEN ({condition})" if condition else per_statement
    function = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
    return (
        f"{function}$$BEGIN {action}; RETURN NULL; END$$",
        f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} {how} EXECUTE FUNCTION {name}()",
    )


def sqlite_trigger(name: str, event: str, table: str, columns: Iterable[str], actions: str) -> tuple[str, str]:
    """Return the statements that make a trigger anew on SQLite, for each row in which one of `columns` changes.

    Without `columns` it is for each row, too, whatever changes: SQLite knows no triggers for statements.
    """
    condition = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
    when = f"WHEN {condition} " if condition else ""
    statement = f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when}BEGIN {actions}; END"
    return f"DROP TRIGGER IF EXISTS {name}", statement


def execute(using: str, statements: Iterable[str]) -> None:
    """Carry out statements that return nothing."""
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
