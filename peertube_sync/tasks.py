"""Celery: one call, nothing else. What is due is in the rows, so no task names an instance, and any may be lost.

Nothing else imports Celery, so that a site without the extra `[celery]` does without it.
"""

import logging
from typing import Any

from celery import Task, current_app, shared_task
from kombu.exceptions import OperationalError

from peertube_sync.beat import BEAT_SCHEDULE, DUE_SECONDS
from peertube_sync.conf import get_settings
from peertube_sync.models import Instance
from peertube_sync.sync import events
from peertube_sync.sync.doorbell.follows import say_goodbyes
from peertube_sync.sync.operations import alarms
from peertube_sync.sync.operations.discover import discover
from peertube_sync.sync.operations.retention import clean_up_daily
from peertube_sync.sync.watch import DueInstances

__all__ = ["BEAT_SCHEDULE", "discover_instances", "purge_tombstones", "raise_alarms", "sync_due", "wake_worker"]

BACKLOG = 100
"""So many messages waiting in a queue mean that its workers are down or late: one more would help nobody."""


class DroppableTask(Task):  # type: ignore[type-arg]  # can't be subscripted at run time
    """A task that isn't sent to a queue where BACKLOG messages wait: brokers keep expired ones until a worker looks."""

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> object:  # type: ignore[override]
        """Send it, or return None where too many messages wait."""
        if not self.app.conf.task_always_eager and self._waiting(options) >= BACKLOG:
            return None
        return super().apply_async(args, kwargs, **options)

    def _waiting(self, options: dict[str, Any]) -> int:
        """Return how many messages wait in the queue that it would go to; 0 for one that isn't there yet."""
        queue = self.app.amqp.router.route(dict(options), self.name)["queue"]
        pool: Any = self.app.pool  # its stubs tell of another pool
        with pool.acquire(block=True) as connection, connection.channel() as channel:
            try:
                return int(channel.queue_declare(queue=getattr(queue, "name", queue), passive=True).message_count)
            except connection.channel_errors:
                return 0


@shared_task(name="peertube_sync.tasks.sync_due", base=DroppableTask, ignore_result=True)
def sync_due() -> None:
    """Work on what is due, several hosts side by side, for SLICE_SECONDS; more is asked for at once."""
    settings = get_settings()
    line = DueInstances(Instance.objects.all(), settings, settings.slice_seconds)
    line.run_slices()
    say_goodbyes(settings)
    if line.due().exists():
        sync_due.apply_async(expires=DUE_SECONDS)


def wake_worker(host: str) -> None:
    """Send `sync_due` at once, as `host` rang, if this process knows a broker."""
    if not current_app.conf.broker_url or current_app.conf.task_always_eager:
        return
    # Celery passes on in places what the broker's own client raises.
    own = current_app.connection_for_write().connection_errors
    broken: tuple[type[BaseException], ...] = (OperationalError, OSError, *own)
    try:
        sync_due.apply_async(expires=DUE_SECONDS, retry=False)
    except broken as error:
        sentence = "%(host)s rang, and no task could be sent: %(reason)s"
        events.note(logging.WARNING, "wake_failed", sentence, host=host, reason=str(error))


@shared_task(name="peertube_sync.tasks.raise_alarms", base=DroppableTask, ignore_result=True)
def raise_alarms() -> None:
    """Look for what a person has to look at, and tell."""
    alarms.raise_alarms(get_settings())


@shared_task(name="peertube_sync.tasks.discover_instances", base=DroppableTask, ignore_result=True)
def discover_instances() -> None:
    """Look for instances that aren't known here, if DISCOVERY says so."""
    settings = get_settings()
    if settings.discovery:
        discover(settings)


@shared_task(name="peertube_sync.tasks.purge_tombstones", base=DroppableTask, ignore_result=True)
def purge_tombstones() -> None:
    """Do what `peertube_purge` does: the name is that of what it did first."""
    clean_up_daily(get_settings())
