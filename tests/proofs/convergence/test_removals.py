"""An instance that opts out is hidden at once, and removed whoever is killed meanwhile."""

import os
from random import Random

import pytest
from django.core.cache import cache
from django.test import Client

from tests.proofs.convergence import removals

VIDEOS, KILLS = 1_500, 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_instance_that_opts_out_is_hidden_at_once_and_removed_under_kills(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "DATABASE_URL", database_url)
    monkeypatch.setattr(removals, "LONGEST", 0.3)
    removals.prepare(VIDEOS)
    client = Client()

    def get(path: str) -> tuple[int, str]:
        cache.clear()
        answer = client.get(path)
        return answer.status_code, answer.content.decode() if not answer.streaming else ""

    outcome = removals.run(get, Random(1), KILLS, measured=False)
    assert outcome.shown == []
    assert outcome.left == []
