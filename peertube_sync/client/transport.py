"""One question to one PeerTube server: paced, bounded, retried, and every failure named.

Redirects are never followed (a moved host is for a person to decide), private addresses are refused
before a byte is sent, an answer has a deadline and a size (see `guarded_session`), and a transient failure is tried
again `retries` times with exponential backoff and jitter. A 429 is never retried here: the budget closes the host for
everybody until `Retry-After`.
"""

import logging
import math
import random
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from peertube_sync.client.challenge import is_challenge
from peertube_sync.client.errors import (
    BotCheck,
    Disallowed,
    ForbiddenHost,
    MalformedAnswer,
    Moved,
    PeerTubeError,
    RateLimited,
    Refused,
    ServerError,
    TokenRefused,
    Unreachable,
)
from peertube_sync.client.guarded_session import ALLOW_PRIVATE_HINT, GuardedSession
from peertube_sync.client.hosts import normalise_host
from peertube_sync.client.log import log_event
from peertube_sync.client.problem import PeerTubeProblem
from peertube_sync.client.rate_budget import RateBudget
from peertube_sync.client.rate_limit import RateLimitHeaders
from peertube_sync.client.robots import Robots
from peertube_sync.client.secret import Form, Secret, plain_form, redact

logger = logging.getLogger("peertube_sync.client")
RETRIES = 3
BACKOFF = 1.0
MAX_BODY = 32 * 2**20
"""The most bytes of a body, unpacked; PeerTube's largest answers have some hundred thousand."""
FRAME = 2**20
"""The most bytes of an answer beside its body: status line, headers (`http.client` takes a hundred), chunk sizes."""
CHUNK = 2**16
JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
PARTIAL, NOT_MODIFIED = 206, 304
PORTS = range(1024, 65536)
COUNTED = ("/api/", "/nodeinfo/")
"""Paths that PeerTube counts together; `/.well-known/` and feeds have limits of their own, which aren't the API's
(6.3.0)."""


