"""Text that every XML parser takes."""

import re

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write, not even escaped."""


def writable(text: str) -> str:
    """Return `text` without what XML can't hold."""
    return FORBIDDEN.sub("", text)
