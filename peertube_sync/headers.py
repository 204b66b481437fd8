"""Security headers of our own pages, as a middleware: each interface allows what its pages need, and nothing else.

A leaf like `conf`: faces are known by the names of their address spaces.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from peertube_sync.conf import get_settings

STATIC, WEB, PICTURES = "{static}", "{web}", "{pictures}"
"""In a policy: where static files come from, this site included; the web, where instances have their players; and
where pictures come from besides, which is the web unless this site has them."""


def policy(**sources: str) -> str:
    """Return a Content-Security-Policy that allows `sources`, by directive, and next to nothing else."""
    least = {"default_src": "'none'", "base_uri": "'none'", "form_action": "'self'", "frame_ancestors": "'none'"}
    return "; ".join(f"{name.replace('_', '-')} {value}" for name, value in {**least, **sources}.items())


NOTHING = policy(form_action="'none'", style_src="'unsafe-inline'", img_src="data:")
"""For JSON, XML, redirects, errors. What browsers themselves show XML with has such styles and pictures."""

SITE = policy(
    script_src=STATIC,
    style_src=STATIC,
    img_src=f"{STATIC} {PICTURES}",
    frame_src=WEB,
    connect_src="'self'",
    require_trusted_types_for="'script'",
    trusted_types="'none'",
)
"""For the pages of the site: pictures, suggestions, and the players of instances once somebody presses play."""

API = policy(
    script_src=STATIC,
    style_src=STATIC,
    style_src_attr="'unsafe-inline'",  # the browsable pages of Django REST framework have such attributes
    img_src=f"{STATIC} data:",
    font_src=STATIC,
    connect_src="'self'",
)
"""For the browsable API and its documentation."""

ADMIN = policy(
    script_src=STATIC, style_src=STATIC, img_src=f"{STATIC} {PICTURES} data:", font_src=STATIC, connect_src="'self'"
)
"""For Django's admin with our rows in it; not used unless a project asks for it."""

OTHERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{name}=()" for name in ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer of ours has besides."""

SHOWN_WHEN_DEBUGGING = {404, 500}
"""Statuses of the pages that Django explains errors on, which have scripts and styles in them."""


class SecurityHeaders:
    """A middleware: `policies` are those of HTML by address space, what isn't HTML gets NOTHING.

    With `elsewhere`, answers of all other address spaces get that policy. A header that is there already stays.
    """

    policies: ClassVar[Mapping[str, str]] = {
        "peertube_sync_site": SITE,
        "peertube_sync_api": API,
        "peertube_sync_compat": NOTHING,
    }
    elsewhere: ClassVar[str] = ""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        names = match.app_names if match else []
        meant = self.policies.get(names[-1], self.elsewhere) if names else self.elsewhere
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if meant and not (settings.DEBUG and response.status_code in SHOWN_WHEN_DEBUGGING):
            added = {"Content-Security-Policy": with_origins(meant if is_page else NOTHING), **OTHERS}
            if response.status_code == HTTPStatus.NOT_MODIFIED:
                # It says no type, and browsers put its headers in the place of those of the page that they have.
                del added["Content-Security-Policy"]
            for name, value in added.items():
                response.headers.setdefault(name, value)
        return response


def with_origins(meant: str) -> str:
    """Return a policy with the origins of this site, as a header has it."""
    static = urlsplit(settings.STATIC_URL or "")
    own = f"'self' {static.scheme}://{static.netloc}" if static.scheme else "'self'"
    wanted = get_settings()
    web = "https: http:" if wanted.allow_private_hosts else "https:"
    pictures = "" if wanted.pictures == "site" else f" {web}"
    return meant.replace(STATIC, own).replace(f" {PICTURES}", pictures).replace(WEB, web)
