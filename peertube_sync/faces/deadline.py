"""How long the database may take for one statement of an answer; then the answer is a 503 with `Retry-After`.

On PostgreSQL the time is set by `SET LOCAL` in a transaction, so that no kept connection and no pooler carries it on.
It begins with the first statement, so an answer without any costs nothing. On SQLite a progress handler looks at the
clock, and is taken away again. The statement that sets the limit doesn't go through Django's cursors: it isn't one of
the queries that an answer is made of.

Each message to PostgreSQL costs as much as reading a row by its key. So the transaction, its limit and a value that is
wanted first (`Reading.value`) are one message, which also tells whether a connection that was kept is still good; and
a prepared query is one message with all of these: PostgreSQL takes each for one transaction, while none is open. In
one that is open it is a message with a savepoint around it.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any, TypeVar

from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.cache.backends.db import DatabaseCache
from django.db import Error, OperationalError, connections, router, transaction

from peertube_sync.catalogue.prepared_queries import SENDER
from peertube_sync.conf import get_settings
from peertube_sync.faces import prepared_statements
from peertube_sync.faces.prepared_statements import StatementSQL
from peertube_sync.models import Video

T = TypeVar("T")

RETRY_AFTER = 30
"""Seconds after which a client whose answer took too long may ask again."""
READ_ONLY = "SET LOCAL transaction_read_only = on"
NO_SORTING = "SET LOCAL enable_sort = off"
"""Has PostgreSQL read rows along an index that has their order, if there is one."""
CANCELED = "57014"
"""PostgreSQL's error code for a statement that was stopped."""
MARK = "peertube_sync_prepared"
"""The name of a savepoint."""
STEPS = 10_000
"""How many instructions SQLite carries out between two looks at the clock: a tenth of a millisecond."""


class Reading:
    """The statements of one answer, here without a limit; what was set for them is undone when `stack` ends."""

    def __init__(self, connection: Any, seconds: float, stack: ExitStack, *, read_only: bool) -> None:
        self.connection, self.seconds, self.stack, self.read_only = connection, seconds, stack, read_only
        self._values: dict[str, str | None] = {}

    def begin(self) -> None:
        """Get ready for the next statement."""

    def execute(self, run: Callable[..., Any], *statement: Any) -> object:
        """Run a statement, as a wrapper of Django's connection."""
        self.begin()
        return run(*statement)

    def value(self, sql: str) -> str | None:
        """Return the one value that a statement without parameters reads, as text; None of NULL. It is read once."""
        if sql not in self._values:
            self._values[sql] = self._read(sql)
        return self._values[sql]

    def known(self, sql: str) -> str | None:
        """Return what `value` returns if it has been read by now, else None."""
        return self._values.get(sql)

    def read_first(self, sql: str) -> None:
        """Read a value for `value` no later than whatever is read next."""
        self.value(sql)

    def read_along(self, sql: str) -> None:
        """Read a value for `value` together with what sets the limit, not as one of the answer's own queries."""
        self.connection.ensure_connection()
        self.begin()
        value = _execute(self.connection, sql)
        self._values[sql] = None if value is None else str(value)

    def _read(self, sql: str) -> str | None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            (found,) = cursor.fetchone()
        return None if found is None else str(found)


