"""How often one visitor may look: pages, feeds and searches cost queries."""

import math
from typing import Any

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from peertube_sync.conf import get_settings
from peertube_sync.faces.visitors import visitor


class PerVisitor(SimpleRateThrottle):
    """SITE_REQUESTS_PER_MINUTE, counted in Django's cache by visitor."""

    scope = "peertube_sync_site"

    def get_rate(self) -> str | None:
        """Return the rate as the setting has it now; None for no limit."""
        number = get_settings().site_requests_per_minute
        return f"{number}/minute" if number else None

    def get_cache_key(self, request: Any, _view: Any) -> str:
        """Return the key of the visitor."""
        return self.cache_format % {"scope": self.scope, "ident": visitor(request)}


def seconds_to_wait(request: HttpRequest) -> int:
    """Count a request, and return after how many seconds to come back: 0 for who may look."""
    throttle = PerVisitor()
    if throttle.allow_request(request, None):  # type: ignore[arg-type]  # it reads META alone
        return 0
    return math.ceil(throttle.wait() or 60)
