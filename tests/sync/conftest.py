"""A small sandbox, and its mirror."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from peertube_sync.testing import Catalogue, Sandbox

if TYPE_CHECKING:
    from tests.sync.mirror import Mirror

VIDEOS = 40
MORE_THAN_A_PAGE = 105


@pytest.fixture
def make_mirror(db: None) -> Iterator[Callable[..., "Mirror"]]:
    from tests.sync.mirror import Mirror

    running: list[Sandbox] = []

    def make(catalogue: Catalogue | None = None, **options: Any) -> Mirror:
        catalogue = catalogue or Catalogue.generate(videos=VIDEOS, seed=3)
        running.append(Sandbox(catalogue, **{"limit": None, **options}).start())
        return Mirror(running[-1])

    yield make
    for sandbox in running:
        sandbox.stop()


@pytest.fixture
def mirror(make_mirror: Callable[..., "Mirror"]) -> "Mirror":
    """A mirror of a small sandbox, its list and details already synced."""
    made = make_mirror()
    made.add()
    assert made.sync().errors == []
    return made


@pytest.fixture
def long_mirror(make_mirror: Callable[..., "Mirror"]) -> "Mirror":
    """The same with more than a page of videos."""
    made = make_mirror(Catalogue.generate(videos=MORE_THAN_A_PAGE, seed=3))
    made.add()
    assert made.sync().errors == []
    return made
