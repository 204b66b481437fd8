"""The rate budget in a database row, by the clock of the database: one statement per operation, for each request three.

Each is a durable transaction of its own: never held while somebody waits or asks, never rolled back with the
caller's. A caller inside a transaction gets a RuntimeError, on every database: SQLite has one writer only, so that
the budget could not be kept there, and a transaction that waits for a server keeps everybody else waiting too.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, router, transaction

from peertube_sync.client.rate_budget import PAUSE, Turn, is_behind_visitor, seconds_to_wait
from peertube_sync.client.rate_limit import RateLimit
from peertube_sync.models import HostBudget

NOW = {
    "postgresql": "EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP())::float8",
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
}
"""Epoch seconds at the start of the statement: to the microsecond, and to the millisecond below."""

LOOK = 'SELECT NOW(), opens_at, held_until, pace, token FROM "peertube_sync_hostbudget" WHERE host = %s'
MAKE = (
    'INSERT INTO "peertube_sync_hostbudget" (host, opens_at, token, held_until, pace)'
    " VALUES (%s, 0, '', 0, '') ON CONFLICT DO NOTHING"
)
TAKE = (
    'UPDATE "peertube_sync_hostbudget" SET token = %s, held_until = NOW() + %s'
    " WHERE host = %s AND opens_at = %s AND held_until <= NOW()"
)
PUT = (
    "UPDATE \"peertube_sync_hostbudget\" SET opens_at = %s, pace = %s, token = '', held_until = 0"
    " WHERE host = %s AND token = %s"
)


class DatabaseStore:
    def take(self, host: str, token: str, hold: float, ahead: float = 0.0) -> Turn:
        """See BudgetStore. The look before the UPDATE spares SQLite's write lock while the host isn't open."""
        row = None
        while row is None:
            with _cursor(LOOK, host) as cursor:
                row = cursor.fetchone()
            if row is None:
                _write_for_good(MAKE, host)
        now, opens_at, held_until, pace, holder = row
        wait = seconds_to_wait(now, opens_at, held_until, ahead)
        if wait > 0:
            return Turn(wait, behind_visitor=is_behind_visitor(holder, now, held_until))
        # Who was here meanwhile has left another opening, or still has the host.
        if not _write_for_good(TAKE, token, hold, host, opens_at):
            return Turn(PAUSE)
        return Turn(0.0, now, RateLimit.loads(pace) if pace else None, max(0.0, opens_at - now))

    def put(self, host: str, token: str, rate_limit: RateLimit) -> None:
        _write_for_good(PUT, rate_limit.opens_at, rate_limit.dumps(), host, token)

    def rate_limits(self, hosts: Sequence[str]) -> dict[str, RateLimit]:
        """Return what is known of `hosts`."""
        rows = HostBudget.objects.using(_alias()).filter(host__in=hosts).exclude(pace="")
        return {host: RateLimit.loads(pace) for host, pace in rows.values_list("host", "pace")}


def _write_for_good(sql: str, *values: Any) -> int:
    """Return the number of rows that were written, for good."""
    with transaction.atomic(using=_alias(), durable=True, savepoint=False), _cursor(sql, *values) as cursor:
        count: int = cursor.rowcount
    return count


@contextmanager
def _cursor(sql: str, *values: Any) -> Iterator[Any]:
    connection = connections[_alias()]
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("NOW()", NOW[connection.vendor]), values)
        yield cursor


def _alias() -> str:
    return router.db_for_write(HostBudget)
