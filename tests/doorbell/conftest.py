"""A site with the doorbell on."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.test import override_settings

if TYPE_CHECKING:
    from peertube_sync.models import Instance
    from tests.support.mirror import Mirror

KEY = Fernet.generate_key().decode()


@pytest.fixture
def doorbell() -> Iterator[None]:
    """The settings of a site with the doorbell on, as the recorded follower had them."""
    from project.settings import PEERTUBE_SYNC
    from tests.doorbell import recorded

    changed = {**PEERTUBE_SYNC, "DOORBELL": True, "TOKEN_KEYS": KEY, "SITE_URL": recorded.SITE_URL}
    cache.clear()
    with override_settings(PEERTUBE_SYNC=changed, ROOT_URLCONF="tests.doorbell.urls", ALLOWED_HOSTS=["*"]):
        yield


@pytest.fixture
def followed(db: None, doorbell: None) -> Iterator["Instance"]:
    """The recorded instance, followed, when it delivered what was recorded."""
    from tests.doorbell import recorded

    with time_machine.travel(recorded.MOMENT, tick=True):
        yield recorded.follow_all()


@pytest.fixture
def bell(
    transactional_db: None, live_server: Any, doorbell: None, make_mirror: Callable[..., "Mirror"]
) -> Iterator["Mirror"]:
    """A mirror of a sandbox that has accepted to be followed; both speak real HTTP."""
    from django.conf import settings

    changed = {**settings.PEERTUBE_SYNC, "SITE_URL": live_server.url}
    with override_settings(PEERTUBE_SYNC=changed):
        mirror = make_mirror()
        mirror.add()
        assert mirror.sync().errors == []
        mirror.hear_answers()
        yield mirror
