"""What rang and waits for an answer: one row for each thing, however often it rings.

A ring is never lost to a write. Who asks remembers how often a row had rung before its question was sent, and the row
stops waiting only where that is still so after the answer is written.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from peertube_sync.models import Instance, Ring, RingKind

KEPT = timedelta(days=30)
"""How long it is remembered that a row rang, for walks to know that a change wasn't silent."""


def ring(instance: Instance, kind: RingKind, name: str) -> bool:
    """Note that something rang; returns whether nothing of `instance` waited before, so that somebody is to be woken.

    What a walk found in silence has rung after all.
    """
    quiet = not Ring.objects.filter(instance=instance, waiting=True).exists()
    rows = Ring.objects.filter(instance=instance, kind=kind, name=name)
    rung = {"waiting": True, "rung_at": timezone.now(), "missed_at": None}
    if not rows.update(rings=F("rings") + 1, **rung):
        try:
            with transaction.atomic():
                Ring.objects.create(instance=instance, kind=kind, name=name, rings=1, **rung)
        except IntegrityError:  # it has rung just now
            rows.update(rings=F("rings") + 1, **rung)
    return quiet


def waiting(instance: Instance, kinds: Iterable[RingKind] = tuple(RingKind)) -> "QuerySet[Ring, Ring]":
    """Return what waits, what rang last first."""
    return Ring.objects.filter(instance=instance, waiting=True, kind__in=list(kinds)).order_by("-rung_at", "-pk")


def answered(row: Ring) -> None:
    """Note that `row`, as it was read before its question was sent, is answered, unless it has rung again."""
    Ring.objects.filter(pk=row.pk, rings=row.rings).update(waiting=False)


def forget_old(instance: Instance) -> None:
    """Forget what rang long ago and was answered."""
    Ring.objects.filter(instance=instance, waiting=False, rung_at__lt=timezone.now() - KEPT).delete()
