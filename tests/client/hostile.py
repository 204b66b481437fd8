"""Servers that mean harm: each connection is answered by the script that its path names."""

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

from tests.client.listener import Listener

GIGABYTE = 2**30
PIECE = 2**24
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
Pieces = Iterator[bytes]


def packed() -> bytes:
    """A gigabyte of spaces, gzipped: blocks that end on a byte can be repeated."""
    packer = zlib.compressobj(wbits=31)
    first, again = (packer.compress(b" " * PIECE) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (GIGABYTE // PIECE - 1)


def bomb() -> Pieces:
    yield OK + b"Content-Encoding: gzip\r\n\r\n" + packed()


def bomb_in_a_bomb() -> Pieces:
    packer = zlib.compressobj(wbits=31)
    yield OK + b"Content-Encoding: gzip, gzip\r\n\r\n" + packer.compress(packed()) + packer.flush()


def bomb_behind_a_redirect() -> Pieces:
    yield b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Encoding: gzip\r\n\r\n" + packed()


def endless_body_behind_a_redirect() -> Pieces:
    yield b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n"
    yield from forever(b" " * PIECE)


def bomb_in_a_refusal() -> Pieces:
    yield b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n" + packed()


def forever(piece: bytes, pause: float = 0.0) -> Pieces:
    while True:
        yield piece
        time.sleep(pause)


def endless_body() -> Pieces:
    yield OK + b"\r\n"
    yield from forever(b"[" * PIECE)


def endless_chunks() -> Pieces:
    yield CHUNKED
    yield from forever(b"%x\r\n" % PIECE + b" " * PIECE + b"\r\n")


def endless_chunk_size() -> Pieces:
    yield CHUNKED
    yield from forever(b"0" * PIECE)


def endless_trailers() -> Pieces:
    yield CHUNKED + b"0\r\n"
    yield from forever((b"X-A: " + b"b" * 8000 + b"\r\n") * 2**11)


def endless_continue() -> Pieces:
    yield from forever((b"HTTP/1.1 100 " + b"o" * 8000 + b"\r\n\r\n") * 2**11)


def endless_status() -> Pieces:
    yield b"HTTP/1.1 200 "
    yield from forever(b"O" * PIECE)


def endless_header() -> Pieces:
    yield OK + b"X-Long: "
    yield from forever(b"x" * PIECE)


def many_headers() -> Pieces:
    yield OK + b"".join(b"X-%d: y\r\n" % number for number in range(100_000)) + b"\r\n{}"


def slow_body() -> Pieces:
    yield OK + b"Content-Length: 1000\r\n\r\n"
    yield from forever(b" ", 0.05)


def slow_headers() -> Pieces:
    yield OK
    for number in range(1000):
        yield from (bytes([byte]) for byte in b"X-%d: y\r\n" % number)
        time.sleep(0.02)


def a_byte_a_second() -> Pieces:
    yield OK + b"Content-Length: 1000\r\n\r\n"
    yield from forever(b" ", 1.0)


def silence() -> Pieces:
    yield from forever(b"", 1.0)


def no_http() -> Pieces:
    yield b"220 mail.example ESMTP\r\n" * 10


QUICK = (
    bomb, bomb_in_a_bomb, bomb_in_a_refusal, endless_body, endless_chunks, endless_chunk_size, endless_trailers,
    endless_continue, endless_status, endless_header, many_headers, no_http,
)  # fmt: skip
"""Those that a limit of bytes, lines or headers ends."""
REDIRECTS = (bomb_behind_a_redirect, endless_body_behind_a_redirect)
SLOW = (slow_body, slow_headers, a_byte_a_second, silence)
"""Those that only a limit of time ends."""
SCRIPTS: dict[str, Callable[[], Pieces]] = {f"/{script.__name__}": script for script in (*QUICK, *REDIRECTS, *SLOW)}


class HostileServer(Listener):
    """Serves the scripts until it is closed; counts its connections."""

    def answer(self, connection: socket.socket) -> None:
        threading.Thread(target=self._play, args=(connection,), daemon=True).start()

    def _play(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            path = connection.recv(65536).split(b" ")[1].decode()
            for piece in SCRIPTS[path.partition("?")[0]]():
                connection.sendall(piece)