@dataclass(frozen=True)
class HttpAnswer:
    """A successful answer: its `body`, and `headers` whose names ignore case."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    status: int = 200

    def json(self, where: str) -> bytes:
        """Return the body; raises MalformedAnswer, naming `where` it came from, unless it calls itself JSON."""
        kind = self.headers.get("Content-Type", "")
        if not JSON.fullmatch(kind):
            raise MalformedAnswer(f"{where} did not answer with JSON, but with {kind[:100] or 'no type at all'}")
        return self.body


@dataclass
class RequestCounts:
    """The cost of all requests so far."""

    requests: int = 0
    rate_limited: int = 0
    answers: int = 0


@dataclass
class Transport:
    """Asks one server.

    `base` is like "https://video.example", `host` its normalised host; `patience` (seconds) is how long a question may
    wait for the budget before it gives up with BudgetClosed. `robots` are the rules that its robots.txt sets; each
    question goes with the `token`, if any. Before `wary` good answers have come, nothing is tried again: a host that
    may be down isn't pressed, and keeps nobody waiting for longer than one `timeout`.

    With `on_demand`, it asks because a visitor waits: for what the budget leaves to such requests alone. All questions
    end at `until` (monotonic seconds), and take at most `largest` bytes of a body (None: MAX_BODY).

    The budget knows the host by its name behind `lane`: files have another one than the API. With `bytes_per_second`,
    the host is left alone for as long as what it sent should have taken; with `rest`, for so many seconds after it
    failed.
    """

    base: str
    host: str
    budget: RateBudget
    user_agent: str
    timeout: float = 30.0
    patience: float = 60.0
    allow_private: bool = False
    retries: int = RETRIES
    wary: int = 0
    on_demand: bool = False
    until: float = math.inf
    largest: int | None = None
    lane: str = ""
    bytes_per_second: float = math.inf
    rest: float = 0.0
    accept: str = "application/json, */*;q=0.5"
    robots: Robots = field(default_factory=Robots)
    token: Secret | None = None
    sleep: Callable[[float], None] = time.sleep
    tally: RequestCounts = field(default_factory=RequestCounts)

    def __post_init__(self) -> None:
        """Open the session; refuses a `base` that isn't just the `host`, or that needs permission."""
        scheme, _, rest = self.base.partition("://")
        if rest != self.host or normalise_host(self.host, scheme) != self.host or scheme not in {"http", "https"}:
            raise ForbiddenHost(f"{self.base} is not the plain address of {self.host}")
        if scheme != "https" and not self.allow_private:
            raise ForbiddenHost(f"{self.base} is not https; {ALLOW_PRIVATE_HINT}")
        port = urlsplit(self.base).port
        if port not in PORTS and port is not None and not self.allow_private:
            raise ForbiddenHost(f"{self.base} has the port of another service; {ALLOW_PRIVATE_HINT}")
        self._session = GuardedSession(self.user_agent, self.timeout, allow_private=self.allow_private)
        self._session.headers["Accept"] = self.accept

        self._secrets: list[Secret] = []
        if self.token:
            self._secrets.append(self.token)
            self._session.headers["Authorization"] = f"Bearer {self.token.value}"

    @property
    def budget_key(self) -> str:
        """The name of the host in the rate budget."""
        return f"{self.lane}{self.host}"

    @property
    def _largest(self) -> int:
        return self.largest or MAX_BODY

    def close(self) -> None:
        self._session.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None, accept: str | None = None) -> HttpAnswer:
        """GET `path` (from the root); lists in `params` repeat their key. Raises PeerTubeError.

        `accept` is the media type to ask for, where `path` has several.
        """
        if not path.startswith("/"):  # behind the host it would become a part of its name
            raise MalformedAnswer(f"{self.host} points to {path[:500]!r}, which is no path of its own")
        query = urlencode(params or {}, doseq=True)
        target = f"{path}?{query}" if query else path
        if not self.robots.allows(target):
            raise Disallowed(self.host, target)
        url, headers = f"{self.base}{target}", {"Accept": accept} if accept else None
        for tried in range(self.retries + 1):
            try:
                return self._ask_once(url, headers)
            except PeerTubeError as error:
                passes = isinstance(error, Unreachable) or (
                    isinstance(error, ServerError) and error.retry_after is None
                )
                if not passes or tried == self.retries or self.tally.answers < self.wary:
                    raise
                wait = BACKOFF * 2**tried * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, no secret
                sentence = "%(host)s: %(reason)s; asked again in %(seconds).1f s"
                facts = {"host": self.host, "reason": error, "seconds": wait}
                log_event(logger, logging.DEBUG, "request_retried", sentence, **facts)
            self.sleep(wait)
        raise AssertionError("unreachable")

    def post(self, path: str, form: Form, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """POST a form to `path`, once: what it does may not be done twice. Raises PeerTubeError."""
        self._secrets += [value for value in form.values() if isinstance(value, Secret)]
        return self.send(path, plain_form(form), headers)

    def send(self, path: str, data: bytes | Mapping[str, str], headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """POST bytes or a form to `path`, once. Raises PeerTubeError."""
        if not self.robots.allows(path):
            raise Disallowed(self.host, path)
        url = f"{self.base}{path}"
        with self.budget.permit(self.budget_key, self.patience) as note:
            response, body = self._exchange(url, time.monotonic() + self.timeout, headers, data)
            # Logins and inboxes have limits of their own.
            note(RateLimitHeaders(retry_after=self._limit_headers(url, response).retry_after))
        return self._checked(url, response, body)

    def _ask_once(self, url: str, headers: Mapping[str, str] | None) -> HttpAnswer:
        """Ask; a kept connection that the server closed meanwhile (after 5 s idle) is tried again at once.

        All of it ends after `timeout`: by then, others may hold the permit.
        """
        patience = min(self.patience, self.until - time.monotonic())
        on_demand = url.removeprefix(self.base) if self.on_demand else ""
        with self.budget.permit(self.budget_key, patience, on_demand) as note:
            deadline, rest = min(time.monotonic() + self.timeout, self.until), self.rest
            try:
                try:
                    response, body = self._exchange(url, deadline, headers)
                except Unreachable as error:
                    if error.reason != "lost" or time.monotonic() > deadline or self.on_demand:
                        raise
                    response, body = self._exchange(url, deadline, headers)
                rest = self.rest if response.status_code >= 500 else 0.0
                note(self._limit_headers(url, response))
            except MalformedAnswer:
                rest = 0.0
                raise
            finally:
                received = self._largest + FRAME - self._session.quota.size
                if pause := max(received / self.bytes_per_second, rest):
                    note(RateLimitHeaders(retry_after=pause))
        return self._checked(url, response, body)

    def _limit_headers(self, url: str, response: requests.Response) -> RateLimitHeaders:
        """Return what the answer says of the limit, and what robots.txt does: it closes the host after each request."""
        announced = RateLimitHeaders.read(response.status_code, response.headers)
        if not url.removeprefix(self.base).startswith(COUNTED):
            announced = RateLimitHeaders(retry_after=announced.retry_after)
        delay = self.robots.delay
        return replace(announced, retry_after=max(delay, announced.retry_after or 0.0)) if delay else announced

    def _exchange(
        self,
        url: str,
        deadline: float,
        headers: Mapping[str, str] | None,
        data: bytes | Mapping[str, str] | None = None,
    ) -> tuple[requests.Response, bytes]:
        self.tally.requests += 1
        quota, largest = self._session.quota, self._largest
        quota.end, quota.size = deadline, largest + FRAME
        try:
            method = "GET" if data is None else "POST"
            with self._session.request(method, url, data=data, headers=headers, stream=True) as response:
                body = bytearray()
                for chunk in response.iter_content(CHUNK):
                    body += chunk
                    if len(body) > largest:
                        raise MalformedAnswer(f"{url} answered with more than {largest} bytes")
                return response, bytes(body)
        except requests.RequestException as error:
            raise _network_error(error, self.host, late=quota.over) from error

    def _checked(self, url: str, response: requests.Response, body: bytes) -> HttpAnswer:
        """Return a good answer, else raise the matching error of `client/errors.py`.

        Its `own` is true only if the refusal is PeerTube's own JSON.
        """
        status = response.status_code
        if is_challenge(urlsplit(url).path, status, response.headers, body):
            raise BotCheck(f"{url} answered {status} with a page that keeps robots out")
        if status < 400:
            return self._good(url, response, body)
        retry_after = RateLimitHeaders.read(status, response.headers).retry_after
        if status == 429:
            self.tally.rate_limited += 1
            sentence = "%(host)s told us to slow down (429); it is not asked again for %(retry_after)s s"
            log_event(logger, logging.WARNING, "rate_limited", sentence, host=self.host, retry_after=retry_after)
        if self.token and status == 401:
            raise TokenRefused(f"{self.host} does not take the token any more")
        is_json = JSON.fullmatch(response.headers.get("Content-Type", ""))
        problem = PeerTubeProblem.parse(redact(body, self._secrets)) if is_json else None
        words = (problem and (problem.detail or problem.error or problem.code)) or response.reason or "no reason given"
        kind = RateLimited if status == 429 else ServerError if status >= 500 else Refused
        raise kind(
            f"{url} answered {status}: {words[:500]}",
            status=status,
            code=(problem and problem.code) or "",
            own=problem is not None,
            invalid_params=problem.invalid_params if problem else None,
            retry_after=retry_after,
        )

    def _good(self, url: str, response: requests.Response, body: bytes) -> HttpAnswer:
        """Return the answer, unless it is none to a plain question: a redirect, a part, "as before"."""
        status = response.status_code
        location = redact(response.headers.get("Location", "").strip().encode(), self._secrets).decode()
        if status >= 300 and status != NOT_MODIFIED and location:
            plain, target = url.partition("?")[0], location.partition("?")[0]
            raise Moved(
                f"{plain} redirects to {target[:500]!r}, which is not followed; if it has moved there: add the new "
                "address, or run peertube_move where the old one is mirrored",
                location,
            )
        if status == NOT_MODIFIED:
            raise MalformedAnswer(f"{url} answered 304, that nothing has changed, though nobody asked for changes only")
        if status >= 300:
            raise MalformedAnswer(f"{url} answered {status}, a redirect, without saying where to")
        if status < 200 or status == PARTIAL:
            raise MalformedAnswer(f"{url} answered {status}, which is no whole answer, though nobody asked for less")
        self.tally.answers += 1
        return HttpAnswer(body, response.headers, status)


def _network_error(error: requests.RequestException, host: str, *, late: bool) -> PeerTubeError:
    """Name what went wrong; the first match in the order of the table below decides."""
    for kind, reason, words in FAILURES:
        if isinstance(error, kind):
            return Unreachable(f"{host} {words}", reason)
    if late:
        return Unreachable(f"{host} took too long to answer", "timeout")
    causes = _causes(error)
    if any(isinstance(cause, HTTPException) and not isinstance(cause, BROKEN_OFF) for cause in causes):
        return MalformedAnswer(f"{host} does not speak HTTP as it should: {error}"[:500])
    if any(isinstance(cause, socket.gaierror) for cause in causes) or "resolve" in str(error).lower():
        return Unreachable(f"{host} has no address: check the spelling, or its DNS", "dns")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes) or "refused" in str(error):
        return Unreachable(f"{host} refuses connections", "refused")
    return Unreachable(f"{host} closed the connection before its answer was complete", "lost")


BROKEN_OFF = (IncompleteRead, RemoteDisconnected)
FAILURES: tuple[tuple[type[requests.RequestException], str, str], ...] = (
    (requests.exceptions.SSLError, "tls", "has no valid TLS certificate, or speaks no TLS"),
    (requests.exceptions.Timeout, "timeout", "did not answer in time"),
)


def _causes(error: BaseException) -> list[BaseException]:
    """Return the chain of exceptions below `error`, those that urllib3 carries in its arguments too."""
    causes: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and cause not in causes:
            causes.append(cause)
            waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
    return causes
