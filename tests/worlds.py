"""Recorded catalogues: the one in the repository, and a larger one if `WORLD` in the environment names its file."""

import os
from pathlib import Path

import pytest

TINY = Path(__file__).parent / "recordings/world-tiny.json.gz"
LARGER = Path(os.environ["WORLD"]).resolve(strict=True) if os.environ.get("WORLD") else None
WORLDS = (
    pytest.param(TINY, id="tiny"),
    pytest.param(
        LARGER,
        id="larger",
        marks=[
            pytest.mark.one_database,
            pytest.mark.skipif(LARGER is None, reason="WORLD names no larger recorded catalogue"),
        ],
    ),
)