class _PostgreSQL(Reading):
    begun = False
    first = ""
    """A statement that waits to be sent together with the next one; its value is read then."""

    def begin(self) -> None:
        if self.begun:
            return
        if not self.connection.in_atomic_block:
            self._open()
            return
        self.begun = True
        before = _execute(self.connection, "SHOW statement_timeout")
        self.stack.callback(_end_within, self.connection, before)
        _execute(self.connection, self._limit)

    def read_first(self, sql: str) -> None:
        if self.begun or self.connection.in_atomic_block:
            self.value(sql)
        else:
            self.first = sql

    def read_along(self, sql: str) -> None:
        if self.begun or self.connection.in_atomic_block:
            super().read_along(sql)
        else:
            self.first = sql

    def send(
        self, connection: Any, sql: str, params: Sequence[Any], *, along_index: bool = False
    ) -> list[tuple[Any, ...]] | None:
        """Carry out a prepared query by one message, alone or within the transaction that is open.

        Alone it comes with its limit and a value that is wanted first. Returns None where it is to be carried out as
        others are: for whoever looks at the statements of a connection, who sees them one by one, and in a transaction
        that has no limit yet, or whose other statements what it sets would be for.
        """
        watched = connection.queries_logged or len(connection.execute_wrappers) > 1
        if connection is not self.connection or watched:
            return None
        if self.begun:
            return None if along_index else self._within(sql, params)
        if connection.in_atomic_block:
            return None
        settings = (*self._settings, NO_SORTING) if along_index else self._settings
        return self._sooner_or_anew(lambda: self._alone(sql, params, settings))

    def _within(self, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]] | None:
        """Carry out a statement that is prepared in the transaction that is open, None for one that isn't.

        The transaction is as it was where somebody else has taken the prepared statement away.
        """
        connection = self.connection
        if not _is_psycopg_3(connection.connection):
            return None
        written = prepared_statements.carried_out(connection, sql, params)
        if not written.settings:
            return None
        try:
            results = _send(
                connection,
                *(f"SAVEPOINT {MARK}", *written.before, *written.settings),
                *(written.sql, f"RELEASE {MARK}"),
            )
        except Error as error:
            if connection.connection.closed:
                raise
            _send(connection, f"ROLLBACK TO {MARK}")
            if ran_out(error) or not prepared_statements.give_up(connection):
                raise
            return None
        return _rows_of_result(connection, results[-2])

    def _read(self, sql: str) -> str | None:
        if self.begun or self.connection.in_atomic_block:
            return super()._read(sql)
        if (rows := self.send(self.connection, sql, ())) is not None:
            return None if rows[0][0] is None else str(rows[0][0])
        self.first = sql
        self._sooner_or_anew(self._open)
        return self._values[sql]

    def _sooner_or_anew(self, send: Callable[[], T]) -> T:
        """Send a message without asking before whether the connection is still good: its answer tells as well.

        It is sent again on another connection if the one that was kept had ended.
        """
        connection, checked = self.connection, self.connection.health_check_done
        connection.health_check_done = True
        try:
            return send()
        except Error:
            if checked or (connection.connection and connection.is_usable()):
                raise
            connection.close()
            return send()

    def _alone(self, sql: str, params: Sequence[Any], settings: Sequence[str]) -> list[tuple[Any, ...]] | None:
        self.connection.ensure_connection()
        driver = self.connection.connection
        if not (_is_psycopg_3(driver) and driver.autocommit):
            return None
        try:
            first = prepared_statements.carried_out(self.connection, self.first, ()) if self.first else None
            return self._message(first, prepared_statements.carried_out(self.connection, sql, params), settings)
        except Error as error:
            if ran_out(error) or not prepared_statements.give_up(self.connection):
                raise
            first = StatementSQL(self.first) if self.first else None
            return self._message(first, StatementSQL(self.connection.ops.compose_sql(sql, params)), settings)

    def _message(
        self, first: StatementSQL | None, written: StatementSQL, settings: Sequence[str]
    ) -> list[tuple[Any, ...]]:
        """Carry out both by one message, which is one transaction, since none is open."""
        before = [*(first.before if first else ()), *written.before, *settings, *written.settings]
        results = _send(self.connection, *before, *([first.sql] if first else []), written.sql)
        if first:
            self._values[self.first], self.first = _value_of_result(results[-2]), ""
        return _rows_of_result(self.connection, results[-1])

    def _open(self) -> None:
        """Begin a transaction with the limit, and read the value that is wanted first."""
        with ExitStack() as opened:
            opened.enter_context(transaction.atomic(using=self.connection.alias))
            first, self.first = self.first, ""
            if _is_psycopg_3(self.connection.connection):
                results = _send(self.connection, "BEGIN", *self._settings, *([first] if first else []))
                value = _value_of_result(results[-1])
            else:
                _execute(self.connection, "; ".join(self._settings))
                value = super()._read(first) if first else None
            if first:
                self._values[first] = value
            self.begun = True
            self.stack.push(opened.pop_all())

    @property
    def _settings(self) -> tuple[str, ...]:
        """What is set for a transaction."""
        return (self._limit, READ_ONLY) if self.read_only else (self._limit,)

    @property
    def _limit(self) -> str:
        return f"SET LOCAL statement_timeout = {round(self.seconds * 1000)}"


