"""The rate budget in a database row, by the clock of the database.

Each operation is short, durable transactions of its own: never held while somebody waits or asks, never rolled back
with the caller's. A caller inside a transaction gets a RuntimeError: SQLite has one writer only, so the
budget could not be kept there, and a transaction that waits for a server keeps everybody else waiting too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import router, transaction
from django.db.models import Q
from django.db.models.functions import Now

from peertube_sync.client.budget import POLL, Turn, waiting
from peertube_sync.client.pace import Pace
from peertube_sync.models import HostBudget


class DatabaseStore:
    """See Store."""

    def take(self, host: str, token: str, hold: float) -> Turn:
        """See Store. The look before the UPDATE spares SQLite's write lock while the host isn't open."""
        row = _row(host)
        held_until = row.held_until.timestamp() if row.held_until else 0.0
        wait = waiting(row.now.timestamp(), row.opens_at.timestamp(), held_until)
        if wait > 0:
            return Turn(wait)
        if not _taken(host, token, hold):
            return Turn(POLL)
        row = _row(host)
        return Turn(0.0, row.now.timestamp(), Pace.loads(row.pace) if row.pace else None)

    def put(self, host: str, token: str, pace: Pace) -> None:
        """See Store."""
        opens_at = datetime.fromtimestamp(pace.opens_at, tz=UTC)
        with _durable():
            ours = HostBudget.objects.filter(host=host, token=token)
            ours.update(token="", held_until=None, opens_at=opens_at, pace=pace.dumps())


def _row(host: str) -> Any:
    """Return the row of `host`, with the database's time as `now`; makes it when it is new."""
    rows = HostBudget.objects.using(_alias()).annotate(now=Now()).filter(host=host)
    if (row := rows.first()) is None:
        with _durable():
            HostBudget.objects.bulk_create([HostBudget(host=host)], ignore_conflicts=True)
        row = rows.get()
    return row


def _taken(host: str, token: str, hold: float) -> int:
    free = Q(held_until=None) | Q(held_until__lte=Now())
    with _durable():
        open_ = HostBudget.objects.filter(free, host=host, opens_at__lte=Now())
        return open_.update(token=token, held_until=Now() + timedelta(seconds=hold))


@contextmanager
def _durable() -> Iterator[None]:
    with transaction.atomic(using=_alias(), durable=True):
        yield


def _alias() -> str:
    return router.db_for_write(HostBudget)
