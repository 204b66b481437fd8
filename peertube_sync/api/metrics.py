"""The metrics' address: who may read them, and what it says where prometheus-client isn't installed."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.http import HttpResponse
from django.utils.crypto import constant_time_compare
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from peertube_sync.api.base import OpenView
from peertube_sync.api.logins import user_of
from peertube_sync.conf import get_settings

SCHEME = "Bearer"


class NotInstalled(APIException):
    status_code = 501
    default_detail = 'Metrics need prometheus-client: pip install "django-peertube-sync[metrics]", then restart.'


class StaffOrToken(BasePermission):
    """Lets in staff, and who sends METRICS_TOKEN."""

    def has_permission(self, request: Request, _view: Any) -> bool:
        """Return whether `request` may be answered."""
        return has_token(request) or bool(getattr(request.user, "is_staff", False))


class Metrics(OpenView):
    """How the copy stands, and how long answers take, for Prometheus."""

    schema = None  # type: ignore[assignment]
    looks_at_users = True
    authentication_classes = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    permission_classes = (StaffOrToken,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say what is missing before anything else. Raises NotInstalled."""
        if not find_spec("prometheus_client"):
            raise NotInstalled
        super().initial(request, *args, **kwargs)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002 - REST framework's
        """Take any Accept: errors are JSON to everybody, and what is good chooses for itself."""
        return super().perform_content_negotiation(request, force=True)

    def perform_authentication(self, request: Request) -> None:
        """Look at who asks, unless the token is answer enough. Raises AuthenticationFailed."""
        if not has_token(request):
            user_of(request)

    def get_authenticate_header(self, _request: Request) -> str:
        """Return what to come back with."""
        return SCHEME

    def get(self, request: Request, **_prefix: Any) -> HttpResponse:
        # Imported late: they need the extra, and this module is one of the API's addresses.
        measures, texts = (import_module(f"peertube_sync.api.{name}") for name in ("measures", "exposition"))
        body, content_type = texts.exposition(measures.measure(get_settings()), request.headers.get("Accept", ""))
        return HttpResponse(body, content_type=content_type, headers={"Cache-Control": "private, no-store"})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Leave what isn't Django REST framework's as it is."""
        return (
            super().finalize_response(request, response, *args, **kwargs)
            if isinstance(response, Response)
            else response
        )


def has_token(request: Request) -> bool:
    """Return whether METRICS_TOKEN is set and came along; how long that takes tells nothing of it."""
    wanted = get_settings().metrics_token
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return bool(wanted) and scheme.lower() == SCHEME.lower() and constant_time_compare(token.strip(), wanted)
