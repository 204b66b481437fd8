"""From a request to its answer: the limiter first, then the route or what is kept of it, then a fault.

Settings of a running sandbox (limit, faults, latency) are applied here, once for
every request, and every request is logged here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from peertube_sync.testing.activitypub.federation import Federation
from peertube_sync.testing.answers import UNLIMITED, Answer, Request, html_answer, problem_answer
from peertube_sync.testing.catalogue import Catalogue
from peertube_sync.testing.faults import TOO_MANY, Fault, Faults, spoil
from peertube_sync.testing.limits import Limiter
from peertube_sync.testing.problems import ProblemError
from peertube_sync.testing.routes import Route, answer, find_route
from peertube_sync.testing.selection import Query
from peertube_sync.testing.versions import Version


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that was answered. Times are `time.monotonic()`; a reset has status 0.

    `sent` are bytes of the answer's body; a fault counts those of an endless one.
    """

    method: str
    path: str
    query: Query
    status: int
    started: float
    ended: float
    headers: dict[str, str]
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the HTTP server read it; names of headers in lower case."""

    method: str
    target: str
    client: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer that PeerTube keeps: replayed with the limiter's headers of its birth."""

    answer: Answer
    born: float


@dataclass(slots=True)
class Responder:
    """Answers calls out of a catalogue; see `Sandbox` for what its fields mean."""

    catalogue: Catalogue
    federation: Federation
    limiter: Limiter
    faults: Faults
    log: list[LoggedRequest]
    kept: dict[tuple[str, str], KeptAnswer]
    latency: float
    host_name: str | None
    version: Version

    def respond(self, call: Call) -> tuple[Answer, Fault | None]:
        """Return the answer and the fault that is still to strike while it is sent."""
        started = time.monotonic()
        fault = self.faults.strike(call.target)
        time.sleep(self.latency + (fault.delay if fault and fault.kind == "slow" else 0.0))
        route, parts, request = self._read(call)
        answer = self._limited(call, route, parts, request, fault)
        status = 0 if fault and fault.kind == "reset" else answer.status
        facts = (call.method, request.path, request.query, status, started, time.monotonic(), call.headers)
        self.log.append(LoggedRequest(*facts, sent=_length(call, answer, fault)))
        return answer, fault

    def _read(self, call: Call) -> tuple[Route, tuple[str, ...], Request]:
        split = urlsplit(call.target)
        path = unquote(split.path)
        route, parts = find_route(path, call.method)
        request = Request(
            path=path,
            query=parse_qs(split.query, keep_blank_values=True),
            target=call.target,
            host=self.host_name or call.headers.get("host", ""),
            headers=call.headers,
            catalogue=self.catalogue,
            federation=self.federation,
            version=self.version,
            turn=len(self.log),
            body=call.body,
        )
        return route, parts, request

    def _limited(
        self, call: Call, route: Route, parts: tuple[str, ...], request: Request, fault: Fault | None
    ) -> Answer:
        limits: dict[str, str] = {}
        if route.bucket != UNLIMITED:
            verdict = self.limiter.hit(call.client, route.bucket)
            limits = verdict.headers
            if verdict.refused:
                return html_answer(TOO_MANY, 429, headers=limits)
        answer = self._kept_or_new(route, parts, request, limits)
        if fault and fault.kind == "moved":
            return Answer(301, content_type="", headers=limits | {"Location": f"{fault.location}{request.target}"})
        if fault and fault.kind == "echo":
            return problem_answer(ProblemError(400, f"You sent {call}"), request, None)
        if fault:
            spoiled = spoil(fault, answer, lambda: _row_before(route, parts, request))
            spoiled.headers = limits | spoiled.headers
            return spoiled
        if answer.tagged and request.headers.get("if-none-match") == answer.etag:
            return Answer(304, content_type="", headers=answer.headers | {"ETag": answer.etag})
        return answer

    def _kept_or_new(self, route: Route, parts: tuple[str, ...], request: Request, limits: dict[str, str]) -> Answer:
        kept = self.kept.get((request.path, request.host))
        now = time.monotonic()
        if kept and now - kept.born < route.kept:
            left = int(route.kept - (now - kept.born))
            return replace(kept.answer, headers=kept.answer.headers | {"Cache-Control": f"max-age={left}"})
        given = answer(route, parts, request)
        given.headers = limits | given.headers
        if route.kept and given.status == 200:
            given.headers |= {"Date": formatdate(usegmt=True), "Cache-Control": f"max-age={route.kept}"}
            self.kept[request.path, request.host] = KeptAnswer(given, now)
        return given


def _length(call: Call, answer: Answer, fault: Fault | None) -> int:
    """Return how many bytes of a body are sent; of an endless one nobody knows yet."""
    if call.method == "HEAD" or (fault and fault.kind in ("reset", "endless")):
        return 0
    return len(answer.body) // (2 if fault and fault.kind == "truncated" else 1)


def _row_before(route: Route, parts: tuple[str, ...], request: Request) -> dict[str, object] | None:
    """Return the last row of the page before a request's page, None on the first page."""
    start = int(request.query.get("start", ["0"])[0])
    if start == 0:
        return None
    query = request.query | {"start": [str(start - 1)], "count": ["1"]}
    page = msgspec.json.decode(answer(route, parts, replace(request, query=query)).body)
    row: dict[str, Any] = page["data"][0]
    return row
