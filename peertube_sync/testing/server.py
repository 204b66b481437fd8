"""The sandbox itself: a PeerTube stand-in over real HTTP on loopback.

A thread per connection, HTTP/1.1 with keep-alive, connections that idle for five seconds closed as
PeerTube's are. Every request is limited, logged and, on demand, spoiled.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from peertube_sync.testing.answers import UNLIMITED, Answer, Request, html_answer
from peertube_sync.testing.catalogue import Catalogue
from peertube_sync.testing.faults import TOO_MANY, Fault, Faults, spoil
from peertube_sync.testing.limits import Limiter
from peertube_sync.testing.routes import Route, answer, find_route
from peertube_sync.testing.selection import Query

IDLE_SECONDS = 5
DRIPS = 10
#: Linger switched on for zero seconds: closing the socket sends RST.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
COMMON_HEADERS = {
    "x-powered-by": "PeerTube",
    "X-Frame-Options": "DENY",
    "Tk": "N",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "Retry-After",
}


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that was answered. Times are `time.monotonic()`; a reset has status 0."""

    method: str
    path: str
    query: Query
    status: int
    started: float
    ended: float
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that PeerTube keeps: replayed with the limiter's headers of its birth."""

    answer: Answer
    born: float


class Sandbox:
    """A PeerTube stand-in; a context manager that serves while it is open.

    `limit` requests per `window` seconds and client (None lifts the limit), `latency` seconds before
    every answer, `host_name` the name it calls itself by (None: what a request's Host says).
    `version` such as "3.4.1" or "8.2.0" dresses the answers as that release's.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        limit: int | None = 50,
        window: float = 10.0,
        port: int = 0,
        latency: float = 0.0,
        host_name: str | None = None,
        version: str = "6.3.0",
    ) -> None:
        self.catalogue = catalogue
        self.latency = latency
        self.host_name = host_name
        self.version = version
        self.log: list[LoggedRequest] = []
        self.faults = Faults()
        self.limiter = Limiter(limit, window)
        self.kept: dict[tuple[str, str], Kept] = {}
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def host(self) -> str:
        """Return address and port to connect to, such as `127.0.0.1:43121`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """Return the address with its scheme."""
        return f"http://{self.host}"

    @property
    def limit(self) -> int | None:
        """Requests per window and client; None when lifted. May be set while serving."""
        return self.limiter.limit

    @limit.setter
    def limit(self, limit: int | None) -> None:
        self.limiter.limit = limit

    @property
    def window(self) -> float:
        """Seconds of a window. May be set while serving; running windows keep their end."""
        return self.limiter.window

    @window.setter
    def window(self, seconds: float) -> None:
        self.limiter.window = seconds

    def start(self) -> Self:
        """Begin to serve in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close every connection."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.close_connections()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    """Threads per connection, and a list of the open ones to close them at the end."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def close_connections(self) -> None:
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that hang up; a bug of the sandbox is an answer 500."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self._server.connections.add(self.connection)

    def finish(self) -> None:
        self._server.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Print nothing; the sandbox has a log of its own."""

    def do_GET(self) -> None:
        started = time.monotonic()
        route, parts, request = self._read()
        fault = self._sandbox.faults.strike(self.path)
        if self._wait(fault) and fault and fault.kind == "reset":
            self._note(request, 0, started)
            self._reset()
            return
        given = self._decide(route, parts, request, fault)
        self._note(request, given.status, started)
        self._send(given, fault)

    do_HEAD = do_GET

    def do_OPTIONS(self) -> None:
        methods = {"Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE"}
        self._send(Answer(204, content_type="", headers=methods, tagged=False), None)

    def do_POST(self) -> None:
        self.close_connection = True
        self._send(Answer(400, tagged=False), None)

    do_PUT = do_PATCH = do_DELETE = do_POST

    @property
    def _server(self) -> _Server:
        return cast(_Server, self.server)

    @property
    def _sandbox(self) -> Sandbox:
        return self._server.sandbox

    def _read(self) -> tuple[Route, tuple[str, ...], Request]:
        sandbox = self._sandbox
        split = urlsplit(self.path)
        path = unquote(split.path)
        route, parts = find_route(path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(
            path=path,
            query=parse_qs(split.query, keep_blank_values=True),
            target=self.path,
            host=sandbox.host_name or headers.get("host", sandbox.host),
            headers=headers,
            catalogue=sandbox.catalogue,
            version=sandbox.version,
            turn=len(sandbox.log),
        )
        return route, parts, request

    def _wait(self, fault: Fault | None) -> bool:
        slow = fault.delay if fault and fault.kind == "slow" else 0.0
        if self._sandbox.latency + slow:
            time.sleep(self._sandbox.latency + slow)
        return True

    def _decide(self, route: Route, parts: tuple[str, ...], request: Request, fault: Fault | None) -> Answer:
        """Answer: the limiter first, then the route or what is kept of it, then the fault."""
        limits: dict[str, str] = {}
        if route.bucket != UNLIMITED:
            verdict = self._sandbox.limiter.hit(self.client_address[0], route.bucket)
            limits = verdict.headers
            if verdict.refused:
                return html_answer(TOO_MANY, 429, headers=limits)
        given = self._answer(route, parts, request, limits)
        if fault:
            spoiled = spoil(fault, given, lambda: _row_before(route, parts, request))
            spoiled.headers = limits | spoiled.headers
            return spoiled
        if given.tagged and request.headers.get("if-none-match") == given.etag:
            return Answer(304, content_type="", headers=given.headers | {"ETag": given.etag})
        return given

    def _answer(self, route: Route, parts: tuple[str, ...], request: Request, limits: dict[str, str]) -> Answer:
        kept = self._sandbox.kept.get((request.path, request.host))
        now = time.monotonic()
        if kept and now - kept.born < route.kept:
            left = int(route.kept - (now - kept.born))
            headers = kept.answer.headers | {"cache-control": f"max-age={left}"}
            return replace(kept.answer, headers=headers)
        given = answer(route, parts, request)
        given.headers = {"Date": self.date_time_string()} | limits | given.headers
        if route.kept and given.status == 200:
            given.headers["cache-control"] = f"max-age={route.kept}"
            self._sandbox.kept[request.path, request.host] = Kept(given, now)
        return given

    def _note(self, request: Request, status: int, started: float) -> None:
        ended = time.monotonic()
        method = self.command or "GET"
        self._sandbox.log.append(
            LoggedRequest(method, request.path, request.query, status, started, ended, request.headers)
        )

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.connection.close()
        self.close_connection = True

    def _send(self, given: Answer, fault: Fault | None) -> None:
        self.send_response_only(given.status)
        headers = COMMON_HEADERS | {"Date": self.date_time_string()} | given.headers
        if given.content_type:
            headers["Content-Type"] = given.content_type
        if given.status not in (204, 304):
            headers["Content-Length"] = str(len(given.body))
        if given.tagged and given.body:
            headers["ETag"] = given.etag
        headers |= {"Connection": "keep-alive", "Keep-Alive": f"timeout={IDLE_SECONDS}"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and given.status not in (204, 304):
            self._send_body(given.body, fault)

    def _send_body(self, body: bytes, fault: Fault | None) -> None:
        if fault and fault.kind == "truncated":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif fault and fault.kind == "drip":
            self._drip(body, fault.delay)
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes, seconds: float) -> None:
        piece = max(1, -(-len(body) // DRIPS))
        for start in range(0, len(body), piece):
            self.wfile.write(body[start : start + piece])
            self.wfile.flush()
            time.sleep(seconds / DRIPS)


def _row_before(route: Route, parts: tuple[str, ...], request: Request) -> dict[str, Any] | None:
    """Return the last row of the page before a request's page, None on the first page."""
    start = int(request.query.get("start", ["0"])[0])
    if start == 0:
        return None
    query = request.query | {"start": [str(start - 1)], "count": ["1"]}
    page = msgspec.json.decode(answer(route, parts, replace(request, query=query)).body)
    row: dict[str, Any] = page["data"][0]
    return row
