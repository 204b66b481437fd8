"""Where nothing changes and the bell is proven, hardly anything is asked."""

import pytest

from tests.proofs.convergence.idle import RARE, idle
from tests.support.served import served_with_doorbell


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("changed", "most"), [({}, 20.0), (RARE, 13.0)], ids=["defaults", "rare"])
def test_an_idle_instance_is_asked_little(changed: dict[str, int], most: float) -> None:
    with served_with_doorbell():
        outcome = idle(100, 1, changed)
    assert outcome.a_day <= most
    assert outcome.proven
    assert sum(outcome.days) == outcome.asked.total()
