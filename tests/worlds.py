"""Recorded catalogues: the one in the repository, and a larger one if `WORLD` in the environment names its file."""

import os
from pathlib import Path

import pytest

TINY = Path(__file__).parent / "recordings/world-tiny.json.gz"
LARGER = Path(os.environ.get("WORLD", ""))
WORLDS = (
    pytest.param(TINY, id="tiny"),
    pytest.param(
        LARGER,
        id="larger",
        marks=[
            pytest.mark.one_database,
            pytest.mark.skipif(not LARGER.is_file(), reason="WORLD names no larger recorded catalogue"),
        ],
    ),
)
