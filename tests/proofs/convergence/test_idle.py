"""Where nothing changes and the bell is proven, hardly anything is asked."""

from statistics import fmean

import pytest

from tests.proofs.convergence.idle import RARE, idle
from tests.support.databases import delete_committed_rows
from tests.support.served import served_with_doorbell

SEEDS = (1, 2, 3)
"""Several, since waits have a jitter: four weeks of one seed scatter by a twentieth around the mean."""


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("changed", "most"), [({}, 20.0), (RARE, 12.0)], ids=["defaults", "rare"])
def test_an_idle_instance_is_asked_little(changed: dict[str, int], most: float) -> None:
    outcomes = []
    for seed in SEEDS:
        delete_committed_rows()
        with served_with_doorbell():
            outcomes.append(idle(100, seed, changed))
    assert fmean(outcome.a_day for outcome in outcomes) <= most
    for outcome in outcomes:
        assert outcome.proven
        assert sum(outcome.days) == outcome.asked.total()
