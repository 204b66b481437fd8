"""How often one visitor may look: pages, feeds and searches cost queries."""

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.throttling import SimpleRateThrottle

from peertube_sync.conf import get_settings

View = Callable[..., HttpResponseBase]


class PerVisitor(SimpleRateThrottle):
    """SITE_REQUESTS_PER_MINUTE, counted in Django's cache by the address of the visitor."""

    scope = "peertube_sync_site"

    def get_rate(self) -> str | None:
        """Return the rate as the setting has it now; None for no limit."""
        number = get_settings().site_requests_per_minute
        return f"{number}/minute" if number else None

    def get_cache_key(self, request: Any, _view: Any) -> str:
        """Return the key of the visitor."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def throttled(view: View) -> View:
    """Return `view` with status 429 for who looks too often; `Retry-After` says when to come back."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        throttle = PerVisitor()
        if throttle.allow_request(request, view):  # type: ignore[arg-type]  # reads META alone
            return view(request, *args, **kwargs)
        wait = math.ceil(throttle.wait() or 60)
        told = "Too many requests, please come back later.\n"
        return HttpResponse(told, content_type="text/plain", status=429, headers={"Retry-After": wait})

    return answer
