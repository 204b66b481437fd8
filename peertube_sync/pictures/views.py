"""Answering with the picture of a row, if the row may be seen: in every width, from the next request on."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from peertube_sync.headers import policy
from peertube_sync.models.picture import SHAPES, VIDEO, Shape
from peertube_sync.pictures.placeholder import placeholder

READ = ("GET", "HEAD")
HEADERS = {
    "Content-Security-Policy": policy(form_action="'none'", sandbox="").strip(),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""What keeps a browser from taking a picture for anything else, and lets pages of others show it."""


def picture(request: HttpRequest, of: str, pk: str, version: str, size: str) -> HttpResponse:
    """Answer with a picture, or with what stands for it."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    return _instead(SHAPES.get(of, SHAPES[VIDEO]), 404)


def _instead(shape: Shape, status: int) -> HttpResponse:
    """Answer with a plain area: browsers show it, whatever the status."""
    headers = {**HEADERS, "Cache-Control": "no-store"}
    return HttpResponse(placeholder(shape), "image/svg+xml", status=status, headers=headers)
