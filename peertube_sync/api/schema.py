"""The API described: the settings of its OpenAPI document, and the words that its views share."""

import re
import threading
from collections.abc import Callable
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from peertube_sync import __version__
from peertube_sync.api.guard import Guarded
from peertube_sync.api.problems import PROBLEM, BadRequestSerializer, ProblemSerializer
from peertube_sync.api.renderers import JSONRenderer

NAMES = {
    "handle": "`name@host`, like `cooking@video.example`.",
    "host": "The host, with its port where that isn't the default.",
    "id": "Its number here.",
    "uuid": "The uuid, in its long or short form.",
}
PARAMETERS = {
    name: OpenApiParameter(name, str, OpenApiParameter.PATH, description=text) for name, text in NAMES.items()
}

ERRORS = {
    401: "No login came with it; some ways to log in are answered by 403 then.",
    403: "Whoever asks has not the permission, or sent no CSRF token with a session.",
    404: "Nothing is there under this name.",
    410: "What was there was deleted or withdrawn at its source.",
    409: "It can't be done to the row as it is.",
    415: "What was sent isn't JSON.",
    429: "One address asked too much; `Retry-After` says in how many seconds to come back.",
    503: "The database took too long; `Retry-After` says in how many seconds to come back.",
}
KEYS = "`?fields=uuid,name` leaves these keys alone of each result; no schema here describes such an answer."

DESCRIPTION = """
The catalogues of PeerTube instances, mirrored. Reading is open to everybody; what has a lock is for staff.

* Names are PeerTube's own in snake_case. Addresses are absolute, at the source. Times are ISO 8601 in UTC, and so are
  times in filters that name no zone.
* Channels and accounts are named by handle (`name@host`), videos and playlists by uuid or short uuid, instances by
  host.
* Lists come in pages: follow `next` until it is null. `page_size` goes up to 100.
* What has not been read from the source yet is null, not empty: `tags`, `captions`, `chapters`, `files`.
* An unknown parameter, or a value that makes no sense, is answered by 400 that names it.
"""
SETTINGS: dict[str, Any] = {
    "TITLE": "PeerTube catalogue",
    "VERSION": __version__,
    "DESCRIPTION": DESCRIPTION.strip(),
    "COMPONENT_SPLIT_REQUEST": False,
    "PREPROCESSING_HOOKS": ["peertube_sync.api.schema.only_ours"],
    "TAGS": [
        {"name": "videos", "description": "Videos, their captions and chapters."},
        {"name": "channels", "description": "What videos are published in."},
        {"name": "accounts", "description": "Who publishes."},
        {"name": "playlists", "description": "Playlists and their elements."},
        {"name": "categories", "description": "Categories, with the numbers of their videos."},
        {"name": "languages", "description": "Languages, with the numbers of their videos."},
        {"name": "licences", "description": "Licences, with the numbers of their videos."},
        {"name": "tags", "description": "Tags, with the numbers of their videos."},
        {"name": "suggest", "description": "What somebody may be about to search for."},
        {"name": "instances", "description": "The PeerTube servers mirrored here."},
        {"name": "sources", "description": "What is mirrored; for staff."},
        {"name": "curations", "description": "What this site decided about videos; for staff."},
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
}
"""Settings of drf-spectacular for this API, whatever those of the host project are."""

SETTINGS_LOCK = threading.Lock()
"""Held while drf-spectacular's settings, which are the process's, are ours."""


def only_ours(endpoints: list[tuple[str, str, str, Callable[..., Any]]]) -> list[object]:
    """Leave out the endpoints of the host project: (path, regex, method, callback) each."""
    return [endpoint for endpoint in endpoints if endpoint[3].cls.__module__.startswith("peertube_sync.api.")]  # type: ignore[attr-defined]


def problem_response(status: int) -> OpenApiResponse:
    return OpenApiResponse(ProblemSerializer, ERRORS[status])


class CatalogueSchema(AutoSchema):
    """How one of our operations is described: what its address names, and the errors it may answer."""

    def get_override_parameters(self) -> list[Any]:
        """Describe the names in the address: uuids may be short, so they are plain text."""
        return [PARAMETERS[name] for name in re.findall(r"{(\w+)}", self.path) if name in PARAMETERS]

    def get_filter_backends(self) -> list[object]:
        """Describe filters wherever more than one row is shown, whatever the shape of the answer."""
        return list(self.view.filter_backends) if self.view.is_list() else []  # type: ignore[attr-defined]

    def get_description(self) -> str:  # type: ignore[override]
        """Describe a list in the words of its view, a single row in those of its serializer.

        `fields` stands here alone: as a parameter it would make each key of an answer one that may be missing, which
        clients with strict types would have to ask for everywhere.
        """
        view: Any = self.view
        text = super().get_description() if view.is_list() else get_doc(view.get_serializer_class())
        return f"{text}\n\n{KEYS}" if view.sparse else text

    def get_response_serializers(self) -> Any:
        """Add the errors to the answer."""
        view: Any = self.view
        good = view.gives.get(self.method) or {200: super().get_response_serializers()}
        named: set[int] = set()
        if "{" in self.path:
            named = {404, 410} if self.method == "GET" else {404}
        sent = {415} if self.method in view.takes else set()
        errors = {
            (status, PROBLEM): problem_response(status) for status in sorted({429, 503, *named, *sent, *view.fails})
        }
        return {**good, (400, PROBLEM): BadRequestSerializer, **errors}

    def get_paginated_name(self, serializer_name: str) -> str:
        """Name the page of a list, also by its kind where rows of a serializer come in several kinds of pages."""
        view: Any = self.view
        return f"Paginated{view.pagination_class.page_name}{serializer_name}List"

    def get_request_serializer(self) -> Any:
        """Describe the body, where there is one."""
        view: Any = self.view
        return view.takes.get(self.method)


class Described(Guarded):
    """A view that describes the API: in formats of its own, which know no errors; these are problems in JSON."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    versioning_class = None
    metadata_class = None
    schema = None

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Choose how an error is written."""
        if not response.exception:
            return super().finalize_response(request, response, *args, **kwargs)
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
        response.content_type = PROBLEM
        return super().finalize_response(request, response, *args, **kwargs)


class SchemaView(Described, SpectacularAPIView):
    """The OpenAPI document of this API, and of nothing else in the project."""

    custom_settings = SETTINGS

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with SETTINGS_LOCK:
            described: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return described


class DocsView(Described, SpectacularSwaggerSplitView):
    """The API explained, to be tried out; scripts and styles come from this site."""

    template_name = "peertube_sync/docs.html"
    url = "../schema/"
    title = SETTINGS["TITLE"]

    def known_parameters(self) -> set[str]:
        """Add what the page asks for its script with."""
        return super().known_parameters() | {"script"}

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        ours = {name: value for name, value in SETTINGS.items() if name.startswith("SWAGGER")}
        with SETTINGS_LOCK, patched_settings(ours):
            page: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return page
