"""A Redis that was to keep the rate budget and is gone: nothing is asked, and everybody is told."""

from django.core.management import call_command

from peertube_sync.models import InstanceState
from tests.support.mirror import Mirror

GONE = "redis://127.0.0.1:1/0"


def test_nothing_is_asked_and_the_status_says_why(mirror: Mirror, capsys) -> None:
    asked = len(mirror.sandbox.log)
    totals = mirror.sync(redis_url=GONE)
    assert "rate budget does not answer" in totals.errors[0]
    assert len(mirror.sandbox.log) == asked
    assert (mirror.instance.state, mirror.instance.failures) == (InstanceState.BUDGET_LOST, 0)
    call_command("peertube_status")
    told = capsys.readouterr().out
    assert "budget_lost" in told
    assert "rate budget does not answer" in told


def test_it_goes_on_when_redis_is_back(mirror: Mirror) -> None:
    mirror.sync(redis_url=GONE)
    assert mirror.sync(full=True).errors == []
    assert mirror.instance.state == InstanceState.OK
