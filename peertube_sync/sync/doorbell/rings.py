"""What rang and waits for an answer: one row for each thing, however often it rings.

A ring is never lost to a write. Who asks remembers how often a row had rung before its question was sent, and the row
stops waiting only where that is still so after the answer is written.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from peertube_sync.models import Instance, Measure, Ring, RingKind, Tally
from peertube_sync.models.tally import RING_SECONDS, add_to_tallies

RINGS_KEPT = timedelta(hours=2)
"""How long it is remembered that a row rang, for walks to know that a change wasn't silent: see `silence.RECENT`."""
MOST = 20_000
"""Things of an instance that wait as rows, at the most. If more ring, all of it is looked at instead."""


def ring(instance: Instance, kind: RingKind, name: str) -> bool:
    """Note that something rang; returns whether nothing of `instance` waited before, so that somebody is to be woken.

    What a walk found in silence has rung after all.
    """
    quiet = not Ring.objects.filter(instance=instance, waiting=True).exists()
    rows = Ring.objects.filter(instance=instance, kind=kind, name=name)
    rung = {"waiting": True, "rung_at": timezone.now(), "missed_at": None}
    if not rows.update(rings=F("rings") + 1, **rung):
        if Ring.objects.filter(instance=instance, waiting=True).count() >= MOST:
            # Lists tell what is new, changed or gone, whatever rang.
            now = timezone.now()
            for column in ("head_due_at", "sweep_due_at", "lists_due_at"):
                instance.sources.filter(**{f"{column}__gt": now}).update(**{column: now})
            return quiet
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


def count_answer(row: Ring) -> None:
    """Count how long a ring took to become a row, inside the transaction of its answer."""
    took = (timezone.now() - row.rung_at).total_seconds() if row.rung_at else 0.0
    bound = next(bound for bound in RING_SECONDS if took <= float(bound))
    add_to_tallies(row.instance_id, {(Measure.RINGS, bound): 1})


def median_seconds() -> str:
    """Return the bound below which half of all rings became rows, "" before the first one did."""
    counts = Tally.objects.filter(measure=Measure.RINGS).values_list("label").annotate(number=Sum("number"))
    by_bound = dict(counts.order_by())
    half, below = sum(by_bound.values()) / 2, 0.0
    for bound in RING_SECONDS if half else ():
        below += by_bound.get(bound, 0.0)
        if below >= half:
            return bound
    return ""


def forget_old_rings(instance: Instance) -> None:
    """Forget what rang long ago, was answered, and isn't in doubt."""
    rung = {"waiting": False, "rung_at__lt": timezone.now() - RINGS_KEPT, "missed_at": None}
    Ring.objects.filter(instance=instance, **rung).delete()
