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

    def make(videos: int = VIDEOS, seed: int = SEED) -> "Mirror":
        if (videos, seed) not in kept:
            first = make_mirror(Catalogue.generate(videos=videos, seed=seed))
            made_once(kept, (videos, seed), first.sandbox.host, lambda: _sync(first))
            clear()
        made = make_mirror(Catalogue.generate(videos=videos, seed=seed))
        kept[videos, seed].restore(made.sandbox.host)
        return made

    return make


def _sync(mirror: "Mirror") -> None:
    mirror.add()
    assert mirror.sync().errors == []


@pytest.fixture
def mirror(make_synced: Callable[..., "Mirror"]) -> "Mirror":
    """A mirror of a small sandbox, its list and details already synced."""
    return make_synced()


@pytest.fixture
def long_mirror(make_synced: Callable[..., "Mirror"]) -> "Mirror":
    """The same with more than a page of videos."""
    return make_synced(MORE_THAN_A_PAGE)
