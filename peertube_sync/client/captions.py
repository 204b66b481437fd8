"""Caption files: WebVTT into lines, each with the second at which it begins.

Files are written by anybody: whatever isn't WebVTT of a sensible size is an UnexpectedShape, which says why.
"""

from dataclasses import dataclass
from html import unescape
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import webvtt

from peertube_sync.client.errors import UnexpectedShape
from peertube_sync.client.hosts import host_of

LARGEST = 2 * 2**20
"""Bytes of a file that is read: a day of speech. PeerTube takes up to 20 MB."""
LONGEST = 500
"""Characters of a line that are kept."""
LAST = 2**31 - 1


@dataclass(frozen=True)
class Line:
    """What is said from a second on: plain text, in one line."""

    start: int
    text: str


class Addressed(Protocol):
    """What tells where a caption file is: an answer, or a row made of one."""

    @property
    def file_url(self) -> object:
        """Its whole address, from PeerTube 7.1 on."""

    @property
    def caption_path(self) -> object:
        """Its path on its server, up to 7.x."""


def own_path(caption: Addressed, base: str) -> str:
    """Return the path of the file on the server at `base`, "" if it isn't there but, say, in an object storage."""
    for address in (caption.file_url, caption.caption_path):
        if isinstance(address, str) and (path := _path(address, base)):
            return path
    return ""


def _path(address: str, base: str) -> str:
    try:
        whole = urljoin(f"{base}/", address)
        parts = urlsplit(whole)
    except ValueError:
        return ""
    if parts.scheme != urlsplit(base).scheme or host_of(whole) != host_of(base) or not parts.path.startswith("/"):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def read_lines(body: bytes, where: str) -> list[Line]:
    """Return the lines of a WebVTT file in their order. Raises UnexpectedShape."""
    if len(body) > LARGEST:
        raise UnexpectedShape(f"{where} has more than {LARGEST} bytes")
    try:
        captions = webvtt.from_string(body.decode()).captions
        found = [Line(min(one.start_in_seconds, LAST), _plain(one.text)) for one in captions]
    except Exception as error:  # the file is a stranger's, and so may be what the parser stumbles over
        raise UnexpectedShape(f"{where} is no WebVTT: {error}") from error
    return [line for line in sorted(found, key=lambda line: line.start) if line.text]


def _plain(text: str) -> str:
    return " ".join(unescape(text).replace("\0", "").split())[:LONGEST]
