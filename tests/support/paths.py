"""Where things lie in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The directory of manage.py."""

RECORDINGS = ROOT / "tests" / "recordings"
"""Answers of real PeerTubes; README.md there says how they were recorded."""
