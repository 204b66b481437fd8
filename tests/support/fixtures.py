"""Fixtures that several folders ask for: a small mirror of a sandbox, and people logged into the admin."""

from collections.abc import Callable, Hashable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from peertube_sync.testing import Catalogue, Sandbox
from tests.support.sandboxes import SEED, VIDEOS
from tests.support.snapshot import Snapshot, clear, made_once

if TYPE_CHECKING:
    from tests.support.admin_pages import StaffClient
    from tests.support.mirror import Mirror


@pytest.fixture
def make_mirror(db: None) -> Iterator[Callable[..., "Mirror"]]:
    """Start a sandbox, of which nothing is mirrored yet."""
    from tests.support.mirror import Mirror

    running: list[Sandbox] = []

    def make(catalogue: Catalogue | None = None, **options: Any) -> "Mirror":
        catalogue = catalogue or Catalogue.generate(videos=VIDEOS, seed=SEED)
        sandbox = Sandbox(catalogue, **{"limit": None, **options}).start()
        running.append(sandbox)
        if sandbox.limit is None:
            _expect_no_limit(sandbox.host)
        return Mirror(sandbox)

    yield make
    for sandbox in running:
        sandbox.stop()


def _expect_no_limit(host: str) -> None:
    """Note that a host may be asked at once; what isn't asked below /api/ announces no limit, so nobody would know."""
    from peertube_sync.client.rate_limit import MOST, RateLimit
    from peertube_sync.models import HostBudget

    HostBudget.objects.update_or_create(host=host, defaults={"pace": RateLimit(limit=MOST).dumps()})


@pytest.fixture
def make_synced(make_mirror: Callable[..., "Mirror"], kept: dict[Hashable, Snapshot]) -> Callable[..., "Mirror"]:
    """Start a sandbox with its list and details already mirrored; only the first of a kind is really asked."""

    def make(videos: int = VIDEOS, seed: int = SEED, *, details: bool = True) -> "Mirror":
        kind = ("synced", videos, seed, details)
        if kind not in kept:
            first = make_mirror(Catalogue.generate(videos=videos, seed=seed))
            made_once(kept, kind, first.sandbox.host, lambda: _sync(first, details=details))
            clear()
        made = make_mirror(Catalogue.generate(videos=videos, seed=seed))
        kept[kind].restore(made.sandbox.host)
        return made

    return make


def _sync(mirror: "Mirror", *, details: bool) -> None:
    mirror.add()
    assert mirror.sync(details=details).errors == []


@pytest.fixture
def mirror(make_synced: Callable[..., "Mirror"]) -> "Mirror":
    """A mirror of a small sandbox, its list and details already synced."""
    return make_synced()


user_numbers = count(1)


@pytest.fixture
def admin_client(db: None) -> Client:
    """Log a superuser in, who has no password: hashing one takes longer than most tests."""
    from django.contrib.auth.models import User

    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    return client


@pytest.fixture
def staff(db: None) -> "StaffClient":
    """Log a member of staff in who has just these permissions, e.g. "view_video"."""
    from django.contrib.auth.models import Permission, User

    def log_in(*codenames: str) -> Client:
        user = User.objects.create_user(f"staff{next(user_numbers)}", is_staff=True)
        permissions = Permission.objects.filter(content_type__app_label="peertube_sync", codename__in=codenames)
        assert len(permissions) == len(codenames)
        user.user_permissions.set(permissions)
        client = Client()
        client.force_login(user)
        return client

    return log_in
