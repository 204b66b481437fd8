"""Whoever works on what is due looks at once at what rings, also where it had found nothing to do."""

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

if TYPE_CHECKING:
    from tests.support.mirror import Mirror


@pytest.mark.django_db(transaction=True)
def test_a_ring_ends_the_rest_of_a_host(mirror: "Mirror") -> None:
    from peertube_sync.models import Instance, RingKind
    from peertube_sync.sync.doorbell.rings import ring
    from peertube_sync.sync.watch import DueInstances

    line = DueInstances(Instance.objects.all(), mirror.settings(), 60.0)
    Instance.objects.update(next_due_at=timezone.now())
    line.run_slices()
    Instance.objects.update(next_due_at=timezone.now())
    line.run_slices()
    Instance.objects.update(next_due_at=timezone.now())
    assert list(line.due()) == []
    ring(mirror.instance, RingKind.VIDEO, mirror.listed()[0]["uuid"])
    assert list(line.due()) == [mirror.instance]


@pytest.mark.parametrize("server", ["wsgi", "asgi"])
def test_the_web_s_processes_know_the_broker_by_which_workers_are_woken(server: str) -> None:
    asked = f"import project.{server}; from celery import current_app; print(current_app.conf.broker_url)"
    environment = {**os.environ, "DEBUG": "1", "REDIS_URL": "redis://127.0.0.1:1/0"}
    told = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "redis://127.0.0.1:1/0"