class _SQLite(Reading):
    ends = 0.0
    watched: Any = None

    def begin(self) -> None:
        self.ends = time.monotonic() + self.seconds
        if self.watched is None:
            self.watched = self.connection.connection
            self.watched.set_progress_handler(lambda: time.monotonic() > self.ends, STEPS)
            self.stack.callback(self.watched.set_progress_handler, None, 0)


READINGS: dict[str, type[Reading]] = {"postgresql": _PostgreSQL, "sqlite": _SQLite}
"""The class that limits the time of statements, by the vendor of the database."""


@contextmanager
def reading(*, read_only: bool) -> Iterator[Reading]:
    """Give each statement in it `STATEMENT_TIMEOUT`; whoever waited longer is `ran_out`.

    With `read_only`, PostgreSQL lets nothing be written: for interfaces that run no code of the host project, neither
    its logins nor its templates. Where Django keeps its cache in the database, that is written all the same.
    """
    connection = connections[router.db_for_read(Video)]
    read_only = read_only and not isinstance(caches[DEFAULT_CACHE_ALIAS], DatabaseCache)
    with ExitStack() as stack:
        make = READINGS.get(connection.vendor, Reading)
        begun = make(connection, get_settings().statement_timeout, stack, read_only=read_only)
        stack.enter_context(connection.execute_wrapper(begun.execute))
        if isinstance(begun, _PostgreSQL):
            stack.callback(SENDER.reset, SENDER.set(begun.send))
        yield begun


def ran_out(error: BaseException) -> bool:
    """Tell whether a statement took too long."""
    cause = error.__cause__
    interrupted = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return isinstance(error, OperationalError) and (interrupted or getattr(cause, "sqlstate", None) == CANCELED)


def _is_psycopg_3(driver: Any) -> bool:
    """Tell whether a connection takes several statements as a message, and begins transactions as it is told."""
    return hasattr(driver, "pgconn") and driver.isolation_level is None


def _send(connection: Any, *statements: str) -> list[Any]:
    """Send statements as one message, and return libpq's result of each.

    The cursors of psycopg 3 would begin the transaction by a message of its own. They also go through functions in
    Python for each piece of an answer, a third of what it takes to read one of 200 kB.
    """
    driver, psycopg = connection.connection, connection.Database
    with connection.wrap_database_errors:
        driver.pgconn.send_query("; ".join(statements).encode())
        results: list[Any] = driver.wait(psycopg.generators.execute(driver.pgconn))
        if results[-1].status not in GOOD:
            raise psycopg.errors.error_from_result(results[-1])
    return results


def _value_of_result(result: Any) -> str | None:
    """Return the first value of a result as text; None of NULL, and of no rows."""
    value = result.get_value(0, 0) if result.ntuples else None
    return None if value is None else value.decode()


def _rows_of_result(connection: Any, result: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a result as psycopg reads them."""
    reader = connection.Database.adapt.Transformer(connection.connection)
    reader.set_pgresult(result)
    rows: list[tuple[Any, ...]] = reader.load_rows(0, result.ntuples, tuple)
    return rows


def _execute(connection: Any, sql: str) -> Any:
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
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
GOOD = (1, 2)
"""libpq's states of results: a command was carried out, rows were read."""
