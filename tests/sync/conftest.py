"""A small sandbox, and its mirror."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.sync.snapshot import Snapshot

if TYPE_CHECKING:
    from tests.sync.mirror import Mirror

VIDEOS = 40
MORE_THAN_A_PAGE = 105


@pytest.fixture
def make_mirror(db: None) -> Iterator[Callable[..., "Mirror"]]:
    """Start a sandbox, of which nothing is mirrored yet."""
    from tests.sync.mirror import Mirror

    running: list[Sandbox] = []

    def make(catalogue: Catalogue | None = None, **options: Any) -> "Mirror":
        catalogue = catalogue or Catalogue.generate(videos=VIDEOS, seed=3)
        running.append(Sandbox(catalogue, **{"limit": None, **options}).start())
        return Mirror(running[-1])

    yield make
    for sandbox in running:
        sandbox.stop()


@pytest.fixture(scope="session")
def snapshots() -> dict[tuple[int, int], Snapshot]:
    """What was synced in this session, by the number of videos and the seed."""
    return {}


@pytest.fixture
def make_synced(
    make_mirror: Callable[..., "Mirror"], snapshots: dict[tuple[int, int], Snapshot]
) -> Callable[..., "Mirror"]:
    """Start a sandbox with its list and details already mirrored; only the first of a kind is really asked."""

    def make(videos: int = VIDEOS, seed: int = 3) -> "Mirror":
        key = (videos, seed)
        if key not in snapshots:
            snapshots[key] = _synced(make_mirror(Catalogue.generate(videos=videos, seed=seed)))
        made = make_mirror(Catalogue.generate(videos=videos, seed=seed))
        snapshots[key].restore(made.sandbox.host)
        return made

    return make


def _synced(mirror: "Mirror") -> Snapshot:
    """Sync a sandbox, and take its rows away again."""
    mirror.add()
    assert mirror.sync().errors == []
    snapshot = Snapshot.take(mirror.sandbox.host)
    snapshot.clear()
    return snapshot


@pytest.fixture
def mirror(make_synced: Callable[..., "Mirror"]) -> "Mirror":
    """A mirror of a small sandbox, its list and details already synced."""
    return make_synced()


@pytest.fixture
def long_mirror(make_synced: Callable[..., "Mirror"]) -> "Mirror":
    """The same with more than a page of videos."""
    return make_synced(MORE_THAN_A_PAGE)
