"""Texts that would run `alert` in a browser, or load something, if a page let them; by kind in payloads.json."""

import json
from pathlib import Path

KINDS: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text())
PAYLOADS = [payload for kind in KINDS.values() for payload in kind]
LONGEST = 480
"""What fits into a name here."""


def packed() -> list[str]:
    """Return texts that hold all payloads between them, none longer than a name may be."""
    texts = [""]
    for one in PAYLOADS:
        together = f"{texts[-1]} {one}".lstrip(" ")
        texts[-1:] = [together] if len(together) <= LONGEST else [texts[-1], one]
    return texts
