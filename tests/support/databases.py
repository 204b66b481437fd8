"""The test database: migrated once for all processes of the suite, and copied for each of them.

Nothing takes the copies away: they lie in the suite's own directory, or in a PostgreSQL server that ends with it.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

TEMPLATE = "migrated"
OURS = "^peertube_sync_"
FILLED_BY_MIGRATIONS = ("auth_permission", "django_content_type", "peertube_sync_revision")
BEGIN_A_REVISION = (
    "INSERT INTO peertube_sync_revision (number) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM peertube_sync_revision)"
)


def use_own_database(directory: Path, process: str) -> None:
    """Let this process work on a database of its own; `directory` is the same for all processes of the suite."""
    use = _use_file if connection.vendor == "sqlite" else _use_copy_in_the_server
    with one_at_a_time(directory / "databases.lock"):
        use(directory, f"test_{process}")


def begin_keys_at(first: int) -> None:
    """Give the app's next rows keys from `first` on, in every table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(oid, %s) FROM pg_class WHERE relkind = 'S' AND relname ~ %s", [first, OURS])
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name REGEXP %s", [OURS])
            counted = "SELECT name, %s FROM sqlite_master WHERE sql LIKE '%%AUTOINCREMENT%%' AND name REGEXP %s"
            cursor.execute(f"INSERT INTO sqlite_sequence (name, seq) {counted}", [first, OURS])


def _use_file(directory: Path, name: str) -> None:
    # A file, unlike memory, is one database for all threads and processes.
    template = directory / f"{TEMPLATE}.sqlite3"
    if not template.exists():
        _switch_to(str(template))
        _migrate()
    shutil.copy(template, directory / f"{name}.sqlite3")
    _switch_to(str(directory / f"{name}.sqlite3"))


def _use_copy_in_the_server(directory: Path, name: str) -> None:
    migrated = directory / TEMPLATE
    if not migrated.exists():
        _create(TEMPLATE)
        _switch_to(TEMPLATE)
        _migrate()
        migrated.touch()
    _create(f"{name} TEMPLATE {TEMPLATE}")
    _switch_to(name)


def delete_committed_rows() -> None:
    """Delete what a test committed, by whichever connection; only of tables that have rows, and no permissions.

    Django's `flush` empties every table, whether it has rows or not, and makes permissions anew; on SQLite it leaves
    what triggers put into queues meanwhile.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers
        while filled := _filled(cursor):
            for table in filled:
                cursor.execute(f"DELETE FROM {table}")
        cursor.execute(BEGIN_A_REVISION)


def _filled(cursor: Any) -> list[str]:
    """Return the tables that have rows, but for those that migrations fill."""
    tables = {connection.ops.quote_name(name) for name in connection.introspection.django_table_names()}
    tables -= {connection.ops.quote_name(name) for name in FILLED_BY_MIGRATIONS}
    cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables))
    return [table for (table,) in cursor.fetchall()]


def _create(database: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {database}")


def _migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    connection.close()


def _switch_to(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Keep all others who ask for the same file waiting until the block ends."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
