"""How long the database may take for one statement of an answer; whoever asks is told to come back when it is over.

On PostgreSQL the time is set by `SET LOCAL` in a transaction that ends with the answer, so that no kept connection and
no pooler carries it on; it begins with the first statement, so an answer without any costs nothing. On SQLite a
progress handler looks at the clock, and is taken away again. What sets the time is sent past Django's own cursors: it
isn't one of the queries that an answer is made of.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError, connections, router, transaction

from peertube_sync.conf import get_settings
from peertube_sync.models import Video

RETRY_AFTER = 30
"""Seconds after which to come back."""
CANCELED = "57014"
"""PostgreSQL's code for a statement that was stopped."""
STEPS = 10_000
"""Instructions of SQLite between two looks at the clock: a tenth of a millisecond."""


@contextmanager
def reading(*, read_only: bool) -> Iterator[None]:
    """Give each statement in it `STATEMENT_TIMEOUT`; whoever waited longer is `ran_out`.

    With `read_only`, PostgreSQL lets nothing be written: for faces that run no code of the host project, neither its
    logins nor its templates. Where Django keeps its cache in the database, that is written all the same.
    """
    connection = connections[router.db_for_read(Video)]
    read_only = read_only and not isinstance(caches[DEFAULT_CACHE_ALIAS], DatabaseCache)
    with ExitStack() as stack:
        if connection.vendor in LIMITS:
            begin = LIMITS[connection.vendor](connection, get_settings().statement_timeout, stack, read_only)

            def execute(run: Callable[..., Any], *statement: Any) -> Any:
                begin()
                return run(*statement)

            stack.enter_context(connection.execute_wrapper(execute))
        yield


def ran_out(error: BaseException) -> bool:
    """Tell whether a statement took too long."""
    cause = error.__cause__
    interrupted = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return isinstance(error, OperationalError) and (interrupted or getattr(cause, "sqlstate", None) == CANCELED)


def _postgresql(connection: Any, seconds: float, stack: ExitStack, read_only: bool) -> Callable[[], None]:  # noqa: FBT001 - as in LIMITS
    """Return what begins with the first statement."""
    limit, begun = f"SET LOCAL statement_timeout = {round(seconds * 1000)}", False

    def begin() -> None:
        nonlocal begun
        if begun:
            return
        begun = True
        if connection.in_atomic_block:
            stack.callback(_end_within, connection, _execute(connection, "SHOW statement_timeout"))
            _execute(connection, limit)
        else:
            stack.enter_context(transaction.atomic(using=connection.alias))
            _execute(connection, f"{limit}; SET LOCAL transaction_read_only = on" if read_only else limit)

    return begin


def _execute(connection: Any, sql: str) -> Any:
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def _end_within(connection: Any, before: str) -> None:
    """Give a transaction that was there before its own limit back; one that a statement broke has to be undone."""
    if connection.connection.info.transaction_status == INERROR:
        connection.set_rollback(True)
    else:
        _execute(connection, f"SET LOCAL statement_timeout = '{before}'")


INERROR = 3
"""libpq's state of a transaction in which a statement failed."""


def _sqlite(connection: Any, seconds: float, stack: ExitStack, _read_only: bool) -> Callable[[], None]:  # noqa: FBT001 - as in LIMITS
    """Return what gives each statement its time."""
    ends, watched = 0.0, None

    def begin() -> None:
        nonlocal ends, watched
        ends = time.monotonic() + seconds
        if watched is None:
            watched = connection.connection
            watched.set_progress_handler(lambda: time.monotonic() > ends, STEPS)
            stack.callback(watched.set_progress_handler, None, 0)

    return begin


LIMITS: dict[str, Callable[[Any, float, ExitStack, bool], Callable[[], None]]] = {
    "postgresql": _postgresql,
    "sqlite": _sqlite,
}
"""What limits statements, by the vendor of the database."""
