"""What every request to a page goes through first: it is counted, it has bounds, and its reading has a time."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from peertube_sync.faces import deadline
from peertube_sync.faces.bounds import CURSOR, TooMuch, check
from peertube_sync.faces.throttle import SiteThrottle

View = Callable[..., HttpResponseBase]

BOUNDS = {"cursor": CURSOR}
READ = ("GET", "HEAD")


def guarded(view: View) -> View:
    """Return `view` as visitors get it: who asks too often, too much, or for what takes too long is told so."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        if wait := SiteThrottle().seconds_to_wait(request):
            return _plain_text(429, _("Too many requests, please come back later."), wait)
        if request.method not in READ:
            return HttpResponseNotAllowed(READ)
        try:
            check(request, BOUNDS, named)
            # Pages may be the host project's, which may write; they are rendered here, as templates ask the database.
            with deadline.reading(read_only=False):
                page = view(request, *args, **named)
                render: Callable[[], HttpResponseBase] | None = getattr(page, "render", None)
                return render() if render else page
        except (TooMuch, BadRequest) as error:
            return _plain_text(400, str(error))
        except OperationalError as error:
            if not deadline.ran_out(error):
                raise
            return _plain_text(
                503, _("This takes the database too long; ask for less, or later."), deadline.RETRY_AFTER
            )

    return answer


def _plain_text(status: int, text: str, wait: int | None = None) -> HttpResponse:
    retry = {} if wait is None else {"Retry-After": str(wait)}
    return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=status, headers=retry)
