"""PeerTube's rate limiter: a fixed window per client and bucket, begun by the first hit.

Whatever the answer will be counts, refusals and 304 included. Static files are not limited.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

#: What a sandbox without a limit announces: PeerTube's headers are always there.
LIFTED = 1_000_000
#: Buckets beside the API's own, with their default sizes.
WELL_KNOWN, CLIENT, LOGIN, ACTIVITYPUB = "well-known", "client", "login", "activitypub"
FIXED_LIMITS = {WELL_KNOWN: 200, CLIENT: 500, LOGIN: 15, ACTIVITYPUB: 500}
#: Seconds of windows that are longer than the others.
LONG_WINDOWS = {LOGIN: 300.0}


@dataclass(slots=True)
class Window:
    """The running count of one client in one bucket; `ends` is on the wall clock, in seconds."""

    ends: float
    hits: int = 0


@dataclass(frozen=True, slots=True)
class LimitVerdict:
    """What the limiter says of one request."""

    limit: int
    hits: int
    ends: float
    now: float

    @property
    def refused(self) -> bool:
        """Tell whether the request came over the limit."""
        return self.hits > self.limit

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of the answer: reset in epoch seconds, the retry in delta seconds."""
        shown = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.hits)),
            "X-RateLimit-Reset": str(math.ceil(self.ends)),
        }
        if self.refused:
            shown["Retry-After"] = str(max(1, math.ceil(self.ends - self.now)))
        return shown


class Limiter:
    """Counts requests. `limit` (None or 0 lifts it) and `window` in seconds may change at any time."""

    def __init__(self, limit: int | None, window: float) -> None:
        self.limit = limit
        self.window = window
        self._windows: dict[tuple[str, str], Window] = {}
        self._lock = threading.Lock()

    def hit(self, client: str, bucket: str) -> LimitVerdict:
        """Count one request of a client address in a bucket."""
        now = time.time()
        with self._lock:
            window = self._windows.get((client, bucket))
            if window is None or window.ends <= now:
                window = self._windows[client, bucket] = Window(now + LONG_WINDOWS.get(bucket, self.window))
            window.hits += 1
            size = FIXED_LIMITS.get(bucket, self.limit) if self.limit else LIFTED
            return LimitVerdict(size, window.hits, window.ends, now)
