"""The copy converges whatever the source goes through."""

import pytest

from tests.proofs.convergence.churn import churn


@pytest.mark.django_db
def test_the_copy_is_equal_once_the_changes_end() -> None:
    outcome = churn(1, videos=110, changes=100)
    assert outcome.differences == []
    assert outcome.changes == 100
    assert outcome.sweeps > 0
    assert outcome.channel_deleted >= 11
