"""What this site answers where no page is, or none can be made: a page in its look, and JSON for programs."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

from peertube_sync.api.problems import PROBLEM
from peertube_sync.faces.cors import readable_anywhere
from peertube_sync.headers import SITE, with_origins
from peertube_sync.site.errors import WORDS, error_page, error_text

PROGRAMS = "/api/"
"""Addresses below this are for programs; no page of the site is."""


def makes_no_sense(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404)


def went_wrong(request: HttpRequest) -> HttpResponse:
    """Return the page, or its text where that is what went wrong: files that weren't collected, a broken template."""
    try:
        return _answer(request, 500)
    except Exception:
        return error_text(request, 500)


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    if request.path_info.startswith(PROGRAMS):
        problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
        problem["detail"] = str(WORDS[status][1])
        return readable_anywhere(JsonResponse(problem, status=status, content_type=PROBLEM))
    page = error_page(request, status)
    page.headers["Content-Security-Policy"] = with_origins(SITE)  # no page of another kind has ours
    return page
