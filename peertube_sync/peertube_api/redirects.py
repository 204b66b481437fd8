"""Redirects to the homes of rows: never elsewhere than a row itself tells, and never back to this site."""

from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.encoding import iri_to_uri

from peertube_sync.client.addresses import LONGEST_ADDRESS
from peertube_sync.faces.addresses import safe
from peertube_sync.headers import policy
from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.problems import Refusal, not_found

SECONDS = 300
"""How long browsers and caches may go where they were led before; what is hidden here is to be gone soon."""
FRAMED = policy(form_action="'none'", frame_ancestors="*")
TOO_LONG = "The address with this query is too long"


def home(query: Query, address: str) -> HttpResponse:
    """Lead to `address`, which a row of an instance tells. Raises Refusal 404 where no visitor may be sent there."""
    whole = iri_to_uri(address)
    if not (safe(address) and safe(whole)) or urlsplit(whole).netloc == urlsplit(query.root).netloc:
        raise not_found("File")
    return _redirect(whole)


def home_page(query: Query, address: str) -> HttpResponse:
    """Lead to a page of an instance, with the query that came along. Raises Refusal 400, 404."""
    return home(query, _with_asked(query, address))


def here(query: Query, path: str) -> HttpResponse:
    """Lead to a page of this site, with the query that came along. Raises Refusal 400."""
    return _redirect(_with_asked(query, path))


def framed(response: HttpResponse) -> HttpResponse:
    """Let every page show what `response` leads to in a frame; the home decides, and wants to know who it is."""
    response.xframe_options_exempt = True
    response["Content-Security-Policy"] = FRAMED
    response["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response


def _with_asked(query: Query, address: str) -> str:
    """Return an address with the query that came along. Raises Refusal 400."""
    whole = f"{address}?{iri_to_uri(query.asked)}" if query.asked else address
    if query.asked and len(whole) > LONGEST_ADDRESS:
        raise Refusal(400, TOO_LONG)
    return whole


def _redirect(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = f"public, max-age={SECONDS}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
