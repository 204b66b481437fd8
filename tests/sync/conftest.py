"""A small sandbox, and its mirror."""

from collections.abc import Callable, Iterator
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from peertube_sync.client.secret import Secret
from peertube_sync.testing import Catalogue
from tests.support.sandboxes import MANY, MORE_THAN_A_PAGE, VARIED
from tests.sync.logging_in import KEY, PASSWORD, with_keys

if TYPE_CHECKING:
    from tests.support.mirror import Mirror


@pytest.fixture
def long_mirror(make_synced: Callable[..., "Mirror"]) -> "Mirror":
    """The same with more than a page of videos."""
    return make_synced(MORE_THAN_A_PAGE)


@pytest.fixture
def many_mirror(make_synced: Callable[..., "Mirror"]) -> "Mirror":
    """The same with so many videos that losing them all is suspicious."""
    return make_synced(MANY)


@pytest.fixture
def varied(make_mirror: Callable[..., "Mirror"]) -> "Mirror":
    """A sandbox of which nothing is mirrored yet, where each rule wants some videos and not others.

    It has three channels of two accounts.
    """
    return make_mirror(Catalogue.generate(videos=VARIED, seed=120))


@pytest.fixture
def unsynced(make_mirror: Callable[..., "Mirror"]) -> "Mirror":
    """A sandbox of which nothing is mirrored yet."""
    return make_mirror()


@pytest.fixture
def vault_key() -> Iterator[None]:
    """Keys with which tokens are encrypted."""
    with with_keys(KEY):
        yield


@pytest.fixture
def owned(make_mirror: Callable[..., "Mirror"]) -> "Mirror":
    """A login, whose private video is the source."""
    from peertube_sync.sync.operations.logins import log_in

    catalogue = Catalogue.generate(videos=3, seed=3)
    channel = next(one for one in catalogue.channels.values() if not one.origin)
    catalogue.add_user(channel.owner.name, PASSWORD)
    catalogue.hide(catalogue.add_video(channel.name, name="Only mine"), "private")
    mirror = make_mirror(catalogue)
    log_in(mirror.sandbox.url, channel.owner.name, Secret(PASSWORD), mirror.settings())
    call_command("peertube_add", mirror.sandbox.host, "--own", stdout=StringIO())
    return mirror
