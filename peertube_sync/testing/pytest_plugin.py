"""A pytest plugin for host projects: a running sandbox as a fixture.

`pytest_plugins = ["peertube_sync.testing.pytest_plugin"]` in a `conftest.py` loads it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peertube_sync.testing.catalogue import Catalogue
from peertube_sync.testing.server import Sandbox

VIDEOS = 40


@pytest.fixture
def peertube_sandbox() -> Iterator[Sandbox]:
    """Serve a small generated catalogue, its rate limit lifted, for one test."""
    with Sandbox(Catalogue.generate(videos=VIDEOS, seed=1), limit=None) as sandbox:
        yield sandbox
