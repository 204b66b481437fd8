"""What was done on instances, in sums that only grow: runs are removed after a time, and instances too."""

from collections.abc import Mapping

from django.db import models
from django.db.models import F

from peertube_sync.models.instance import Instance


class Measure(models.TextChoices):
    """What is summed, and what its label says."""

    REQUESTS = "requests"
    RATE_LIMITED = "rate_limited"
    WAITED_SECONDS = "waited_seconds"
    FAILURES = "failures"
    """Slices that a failure ended; the label is the `InstanceState` that it left."""
    RUNS = "runs"
    """Runs that came to their end; the label is "kind state", a `RunKind` and a `RunState`."""
    RINGS = "rings"
    """Rings that were answered; the label is the least of `RING_SECONDS` that it didn't take longer than."""


RING_SECONDS = ("1", "2", "3", "5", "10", "30", "60", "600", "inf")
"""Bounds of the time from a ring to the row."""


class Tally(models.Model):
    """A sum over all that was ever done on an instance.

    `instance` is null once that was removed: what was done stays done, so a sum over all rows never falls.
    """

    instance = models.ForeignKey(Instance, models.SET_NULL, null=True, related_name="tallies", editable=False)
    measure = models.CharField(max_length=20, choices=Measure, editable=False)
    label = models.CharField(max_length=40, blank=True, editable=False)
    number = models.FloatField(default=0.0, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["instance", "measure", "label"], name="tally_once"),)

    def __str__(self) -> str:
        return f"{self.measure} {self.label}".strip()


def add_to_tallies(instance_id: int, amounts: Mapping[tuple[Measure, str], float]) -> None:
    """Add `amounts`, by measure and label, in one UPDATE each; call it inside the transaction of what is counted."""
    for (measure, label), amount in amounts.items():
        rows = Tally.objects.filter(instance=instance_id, measure=measure, label=label)
        if amount and not rows.update(number=F("number") + amount):
            Tally.objects.get_or_create(instance_id=instance_id, measure=measure, label=label)
            rows.update(number=F("number") + amount)
