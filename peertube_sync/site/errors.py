"""What visitors get in place of a page: one in the look of the site, which says what is the matter and leads on.

Where the database may be what is the matter, or somebody asks too often, nothing is read for it: it has the look that
was read last. A project's own handlers may answer with it for every address of theirs.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from peertube_sync.pictures import addresses
from peertube_sync.site.look import look_of

WORDS = {
    400: (gettext_lazy("This address makes no sense"), gettext_lazy("Something in it can't be understood.")),
    403: (gettext_lazy("This isn't for everybody"), gettext_lazy("You may not see what is here.")),
    404: (
        gettext_lazy("There is nothing here"),
        gettext_lazy("The address may be misspelt, or what was here is gone: videos go when their makers remove them."),
    ),
    410: (
        gettext_lazy("This is gone"),
        gettext_lazy("What was here was deleted or withdrawn where it came from, so it isn't shown here either."),
    ),
    405: (gettext_lazy("This can only be read"), gettext_lazy("Nothing can be sent to this address.")),
    429: (gettext_lazy("That was a little fast"), gettext_lazy("Too many requests, please come back later.")),
    500: (
        gettext_lazy("Something went wrong"),
        gettext_lazy("It is our fault, and has been written down. Please try again later."),
    ),
    503: (
        gettext_lazy("This takes too long"),
        gettext_lazy("This takes the database too long; ask for less, or later."),
    ),
}
"""Heading and text of a page, by its status."""
UNREAD = frozenset({429, 500, 503})
"""Statuses of pages for which no row is read."""


def error_page(request: HttpRequest, status: int, why: str = "", wait: int | None = None) -> HttpResponse:
    """Return the page for `status`, one of WORDS; `why` is said in place of its text, `wait` seconds are asked for."""
    heading, text = WORDS[status]
    look = look_of(request, ask=status not in UNREAD)
    context = {
        "site_name": look.name,
        "look": look,
        "picture_root": addresses.ours(),
        "status": status,
        "heading": heading,
        "text": why or text,
        "wait": wait,
    }
    return _with_wait(render(request, "peertube_sync/error.html", context, status=status), wait)


def error_text(_request: HttpRequest, status: int, why: str = "", wait: int | None = None) -> HttpResponse:
    """Return what `error_page` says as plain text, for programs: readers of feeds, search engines at the sitemap."""
    text = f"{why or WORDS[status][1]}\n"
    return _with_wait(HttpResponse(text, content_type="text/plain; charset=utf-8", status=status), wait)


def _with_wait(response: HttpResponse, wait: int | None) -> HttpResponse:
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response
