"""The HTTP of the sandbox: a thread per connection, HTTP/1.1 with keep-alive, quick and quiet.

Connections that idle for five seconds are closed, as PeerTube's are. Faults of the connection itself
(reset, truncated, drip, endless) strike here.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import time
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, cast

from peertube_sync.testing.answers import Answer
from peertube_sync.testing.control import PREFIX, control, controls_of
from peertube_sync.testing.faults import Fault
from peertube_sync.testing.respond import Call, Responder
from peertube_sync.testing.routes import takes_posts

IDLE_SECONDS = 5
DRIPS = 10
PIECE = 1 << 16
"""Bytes of an endless body that are sent at once."""
BODILESS = (204, 304)
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
METHODS = {"Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE"}


class Server(ThreadingMixIn, TCPServer):
    """Listens on loopback; knows its open connections, to close them at the end."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, responder: Responder) -> None:
        self.responder = responder
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def close_connections(self) -> None:
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that hang up, and about nothing else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection: reads calls, sends answers."""

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
        """Answer, or break off when a fault says so."""
        self._respond(b"")

    def _respond(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, self.path, self.client_address[0], headers, body)
        given, fault = self._server.responder.respond(call)
        if fault and fault.kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self.rfile.close()
            self.connection.close()
            self.close_connection = True
        elif fault and fault.kind == "endless" and call.method != "HEAD":
            self._send_for_ever(given, fault)
        else:
            self._send(given, fault)

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def do_OPTIONS(self) -> None:
        """Answer a browser's question before a call from another site."""
        self._send(Answer(204, content_type="", headers=METHODS, tagged=False), None)

    def do_POST(self) -> None:
        """Refuse, as PeerTube's lists are read-only; but let people log in, and do what the sandbox's address says."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "POST" and takes_posts(self.path):
            self._respond(body)
            return
        self.close_connection = True
        if self.command != "POST" or not self.path.startswith(PREFIX):
            self._send(Answer(400, tagged=False), None)
            return
        responder = self._server.responder
        kind = self.headers.get("Content-Type", "")
        controls = controls_of(responder.catalogue, responder.faults, responder.federation)
        self._send(control(controls, self.path, kind, body), None)

    do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - http.server's names

    @property
    def _server(self) -> Server:
        return cast("Server", self.server)

    def _send_for_ever(self, given: Answer, fault: Fault) -> None:
        """Send a body again and again, which ends with an OSError when who asked hangs up."""
        self.close_connection = True
        self._send_headers(given.status, self._headers_of(given) | {"Connection": "close", "Content-Length": ""})
        body = given.body * (1 + PIECE // len(given.body)) if given.body else bytes(PIECE)
        while True:
            fault.sent += self.wfile.write(body)

    def _send(self, given: Answer, fault: Fault | None) -> None:
        self._send_headers(given.status, self._headers_of(given))
        body = given.body
        if self.command == "HEAD" or given.status in BODILESS:
            return
        if fault and fault.kind == "truncated":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif fault and fault.kind == "drip":
            piece = max(1, -(-len(body) // DRIPS))
            for start in range(0, len(body), piece):
                self.wfile.write(body[start : start + piece])
                self.wfile.flush()
                time.sleep(fault.delay / DRIPS)
        else:
            self.wfile.write(body)

    def _headers_of(self, given: Answer) -> dict[str, str]:
        """Return the headers of an answer; those that it empties are left out."""
        headers = COMMON_HEADERS | {"Date": self.date_time_string()} | given.headers
        if given.content_type:
            headers["Content-Type"] = given.content_type
        if given.status not in BODILESS:
            headers["Content-Length"] = str(len(given.body))
        if given.tagged and given.body:
            headers["ETag"] = given.etag
        return headers | {"Connection": "keep-alive", "Keep-Alive": f"timeout={IDLE_SECONDS}"}

    def _send_headers(self, status: int, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
