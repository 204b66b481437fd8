"""Whoever works on what is due looks at once at what rings, also where it had found nothing to do."""

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.support.servers import NO_CELERY, free_port

if TYPE_CHECKING:
    from peertube_sync.models import Instance
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
    pytest.importorskip("celery", reason=NO_CELERY)
    asked = f"import project.{server}; from celery import current_app; print(current_app.conf.broker_url)"
    environment = {**os.environ, "DEBUG": "1", "REDIS_URL": "redis://127.0.0.1:1/0"}
    told = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "redis://127.0.0.1:1/0"


def test_what_rings_while_others_wait_wakes_a_worker_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch, followed: "Instance"
) -> None:
    from peertube_sync.doorbell import inbox
    from peertube_sync.models import Ring
    from tests.doorbell.recorded import deliver, deliveries

    woken: list[str] = []
    monkeypatch.setattr(inbox, "wake", woken.append)
    first, second, third = [one for one in deliveries() if one.activity["type"] == "Update"][:3]
    assert (deliver(first), deliver(second)) == (202, 202)
    assert woken == [followed.host]
    cache.clear()  # which a while does
    assert Ring.objects.filter(waiting=True).exists()
    assert deliver(third) == 202
    assert woken == [followed.host] * 2


def test_a_broker_that_is_down_is_told_and_costs_nothing_else() -> None:
    """In a process that begins with this broker, as a web server does."""
    pytest.importorskip("celery", reason=NO_CELERY)
    asked = (
        "import django; django.setup(); import project.celery;"
        " from peertube_sync.tasks import wake_worker; wake_worker('a.example')"
    )
    address = f"redis://127.0.0.1:{free_port()}/0"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "project.settings", "DEBUG": "1", "REDIS_URL": address}
    told = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert "a.example rang, and no task could be sent" in told.stderr
