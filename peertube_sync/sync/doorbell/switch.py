"""Turning the doorbell on and off by hand, and how it stands."""

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from peertube_sync.conf import Settings
from peertube_sync.models import DoorbellActor, Follow, Instance, Ring, RingKind
from peertube_sync.sync.doorbell.actor import Us, our_row
from peertube_sync.sync.doorbell.follows import is_on, say_goodbyes
from peertube_sync.sync.doorbell.rings import median_seconds


def turn_on() -> None:
    """Follow again, if a person had ended that, and look at all instances now."""
    DoorbellActor.objects.filter(gone_at=None).update(off_at=None)
    Instance.objects.mirrored().exclude(next_due_at=None).update(next_due_at=timezone.now())


def turn_off(settings: Settings, *, for_good: bool) -> list[str]:
    """Take all follows back, for good the actor too; returns what went wrong, which workers try again."""
    now = timezone.now()
    DoorbellActor.objects.filter(off_at=None).update(off_at=now)
    trouble = say_goodbyes(settings, for_good=for_good)
    if for_good:
        DoorbellActor.objects.update(gone_at=now)
    return trouble


def doorbell_state(settings: Settings) -> dict[str, object]:
    """Return how the doorbell stands: its `actor`, whether it is `on`, what rang, and each follow.

    `rings_last_hour` are things that rang, each once; `median_seconds` a bound of the time from a ring to the row.
    """
    row = our_row()
    columns = ("host", "kind", "name", "state", "asked_at", "answered_at", "next_at", "reason", "proven", "doubt")
    rung = Ring.objects.exclude(kind=RingKind.KEY)
    return {
        "on": is_on(settings),
        "actor": Us.of(settings).actor if settings.doorbell else "",
        "off_at": row and row.off_at,
        "gone_at": row and row.gone_at,
        "rings_last_hour": rung.filter(rung_at__gte=timezone.now() - timedelta(hours=1)).count(),
        "last_ring_at": rung.aggregate(last=Max("rung_at"))["last"],
        "rings_waiting": rung.filter(waiting=True).count(),
        "median_seconds": median_seconds(),
        "follows": [{name: getattr(follow, name) for name in columns} for follow in Follow.objects.all()],
    }
