"""Whether an instance may be asked: its robots.txt and, after a failure, one cheap question first."""

from datetime import timedelta

from django.utils import timezone

from peertube_sync.client.detect import probe
from peertube_sync.client.robots_fetch import apply_robots, fetch_robots
from peertube_sync.models import Instance
from peertube_sync.sync.schedule import is_due
from peertube_sync.sync.work import Work

ROBOTS_INTERVAL = timedelta(days=1)
"""RFC 9309, 2.4."""
ANSWERS_BEFORE_RETRIES = 2
"""Good answers of a server that failed, the probe's and the first of the work, before requests are repeated."""


def require_permission(work: Work) -> None:
    """Keep to the host's robots.txt, read anew when it is due; raises Disallowed, or what reading raises.

    After a failure, one cheap question comes before all work; it is asked once. So is the first one to a stranger.
    """
    instance, transport = work.instance, work.client.transport
    transport.wary = ANSWERS_BEFORE_RETRIES if instance.failures else int(instance.refreshed_at is None)
    if instance.robots_due_at is None or is_due(instance.robots_due_at):
        instance.robots, instance.robots_due_at = fetch_robots(transport), timezone.now() + ROBOTS_INTERVAL
        with work.lease.transaction():
            columns = {"robots": instance.robots, "robots_due_at": instance.robots_due_at}
            Instance.objects.filter(pk=instance.pk).update(**columns)
    apply_robots(transport, instance.robots)
    if instance.failures:
        probe(transport)
