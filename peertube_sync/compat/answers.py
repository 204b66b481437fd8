"""From a function that answers a question to a view: throttle, CORS, refusals, JSON and its ETag."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt

from peertube_sync.compat import shapes, throttle
from peertube_sync.compat.parameters import Query, read_query
from peertube_sync.compat.problems import Problem
from peertube_sync.conf import get_settings

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
TOO_MANY = "Too many requests, please try again later."
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
        told = handler(read_query(request), **parts)
    except Problem as error:
        path = request.get_full_path()
        told = shapes.problem(error.status, error.detail, error.invalid, path, operation)
        return HttpResponse(msgspec.json.encode(told), content_type=PROBLEM, status=error.status)
    if told is None:
        return HttpResponse(status=400, content_type=JSON)
    return _tagged(request, HttpResponse(msgspec.json.encode(told), content_type=kind))


def _tagged(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    etag = quote_etag(blake2b(response.content, digest_size=16).hexdigest())
    response["ETag"] = etag
    if request.method not in READ:
        return response
    return get_conditional_response(request, etag=etag, response=response) or response
