"""A small sandbox, and its mirror."""

from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.snapshot import Snapshot, clear, made_once

if TYPE_CHECKING:
    from tests.sync.mirror import Mirror

VIDEOS = 10
SEED = 68
"""Few, yet with several channels, captions, chapters, tags and playlists."""
MANY = 26
GREAT_LOSS = 22
"""More than MASS_LOSS_NUMBER, and of MANY more than MASS_LOSS_SHARE: a person is asked."""
VARIED = 24
MORE_THAN_A_PAGE = 105


@pytest.fixture
def make_mirror(db: None) -> Iterator[Callable[..., "Mirror"]]:
    """Start a sandbox, of which nothing is mirrored yet."""
    from tests.sync.mirror import Mirror

    running: list[Sandbox] = []

    def make(catalogue: Catalogue | None = None, **options: Any) -> "Mirror":
        catalogue = catalogue or Catalogue.generate(videos=VIDEOS, seed=SEED)
        running.append(Sandbox(catalogue, **{"limit": None, **options}).start())
        return Mirror(running[-1])

    yield make
    for sandbox in running:
        sandbox.stop()


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
