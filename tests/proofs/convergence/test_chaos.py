"""Workers are disposable at any instruction."""

from pathlib import Path
from random import Random

import pytest
from celery import Celery

from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.convergence.chaos import Chaos, environment
from tests.proofs.convergence.worker import Worker

KILLS = 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_time_and_again_loses_and_doubles_nothing(
    database_url: str, redis_server: str, tmp_path: Path
) -> None:
    worker = Worker(environment(database_url, redis_server), tmp_path / "worker.log")
    with (
        Sandbox(Catalogue.generate(videos=200, seed=1), limit=None) as sandbox,
        Celery(broker=redis_server, set_as_current=False) as broker,
    ):
        outcome = Chaos(sandbox, worker, broker, Random(1), {"kill": worker.crash}).run({"kill": KILLS})
    assert outcome.differences == []
    assert outcome.fine
    assert outcome.interrupted > 0
