"""What every request to a page goes through first: it is counted, it has bounds, and its reading has a time."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from peertube_sync.catalogue.lookups import Gone
from peertube_sync.conf import get_settings
from peertube_sync.faces import deadline
from peertube_sync.faces.bounds import CURSOR, TooMuch, check
from peertube_sync.faces.throttle import SiteThrottle
from peertube_sync.site.errors import error_page
from peertube_sync.site.head import HIDDEN
from peertube_sync.site.look import attached

View = Callable[..., HttpResponseBase]

BOUNDS = {"cursor": CURSOR}
READ = ("GET", "HEAD")
REFUSED = (TooMuch, BadRequest, PermissionDenied, Http404)


def guarded(view: View, refuse: Callable[..., HttpResponse] = error_page) -> View:
    """Return `view` as visitors get it: who asks too often, too much, or for what takes too long is told so.

    That, and that something isn't there, is told by `refuse`: one of `errors.py`.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        if wait := SiteThrottle().seconds_to_wait(request):
            return refuse(request, 429, wait=wait)
        if request.method not in READ:
            refused = refuse(request, 405)
            refused.headers["Allow"] = ", ".join(READ)
            return refused
        try:
            return _answer_in_time(view, request, args, named, refuse)
        except OperationalError as error:
            if not deadline.ran_out(error):
                raise
            return refuse(request, 503, wait=deadline.RETRY_AFTER)

    return answer


def _answer_in_time(
    view: View, request: HttpRequest, args: Any, named: Any, refuse: Callable[..., Any]
) -> HttpResponseBase:
    # Pages may be the host project's, which may write; they are rendered here, as templates ask the database.
    with deadline.reading(read_only=False) as reading, attached(request, reading):
        try:
            check(request, BOUNDS, named)
            page = view(request, *args, **named)
            render: Callable[[], HttpResponseBase] | None = getattr(page, "render", None)
            answer = render() if render else page
        except REFUSED as error:
            refused: HttpResponse = refuse(request, *_reason(error))
            return refused
    if get_settings().search_engines == "none":
        answer.headers["X-Robots-Tag"] = HIDDEN
    return answer


def _reason(error: Exception) -> tuple[int, str]:
    """Return the status that an error of REFUSED stands for, and what it says of the address."""
    if isinstance(error, TooMuch | BadRequest):
        return 400, str(error)
    if isinstance(error, Gone):
        return 410, ""
    return (404 if isinstance(error, Http404) else 403), ""
