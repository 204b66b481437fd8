"""Recorded catalogues: those in the repository, and a larger one if `WORLD` in the environment names its file."""

import os
from pathlib import Path

import pytest

from tests.support.paths import RECORDINGS

TINY = RECORDINGS / "world-tiny.json.gz"
TINY_82 = TINY.with_name("world-8.2-tiny.json.gz")
LARGER = Path(os.environ["WORLD"]).resolve(strict=True) if os.environ.get("WORLD") else None
WORLDS = (
    pytest.param(TINY, id="tiny"),
    pytest.param(TINY_82, id="tiny-8.2"),
    pytest.param(
        LARGER,
        id="larger",
        marks=pytest.mark.skipif(LARGER is None, reason="WORLD names no larger recorded catalogue"),
    ),
)
