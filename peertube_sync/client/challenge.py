"""Recognising the pages that keep robots out.

They come with 200, 403 or 503, before whatever runs behind them: what they say proves nothing about it.
"""

import re
from collections.abc import Mapping

LOOKED_AT = 2**16
STATUSES = frozenset({200, 202, 401, 403, 503})
JSON_PATHS = ("/api/", "/nodeinfo/", "/.well-known/")
WORDS = re.compile(
    rb"just a moment|checking (?:that you|if you|your browser)|not a (?:ro)?bot|are (?:human|a robot)"
    rb"|captcha|challenge-platform|ddos-guard|anubis|proof.of.work|enable javascript and cookies",
    re.IGNORECASE,
)
"""What such pages say, whoever sells them."""


def is_challenge(path: str, status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether the answer to a question for JSON at `path` is an anti-bot page."""
    if not path.startswith(JSON_PATHS) or status not in STATUSES:
        return False
    if headers.get("cf-mitigated") == "challenge":
        return True
    return "html" in headers.get("Content-Type", "") and WORDS.search(body[:LOOKED_AT]) is not None
