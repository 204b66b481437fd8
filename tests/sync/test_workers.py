"""The same work through Celery: a real worker, a real broker, nothing of the test's process."""

from typing import TYPE_CHECKING

from peertube_sync.conf import get_settings
from peertube_sync.models import Instance, RunState, SyncRun, Video
from peertube_sync.sync.operations.add import add_source, plan_source
from peertube_sync.testing import Sandbox

if TYPE_CHECKING:
    from tests.support.celery_worker import CeleryWorker

TASK = "peertube_sync.tasks.sync_due"


def test_a_worker_mirrors_what_is_due_and_asks_nobody_else(
    celery_worker_process: "CeleryWorker", peertube_sandbox: Sandbox
) -> None:
    source, _ = add_source(plan_source(peertube_sandbox.url, get_settings()))
    due, asked = Instance.objects.get().next_due_at, len(peertube_sandbox.log)
    for next_due_at in (None, due):
        Instance.objects.update(next_due_at=next_due_at)
        celery_worker_process.send(TASK)
        celery_worker_process.wait_for("sync_due", "succeeded")
        assert (len(peertube_sandbox.log) > asked) == (next_due_at is not None)
    assert Video.objects.of_source(source).exclude(details_fetched_at=None).count() == 40
    assert set(SyncRun.objects.values_list("state", flat=True)) == {RunState.DONE}
