"""From a function that answers a question to a view: throttle, CORS, refusals, JSON and its ETag."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from django.db import OperationalError, connections
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt

from peertube_sync.catalogue.answer_parts import encode
from peertube_sync.conf import get_settings
from peertube_sync.faces import deadline, kept
from peertube_sync.faces.bounds import TooMuch
from peertube_sync.faces.conditional import hashed
from peertube_sync.faces.throttle import WindowCount, count_in_window
from peertube_sync.peertube_api import serializers
from peertube_sync.peertube_api.parameters import Query, read_query
from peertube_sync.peertube_api.problems import Refusal, invalid, no_account
from peertube_sync.pictures.told import with_root

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
TOO_MANY = "Too many requests, please try again later."
TOO_SLOW = "This takes the database too long; ask for less, or later."
ADDRESS_SHOWN = 2_000
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


@dataclass(frozen=True)
class Unfinished:
    """An `answer` that may be had better: `finish` waits for what is missing, while no transaction is open.

    Then it returns the handler of the better answer, None where there is none. Neither is kept for others.
    """

    answer: Any
    finish: Callable[[], Callable[[Query], Any] | None]


@dataclass(frozen=True)
class Endpoint:
    """What answers: `handler(query, **parts)`, in a `kind` of document, unless that makes a response itself.

    `operation` is PeerTube's name of the question.

    A handler returns what becomes JSON, a response as it is, or something `Unfinished`.

    `account`: the methods for which one needs an account at a PeerTube, which nobody has here.

    `keeps`: the answer is the same until the revision of the catalogue is another one. `waits`: it may be `Unfinished`.
    """

    handler: Handler
    operation: str = ""
    methods: tuple[str, ...] = READ
    account: tuple[str, ...] = ()
    kind: str = JSON
    keeps: bool = False
    waits: bool = False


def endpoint(handler: Handler, operation: str = "", **options: Any) -> View:
    """Return the view of an `Endpoint` with these options."""
    asked = Endpoint(handler, operation, **options)

    @csrf_exempt
    def view(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        window = count_in_window(request, get_settings().compat_rate_limit)
        response = _refusal(request, window, asked) or _answer_of_endpoint(request, asked, parts)
        for name, value in {**CORS, **window.headers}.items():
            response[name] = value
        return response

    return _outside_of_transactions(view) if asked.waits else view


def _outside_of_transactions(view: View) -> View:
    """Keep ATOMIC_REQUESTS from opening one, which would be held while somebody is waited for."""
    for alias in connections:
        view = non_atomic_requests(using=alias)(view)
    return view


def unknown(_query: Query, **_parts: Any) -> HttpResponse:
    """Answer what PeerTube answers below `/api/v1` when there is no such address: 400 without a body."""
    return HttpResponse(status=400, content_type=JSON)


def _refusal(request: HttpRequest, window: WindowCount, asked: Endpoint) -> HttpResponse | None:
    if request.method == "OPTIONS":
        preflight = HttpResponse(status=204, headers=PREFLIGHT)
        del preflight["Content-Type"]  # there is nothing of any type
        return preflight
    if window.is_over_limit:
        return HttpResponse(TOO_MANY, status=429)
    if request.method in asked.account:
        return _problem(request, no_account(), asked.operation)
    return None if request.method in asked.methods else HttpResponse(status=400, content_type=JSON)


def _answer_of_endpoint(request: HttpRequest, asked: Endpoint, parts: Any) -> HttpResponseBase:
    try:
        with deadline.reading(read_only=True) as reading:
            query = read_query(request, parts)
            place = kept.place(request, asked.kind, reading, dated=False) if asked.keeps else None
            if place and (kept_answer := place.find(request)):
                return kept_answer
            result = asked.handler(replace(query, place=place), **_as_named_here(query, parts))
        if isinstance(result, Unfinished):
            place, result = None, _finished(query, result)
    except Refusal as error:
        return _problem(request, error, asked.operation)
    except TooMuch as error:
        location = "body" if request.method == "POST" else "query"
        return _problem(request, invalid(error.name, None, error.why, location), asked.operation)
    except OperationalError as error:
        if not deadline.ran_out(error):
            raise
        refused = _problem(request, Refusal(503, TOO_SLOW), asked.operation)
        refused["Retry-After"] = str(deadline.RETRY_AFTER)
        return refused
    is_ready = isinstance(result, HttpResponse)
    answer = result if is_ready else HttpResponse(with_root(request, encode(result)), content_type=asked.kind)
    if answer.status_code != 200:
        return answer
    return place.keep(answer).unless_same(request, answer) if place else _with_etag(request, answer)


def _as_named_here(query: Query, parts: dict[str, str]) -> dict[str, str]:
    """Return the parts of an address, handles at this site as names alone."""
    return {name: query.without_our_host(part) if name == "handle" else part for name, part in parts.items()}


def _finished(query: Query, unfinished: Unfinished) -> object:
    handler = unfinished.finish()
    if handler is None:
        return unfinished.answer
    with deadline.reading(read_only=True):
        return handler(query)


def _problem(request: HttpRequest, error: Refusal, operation: str) -> HttpResponse:
    path = request.get_full_path()[:ADDRESS_SHOWN]
    document = serializers.problem_json(error, path, operation)
    return HttpResponse(msgspec.json.encode(document), content_type=PROBLEM, status=error.status)


def _with_etag(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    etag = quote_etag(hashed(response.content))
    response["ETag"] = etag
    if request.method not in READ:
        return response
    return get_conditional_response(request, etag=etag, response=response) or response
