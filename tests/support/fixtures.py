"""Fixtures that several folders ask for: a small mirror of a sandbox, and people logged into the admin."""

import copyreg
import pickle
from collections.abc import Callable, Hashable, Iterator
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from peertube_sync.testing import Catalogue, Sandbox
from peertube_sync.testing.respond import LoggedRequest
from tests.support.sandboxes import SEED, VIDEOS
from tests.support.snapshot import Kept, Snapshot, clear

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
    from peertube_sync.client.rate_limit import MOST_REQUESTS, RateLimit
    from peertube_sync.models import HostBudget

    HostBudget.objects.update_or_create(host=host, defaults={"pace": RateLimit(limit=MOST_REQUESTS).dumps()})


@pytest.fixture
def make_kept(make_mirror: Callable[..., "Mirror"], kept: Kept) -> Callable[..., "Mirror"]:
    """Start a sandbox with what `fill` mirrors of it: of each `kind` that is really done once.

    The catalogue is then as `fill` left it, and so are the rows; with `log`, the log of requests is, too.
    """

    def make(
        kind: Hashable, catalogue: Callable[[], Catalogue], fill: Callable[["Mirror"], object], *, log: bool = False
    ) -> "Mirror":
        def mirror() -> tuple[Snapshot, bytes, list[LoggedRequest]]:
            first = make_mirror(catalogue())
            fill(first)
            taken = Snapshot.take(first.sandbox.host), pickle.dumps(first.catalogue), first.sandbox.log
            clear()
            return taken

        (snapshot, filled, asked), _made = kept.get_or_make(kind, mirror)
        made = make_mirror(pickle.loads(filled))
        made.sandbox.log += asked * log
        snapshot.restore(made.sandbox.host)
        return made

    return make


copyreg.pickle(type(RLock()), lambda _lock: (RLock, ()))  # a copy of a catalogue has a lock of its own


@pytest.fixture
def make_synced(make_kept: Callable[..., "Mirror"]) -> Callable[..., "Mirror"]:
    """Start a sandbox with its list and details already mirrored."""

    def make(videos: int = VIDEOS, seed: int = SEED, *, details: bool = True, log: bool = False) -> "Mirror":
        return make_kept(
            ("synced", videos, seed, details),
            lambda: Catalogue.generate(videos=videos, seed=seed),
            lambda first: _sync(first, details=details),
            log=log,
        )

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
