"""An object storage on loopback: files by their path, and a note of who asked for what."""

import threading
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

SAID = b"WEBVTT\n\n00:00:05.000 --> 00:00:06.000\nfresh zebra\n"


class Kept(NamedTuple):
    """What a storage answers to one path."""

    body: bytes = SAID
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class Storage(ThreadingHTTPServer):
    """Answers with `files`, else with 404; `asked` are the paths in the order they were asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        self.files: dict[str, Kept] = {}
        self.asked: list[str] = []
        self.headers: list[Message] = []
        super().__init__(("127.0.0.1", 0), _Answering)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def keep(self, path: str, body: bytes = SAID, status: int = 200, **headers: str) -> str:
        """Keep a file at `path`; returns its address."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self.files[path] = Kept(body, status, named)
        return self.url + path

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Answering(BaseHTTPRequestHandler):
    server: Storage

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers.append(self.headers)
        kept = self.server.files.get(self.path, Kept(b"", 404))
        self.send_response(kept.status)
        for name, value in (*kept.headers, ("Content-Length", str(len(kept.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(kept.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library calls it
        """Say nothing."""
