"""What monitors read: whether the site answers, and whether anybody does what is due."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from peertube_sync.models import Instance

pytestmark = pytest.mark.django_db


def health(**query: Any) -> Any:
    return Client().get("/api/health/", query)


def test_a_site_with_nothing_to_do_is_well() -> None:
    answer = health(max_overdue=1)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "overdue_seconds": 0, "instances": 0, "search_queue": 0}
    assert "no-store" in answer["Cache-Control"]


def test_work_that_nobody_does_is_told_and_only_a_monitor_minds() -> None:
    Instance.objects.create(host="video.example", next_due_at=timezone.now() - timedelta(hours=2))
    assert health().status_code == 200
    answer = health(max_overdue=3600)
    assert answer.status_code == 503
    assert answer.json()["status"] == "stalled"
    assert 7200 <= answer.json()["overdue_seconds"] < 7300


def test_an_instance_that_is_worked_on_is_not_overdue() -> None:
    now = timezone.now()
    busy = {"lease_until": now + timedelta(minutes=1), "next_due_at": now - timedelta(hours=2)}
    Instance.objects.create(host="video.example", **busy)
    assert health(max_overdue=3600).json()["overdue_seconds"] == 0


def test_a_limit_that_is_no_number_is_refused() -> None:
    assert health(max_overdue="soon").status_code == 400
    assert "max_overdue" in health(max_overdue="soon").content.decode()
