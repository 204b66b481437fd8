"""Who may write an instance's rows: one process at a time, by the database's clock.

Every page is written in a transaction that begins with one UPDATE on the instance: it proves that the
lease is still ours (a fence against a process that slept too long), renews it, and takes SQLite's write
lock before anything is read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from peertube_sync.models import Instance
from peertube_sync.models.prepared import PreparedUpdate, placeholders


class LeaseLost(Exception):  # noqa: N818 - a fact, not an error: somebody else goes on with the work
    """Another process has taken over; nothing of the current page was written."""


_taken: set[UUID] = set()
"""The tokens of leases that this process has taken and not given back."""


def give_back_all() -> None:
    """Give back what leases this process still has, none of which it works under: a database that failed kept them."""
    Instance.objects.filter(lease_token__in=_taken).update(lease_token=None, lease_until=None)
    _taken.clear()


def _from_now(seconds: float) -> CombinedExpression:
    return Now() + timedelta(seconds=seconds)


@cache
def _renewal(seconds: float) -> PreparedUpdate:
    """Return the statement that renews the lease of an instance by its key and token: every page begins with it."""
    own_row = Instance.objects.filter(**placeholders(Instance, "id", "lease_token"))
    return PreparedUpdate(own_row, lease_until=_from_now(seconds))


@dataclass(frozen=True)
class Lease:
    """The right to write one instance's rows, for `seconds` from each transaction on."""

    instance_id: int
    token: UUID
    seconds: float

    @classmethod
    def acquire(cls, instance: Instance, seconds: float) -> "Lease | None":
        """Take the lease of `instance`, or return None while another process holds it."""
        lease = cls(instance.pk, uuid4(), seconds)
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
        _taken.add(lease.token)
        if Instance.objects.filter(free, pk=instance.pk).update(lease_token=lease.token, lease_until=lease.until):
            return lease
        _taken.discard(lease.token)
        return None

    @classmethod
    def seize(cls, instance: Instance, seconds: float) -> "Lease":
        """Take the lease of `instance` from whoever holds it: a person has decided what its work rests on."""
        lease = cls(instance.pk, uuid4(), seconds)
        Instance.objects.filter(pk=instance.pk).update(lease_token=lease.token, lease_until=lease.until)
        return lease

    @property
    def until(self) -> CombinedExpression:
        """The expression for the lease's end."""
        return _from_now(self.seconds)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write inside one transaction, fenced; raises LeaseLost before anything is written."""
        with transaction.atomic():
            if not _renewal(self.seconds).run(id=self.instance_id, lease_token=self.token):
                raise LeaseLost
            yield

    def release(self, **columns: Any) -> None:
        """Give the lease back and set `columns` of the instance, if it is still ours."""
        own_row = Instance.objects.filter(pk=self.instance_id, lease_token=self.token)
        own_row.update(lease_token=None, lease_until=None, **columns)
        _taken.discard(self.token)
