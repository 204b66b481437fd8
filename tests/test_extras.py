"""What settings ask for and isn't installed is told with the way out, and nobody is asked instead.

Where Celery and redis are installed, most of this has nothing to look at: `make fresh` runs it where they aren't.
"""

from importlib.util import find_spec
from typing import Any

import pytest
from django.core.checks import Error, run_checks

from peertube_sync.beat import BEAT_SCHEDULE
from peertube_sync.models import InstanceState
from tests.support.mirror import Mirror

REDIS = "redis://127.0.0.1:1/0"
EXTRA = 'pip install "django-peertube-sync[celery]"'
without_celery = pytest.mark.skipif(bool(find_spec("celery")), reason="Celery is installed here")

pytestmark = pytest.mark.django_db


def told() -> dict[str, str]:
    """Return the hint by the setting that asks for what isn't there."""
    errors = [one for one in run_checks() if one.id == "peertube_sync.E007"]
    assert all(isinstance(error, Error) for error in errors)
    return {error.msg.split()[0]: str(error.hint) for error in errors}


def ask_for_all(settings: Any) -> None:
    settings.CELERY_BROKER_URL = REDIS
    settings.CELERY_BEAT_SCHEDULE = {"theirs": {"task": "shop.tasks.bill"}, **BEAT_SCHEDULE}
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "REDIS_URL": REDIS}
    cached = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS}
    settings.CACHES = {**settings.CACHES, "theirs": cached}


def test_settings_that_ask_for_nothing_are_fine(settings: Any) -> None:
    settings.CELERY_BEAT_SCHEDULE = {"theirs": {"task": "shop.tasks.bill"}}
    assert told() == {}


def test_what_is_installed_may_be_asked_for(settings: Any) -> None:
    pytest.importorskip("celery", reason=EXTRA)
    ask_for_all(settings)
    assert told() == {}


@without_celery
def test_the_extra_is_named_for_each_setting_that_asks_for_it(settings: Any) -> None:
    ask_for_all(settings)
    hints = told()
    assert list(hints) == ["CELERY_BROKER_URL", "CELERY_BEAT_SCHEDULE", 'PEERTUBE_SYNC["REDIS_URL"]', "CACHES"]
    assert all(EXTRA in hint for hint in hints.values())
    assert "peertube_sync --watch" in hints["CELERY_BROKER_URL"]


@without_celery
def test_nothing_is_asked_while_the_budget_is_where_nobody_can_see_it(mirror: Mirror) -> None:
    asked = len(mirror.sandbox.log)
    totals = mirror.sync(redis_url=REDIS)
    assert EXTRA in totals.errors[0]
    assert len(mirror.sandbox.log) == asked
    assert mirror.instance.state == InstanceState.BUDGET_LOST
