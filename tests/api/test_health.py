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
    assert answer.json() == {"status": "ok", "overdue_seconds": 0, "instances": 0, "troubled": 0, "search_queue": 0}
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


@pytest.mark.parametrize("name", ["max_overdue", "max_troubled"])
def test_a_limit_that_is_no_number_is_refused(name: str) -> None:
    answer = health(**{name: "soon"})
    assert answer.status_code == 400
    assert name in answer.content.decode()


@pytest.mark.parametrize(
    ("state", "source", "troubled"),
    [
        ("ok", {}, 0),
        ("new", {}, 0),
        ("waiting", {}, 0),
        ("server_error", {}, 1),
        ("moved", {}, 1),
        ("dns", {"state": "paused"}, 0),
        ("ok", {"state": "unreadable", "last_error": "12 of 12 could not be read"}, 1),
        ("ok", {"state": "suspicious", "last_error": "25 videos are missing"}, 1),
        ("ok", {"state": "paused", "last_error": "12 of 12 could not be read"}, 0),
    ],
)
def test_what_fails_or_cannot_be_read_is_told_and_only_a_monitor_minds(
    state: str, source: dict[str, str], troubled: int
) -> None:
    instance = Instance.objects.create(host="video.example", state=state, next_due_at=None)
    instance.sources.create(**source)
    answer = health()
    assert (answer.status_code, answer.json()["troubled"]) == (200, troubled)
    assert answer.json()["status"] == ("troubled" if troubled else "ok")
    assert health(max_troubled=0).status_code == (503 if troubled else 200)
    assert health(max_troubled=1, max_overdue=60).status_code == 200
