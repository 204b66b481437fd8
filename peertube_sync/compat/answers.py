"""From a function that answers a question to a view: throttle, CORS, refusals, JSON and its ETag."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import msgspec
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt

from peertube_sync.compat import shapes, throttle
from peertube_sync.compat.parameters import Query, read_query
from peertube_sync.compat.problems import Problem, invalid
from peertube_sync.conf import get_settings
from peertube_sync.faces import deadline
from peertube_sync.faces.bounds import TooMuch

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
TOO_MANY = "Too many requests, please try again later."
TOO_SLOW = "This takes the database too long; ask for less, or later."
SHOWN = 2_000
"""Characters of the address that a refusal repeats."""
READ = ("GET", "HEAD")
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET,HEAD,POST",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}

Handler = Callable[..., Any]
View = Callable[..., HttpResponseBase]


def endpoint(handler: Handler, operation: str = "", *, methods: tuple[str, ...] = READ, kind: str = JSON) -> View:
    """Return the view in which `handler(query, **parts)` answers; `operation` is PeerTube's name of the question."""

    @csrf_exempt
    def view(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        verdict = throttle.hit(request, get_settings().compat_rate_limit)
        response = _refusal(request, verdict, methods) or _answer(request, handler, operation, kind, parts)
        for name, value in {**CORS, **verdict.headers}.items():
            response[name] = value
        return response

    return view


def unknown(_query: Query, **_parts: Any) -> None:
    """Answer what PeerTube answers below `/api/v1` when there is no such address: 400 without a body."""


def _refusal(request: HttpRequest, verdict: throttle.Verdict, methods: tuple[str, ...]) -> HttpResponse | None:
    if request.method == "OPTIONS":
        preflight = HttpResponse(status=204, headers=PREFLIGHT)
        del preflight["Content-Type"]  # there is nothing of any type
        return preflight
    if verdict.refused:
        return HttpResponse(TOO_MANY, status=429)
    return None if request.method in methods else HttpResponse(status=400, content_type=JSON)


def _answer(request: HttpRequest, handler: Handler, operation: str, kind: str, parts: Any) -> HttpResponseBase:
    try:
        with deadline.reading(read_only=True):
            told = handler(read_query(request, parts), **parts)
    except Problem as error:
        return _problem(request, error, operation)
    except TooMuch as error:
        location = "body" if request.method == "POST" else "query"
        return _problem(request, invalid(error.name, None, error.why, location), operation)
    except OperationalError as error:
        if not deadline.ran_out(error):
            raise
        refused = _problem(request, Problem(503, TOO_SLOW), operation)
        refused["Retry-After"] = str(deadline.RETRY_AFTER)
        return refused
    if told is None:
        return HttpResponse(status=400, content_type=JSON)
    return _tagged(request, HttpResponse(msgspec.json.encode(told), content_type=kind))


def _problem(request: HttpRequest, error: Problem, operation: str) -> HttpResponse:
    path = request.get_full_path()[:SHOWN]
    told = shapes.problem(error.status, error.detail, error.invalid, path, operation)
    return HttpResponse(msgspec.json.encode(told), content_type=PROBLEM, status=error.status)


def _tagged(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    etag = quote_etag(blake2b(response.content, digest_size=16).hexdigest())
    response["ETag"] = etag
    if request.method not in READ:
        return response
    return get_conditional_response(request, etag=etag, response=response) or response
