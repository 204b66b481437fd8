"""Several processes of a site and one host: what the host sees."""

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.bench.limits import measure

LIMIT, WINDOW = 250, 10.0


@pytest.mark.parametrize("kept", ["database", pytest.param("redis", marks=pytest.mark.one_database)])
def test_all_processes_together_come_one_by_one_and_evenly(
    kept: str, database_url: str, request: pytest.FixtureRequest
) -> None:
    redis_url = request.getfixturevalue("redis_server") if kept == "redis" else ""
    environment = {"DATABASE_URL": database_url, "PEERTUBE_SYNC_REDIS_URL": redis_url}
    with Sandbox(Catalogue.generate(videos=3, seed=1), limit=LIMIT, window=WINDOW) as sandbox:
        figures = measure(sandbox, environment, processes=3, requests=30)
    assert (figures.requests, figures.refused, figures.together) == (30, 0, 0)
    assert figures.seconds > 25 * WINDOW / LIMIT
