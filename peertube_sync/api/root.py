"""Where readers begin: what there is."""

from collections.abc import Mapping
from typing import Any

from django.urls import resolve, reverse
from rest_framework.request import Request
from rest_framework.response import Response

from peertube_sync.api.base import OpenView


class Root(OpenView):
    """What there is: the addresses of the lists, of the documentation and of its machine-readable form."""

    schema = None  # type: ignore[assignment]
    names: Mapping[str, str] = {}

    def get(self, request: Request, **prefix: Any) -> Response:
        """List the addresses."""
        namespace = resolve(request.path_info).namespace
        paths = {word: reverse(f"{namespace}:{name}", kwargs=prefix) for word, name in self.names.items()}
        return Response({word: request.build_absolute_uri(path) for word, path in paths.items()})
