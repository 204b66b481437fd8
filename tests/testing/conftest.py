"""Sandboxes that the tests of this folder share, and a way to ask them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peertube_sync.testing import Catalogue, Sandbox


@pytest.fixture
def catalogue() -> Catalogue:
    """Make a small catalogue to change at will."""
    return Catalogue.generate(videos=60, seed=3)


@pytest.fixture
def sandbox(catalogue: Catalogue) -> Iterator[Sandbox]:
    """Serve the small catalogue, the limit lifted."""
    with Sandbox(catalogue, limit=None) as running:
        yield running
