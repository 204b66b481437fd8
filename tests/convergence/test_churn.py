"""The copy converges whatever the source goes through."""

import pytest

from tests.convergence.churn import churn


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_the_copy_is_equal_once_the_changes_end(seed: int) -> None:
    outcome = churn(seed, videos=200, changes=150)
    assert outcome.differences == []
    assert outcome.changes == 150
    assert outcome.sweeps > 0
