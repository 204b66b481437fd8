"""How much one address may ask."""

from django.http import HttpRequest
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from peertube_sync.conf import get_settings
from peertube_sync.faces.visitors import visitor


class PerAddress(AnonRateThrottle):
    """API_REQUESTS_PER_MINUTE, counted in Django's cache by visitor, whoever is logged in."""

    scope = "peertube_sync"

    def get_rate(self) -> str | None:
        """Return the rate as the setting has it now; None for no limit."""
        number = get_settings().api_requests_per_minute
        return f"{number}/minute" if number else None

    def get_cache_key(self, request: HttpRequest, _view: APIView) -> str:
        """Return the key of the client."""
        return self.cache_format % {"scope": self.scope, "ident": visitor(request)}
