"""A site with the doorbell on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.test import override_settings

if TYPE_CHECKING:
    from peertube_sync.models import Instance

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
