"""What this site answers where no page is, or none can be made: a page in its look, and JSON for programs."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from peertube_sync.headers import SITE, with_origins
from peertube_sync.site.errors import WORDS, error_page

PROGRAMS = "/api/"
"""Addresses below this are for programs; no page of the site is."""


def makes_no_sense(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404)


def went_wrong(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500)


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    if request.path_info.startswith(PROGRAMS):
        return JsonResponse({"detail": str(WORDS[status][1])}, status=status)
    page = error_page(request, status)
    page.headers["Content-Security-Policy"] = with_origins(SITE)  # no page of another kind has ours
    return page
