"""No kill leaves a login that is neither good nor says that a person is needed."""

from random import Random

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.convergence import refresh

KILLS = 3


@pytest.mark.django_db(transaction=True)
def test_a_login_survives_kills_or_says_that_it_is_needed(database_url: str, settings: pytest.FixtureRequest) -> None:
    keys = refresh.environment()
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "TOKEN_KEYS": keys["PEERTUBE_SYNC_TOKEN_KEYS"]}  # type: ignore[attr-defined]
    with Sandbox(Catalogue.generate(videos=3, seed=3), limit=None, latency=refresh.LATENCY) as sandbox:
        refresh.prepare(sandbox)
        outcome = refresh.run(sandbox, KILLS, Random(1), {**keys, "DATABASE_URL": database_url})
    assert outcome.broken == []
    assert outcome.good + outcome.needed == KILLS
