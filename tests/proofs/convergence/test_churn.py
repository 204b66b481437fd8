"""The copy converges whatever the source goes through."""

import pytest

from tests.proofs.convergence.churn import churn
from tests.support.served import served_with_doorbell


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_bell_that_loses_rings_and_its_follower_costs_nothing() -> None:
    with served_with_doorbell():
        outcome = churn(2, videos=60, changes=60, bell=True)
    assert outcome.differences == []
    assert any("hadn't rung" in doubt for doubt in outcome.doubts)


@pytest.mark.long
@pytest.mark.django_db
def test_the_copy_is_equal_once_the_changes_end() -> None:
    outcome = churn(1, videos=110, changes=100)
    assert outcome.differences == []
    assert outcome.changes == 100
    assert outcome.sweeps > 0
    assert outcome.channel_deleted >= 11
