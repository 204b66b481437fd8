"""Celery's queue: it stays short, and a project may do without one."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from peertube_sync.beat import BEAT_SCHEDULE
from tests.support.servers import NO_CELERY

celery = pytest.importorskip("celery", reason=NO_CELERY)

from celery.beat import Scheduler  # noqa: E402  only where Celery is
from kombu import Connection  # noqa: E402

from peertube_sync.tasks import BACKLOG  # noqa: E402

MINUTE = timedelta(minutes=1)


@pytest.mark.django_db
def test_a_day_without_workers_leaves_a_short_queue(redis_server: str) -> None:
    app = celery.Celery("tests", broker=redis_server, set_as_current=False)
    app.conf.beat_schedule = {**BEAT_SCHEDULE}
    scheduler = Scheduler(app)
    with Connection(redis_server) as broker, time_machine.travel(timezone.now()) as clock:
        client = broker.default_channel.client
        client.delete("celery")
        for _ in range(24 * 60 // 2):
            scheduler.tick()
            clock.shift(2 * MINUTE)
        waiting = client.llen("celery")
        client.delete("celery")
    app.close()
    assert 2 < waiting <= BACKLOG


@pytest.mark.django_db
def test_a_project_that_runs_its_tasks_at_once_needs_no_broker() -> None:
    with celery.Celery("tests", broker="redis://127.0.0.1:1", set_as_current=False) as app:
        app.conf.task_always_eager = True
        assert app.tasks["peertube_sync.tasks.purge_tombstones"].apply_async().successful()
