"""Candidates in the admin: approved or rejected by those who may."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from peertube_sync.models import Candidate, Source
from tests.support import builders

if TYPE_CHECKING:
    from tests.support.admin_pages import StaffClient

pytestmark = pytest.mark.django_db


def decide(client: Client, action: str, candidate: Candidate) -> str:
    url = reverse("admin:peertube_sync_candidate_changelist")
    return client.post(url, {"action": action, "_selected_action": [candidate.pk]}, follow=True).content.decode()


@pytest.fixture
def candidate() -> Candidate:
    found: Candidate = builders.world()["candidate"]
    return found


def test_an_approved_candidate_becomes_a_source_that_is_due(admin_client: Client, candidate: Candidate) -> None:
    assert "1 instance is mirrored from now on" in decide(admin_client, "approve", candidate)
    assert Source.objects.get(instance__host=candidate.host).instance.next_due_at
    assert not Candidate.objects.exists()


def test_a_rejected_candidate_stays_as_such(admin_client: Client, candidate: Candidate) -> None:
    assert "1 host is not proposed again" in decide(admin_client, "reject", candidate)
    assert Candidate.objects.get().rejected_at
    assert not Source.objects.filter(instance__host=candidate.host).exists()


def test_who_may_only_look_decides_nothing(staff: "StaffClient", candidate: Candidate) -> None:
    decide(staff("view_candidate"), "approve", candidate)
    assert Candidate.objects.get().rejected_at is None
    assert not Source.objects.filter(instance__host=candidate.host).exists()
