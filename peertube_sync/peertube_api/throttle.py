"""How often one client may ask: PeerTube's fixed window and headers, counted in Django's default cache.

With the cache in local memory every process counts for itself, as PeerTube's do.
"""

import math
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.http import HttpRequest

from peertube_sync.faces.visitors import visitor

WINDOW = 10
"""Seconds."""


@dataclass(frozen=True)
class Verdict:
    """What is said of one request: the number of `hits` in the window that `ends` then (epoch seconds)."""

    limit: int
    hits: int
    ends: int
    now: float

    @property
    def refused(self) -> bool:
        """Tell whether the request came over the limit."""
        return self.hits > self.limit

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of the answer: the reset in epoch seconds, the retry in seconds from now."""
        told = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.hits)),
            "X-RateLimit-Reset": str(self.ends),
        }
        return {**told, "Retry-After": str(max(1, math.ceil(self.ends - self.now)))} if self.refused else told


def hit(request: HttpRequest, limit: int) -> Verdict:
    """Count one request of a visitor."""
    now = time.time()
    ends = (int(now) // WINDOW + 1) * WINDOW
    key = f"peertube_sync.peertube_api:{ends}:{visitor(request)}"
    cache.add(key, 0, WINDOW + 1)
    return Verdict(limit, _increased(key), ends, now)


def _increased(key: str) -> int:
    """Add one; a cache that dropped the key in between begins anew."""
    try:
        return int(cache.incr(key))
    except ValueError:
        return 1
