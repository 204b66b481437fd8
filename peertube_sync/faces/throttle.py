"""How often one visitor may ask each interface, counted in Django's cache.

With the cache in local memory every process counts for itself, as PeerTube's do.
"""

import math
import time
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from peertube_sync.conf import get_settings
from peertube_sync.faces.visitors import visitor

WINDOW = 10
"""Seconds of PeerTube's fixed window."""


class VisitorThrottle(SimpleRateThrottle):
    """Requests in the last minute by visitor, whoever is logged in; `setting` says how many there may be, 0 for any."""

    setting: ClassVar[str]

    def get_rate(self) -> str | None:
        number = getattr(get_settings(), self.setting)
        return f"{number}/minute" if number else None

    def get_cache_key(self, request: Any, _view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": visitor(request)}

    def seconds_to_wait(self, request: HttpRequest) -> int:
        """Count a request, and return after how many seconds to come back: 0 for who needn't wait."""
        if self.allow_request(request, None):  # type: ignore[arg-type]  # it reads META alone
            return 0
        return math.ceil(self.wait() or 60)


class ApiThrottle(VisitorThrottle):
    scope, setting = "peertube_sync", "api_requests_per_minute"


class SiteThrottle(VisitorThrottle):
    """Requests to pages, feeds and searches of the site."""

    scope, setting = "peertube_sync_site", "site_requests_per_minute"


@dataclass(frozen=True)
class WindowCount:
    """How many requests of a visitor came in PeerTube's window that `ends` then; times are epoch seconds."""

    limit: int
    requests: int
    ends: int
    now: float

    @property
    def is_over_limit(self) -> bool:
        """Whether the last one is refused."""
        return self.requests > self.limit

    @property
    def headers(self) -> dict[str, str]:
        """The headers of PeerTube's answer: the reset in epoch seconds, the retry in seconds from now."""
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.requests)),
            "X-RateLimit-Reset": str(self.ends),
        }
        if self.is_over_limit:
            headers["Retry-After"] = str(max(1, math.ceil(self.ends - self.now)))
        return headers


def count_in_window(request: HttpRequest, limit: int, scope: str = "compat") -> WindowCount:
    """Count a request to PeerTube's API, or to what `scope` says, in the fixed window that PeerTube has."""
    now = time.time()
    ends = (int(now) // WINDOW + 1) * WINDOW
    key = f"peertube_sync.{scope}:{ends}:{visitor(request)}"
    cache.add(key, 0, WINDOW + 1)
    try:
        requests = int(cache.incr(key))
    except ValueError:  # the cache has dropped it just now
        requests = 1
    return WindowCount(limit, requests, ends, now)
