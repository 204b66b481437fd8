"""Celery: ids in, one call, nothing else. The schedule is in the rows; the broker may lose anything."""

from celery import shared_task

from peertube_sync.beat import BEAT_SCHEDULE, DISPATCH_SECONDS
from peertube_sync.conf import get_settings
from peertube_sync.models import Instance
from peertube_sync.sync.purge import purge
from peertube_sync.sync.slices import run_slice

__all__ = ["BEAT_SCHEDULE", "dispatch_due", "purge_tombstones", "sync_instance"]


@shared_task(name="peertube_sync.tasks.dispatch_due", ignore_result=True)
def dispatch_due() -> None:
    """Send one task per instance with work due; they expire, so that none pile up while workers are down."""
    for pk in Instance.objects.due().values_list("pk", flat=True):
        sync_instance.apply_async((pk,), expires=DISPATCH_SECONDS)


@shared_task(name="peertube_sync.tasks.sync_instance", ignore_result=True)
def sync_instance(pk: int) -> None:
    """Do one slice of what is due on an instance; more is asked for at once."""
    instance = Instance.objects.filter(pk=pk).first()
    if instance and run_slice(instance, get_settings()).more:
        sync_instance.apply_async((pk,), expires=DISPATCH_SECONDS)


@shared_task(name="peertube_sync.tasks.purge_tombstones", ignore_result=True)
def purge_tombstones() -> None:
    """Scrub what has been gone for longer than TOMBSTONE_RETENTION."""
    purge(get_settings())
