"""Caption files: where one is, and WebVTT or SubRip into lines, each with the second at which it begins.

Files are written by anybody, and read as browsers do (https://www.w3.org/TR/webvtt1/), more leniently in times: bytes
that aren't UTF-8 become U+FFFD, and what is no cue is left out. Whatever has no sensible size or no cues at all is an
UnexpectedShape, which says why.
"""

import re
from dataclasses import dataclass
from html import unescape
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import webvtt

from peertube_sync.client.addresses import is_web_address
from peertube_sync.client.errors import UnexpectedShape
from peertube_sync.client.hosts import host_of
from peertube_sync.client.sanitise import one_line

LARGEST_FILE = 2 * 2**20
"""Bytes of a file that is read: a day of speech. PeerTube takes up to 20 MB."""
LONGEST_LINE = 500
"""Characters of a line that are kept."""
MOST_LINES = 30_000
"""Lines of a file that are kept: a day of speech."""
LAST = 2**31 - 1
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
LINE_END = re.compile(r"\r\n|\r|\n")
HEADER = re.compile(r"WEBVTT(?:[ \t]|$)")
ARROW = "-->"
TIMES = re.compile(
    r"""\s* ((?:[0-9]{1,10}:)?[0-5]?[0-9]:[0-5]?[0-9]) (?:\s?[.,:\uff0c]\s?[0-9]+)? (?![0-9:])
        \s*-{2,3}>
        \s* ((?:[0-9]{1,10}:)?[0-5]?[0-9]:[0-5]?[0-9]) (?:\s?[.,:\uff0c]\s?[0-9]+)? (?![0-9:])""",
    re.VERBOSE,
)
"""The times of a cue, hours and fractions optional, the latter after WebVTT's point or SubRip's comma."""
NO_CUES = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True)
class CaptionLine:
    """What is said from a second on: plain text, in one line."""

    start: int
    text: str


@dataclass(frozen=True)
class CaptionReading:
    """The lines of a file in the order of time, and what was `left_out` of it, in words; "" for nothing."""

    lines: list[CaptionLine]
    left_out: str = ""


class Addressed(Protocol):
    """What tells where a caption file is: an answer, or a row made of one."""

    @property
    def file_url(self) -> object:
        """Its whole address, from PeerTube 7.1 on."""

    @property
    def caption_path(self) -> object:
        """Its path on its server, up to 7.x."""


def file_address(caption: Addressed, base: str) -> str:
    """Return where browsers find the file: a path on the server at `base`, or a whole address elsewhere.

    The latter is that of an object storage, say; "" stands for none that everybody reads alike.
    """
    addresses = [
        address for address in (caption.file_url, caption.caption_path) if isinstance(address, str) and address
    ]
    return next(filter(None, (address_from(address, f"{base}/", base) for address in addresses)), "")


def address_from(reference: str, document: str, base: str) -> str:
    """Return what `reference` in `document` points to: a path on the server at `base`, else a whole address, or "".

    http at the server itself means the server: its proxy hides from PeerTube that it speaks https.
    """
    try:
        whole = urljoin(document, reference)
        parts = urlsplit(whole)
    except ValueError:
        return ""
    host = host_of(whole)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    address = f"{parts.scheme}://{host}{target}"
    if not host or not target.startswith("/") or not is_web_address(address):
        return ""
    return target if host == host_of(base) else address


def read_lines(body: bytes, where: str) -> CaptionReading:
    """Return the lines of a WebVTT or SubRip file. Raises UnexpectedShape."""
    if len(body) > LARGEST_FILE:
        raise UnexpectedShape(f"{where} has more than {LARGEST_FILE} bytes")
    if body.startswith(UTF_16):
        raise UnexpectedShape(f"{where} is no UTF-8, but UTF-16, which browsers don't read as captions either")
    # The parser takes WebVTT's header alone, and WebVTT's times; whole seconds are enough.
    text = body.decode(errors="replace").replace("\0", "\ufffd").lstrip("\ufeff \t\r\n")
    written = [
        TIMES.sub(rf"\1.000 {ARROW} \2.000", line, count=1) if TIMES.match(line) else line
        for line in LINE_END.split(text)
    ]
    if not HEADER.match(written[0]):
        if not any(map(TIMES.match, written)):
            raise UnexpectedShape(f"{where} is no WebVTT and no SubRip")
        written = ["WEBVTT", "", *map(str.strip, written)]
    cues = [number for number, line in enumerate(written) if ARROW in line]
    beyond, written = len(cues) - MOST_LINES, written[: cues[MOST_LINES] if len(cues) > MOST_LINES else None]
    lines = []
    try:
        for caption in webvtt.from_string("\n".join(written)).captions:
            plain = " ".join(one_line(unescape(caption.text)).split())[:LONGEST_LINE]
            lines.append(CaptionLine(min(caption.start_in_seconds, LAST), plain))
    except Exception as error:  # the file is a stranger's, and so may be what the parser stumbles over
        raise UnexpectedShape(f"{where} is no WebVTT: {error}") from error
    lines = [line for line in sorted(lines, key=lambda line: line.start) if line.text]
    left_out = f"{where} has more than {MOST_LINES} captions, and {beyond} were left out" if beyond > 0 else ""
    return CaptionReading(lines, left_out or _left_out(written, where))


def _left_out(lines: list[str], where: str) -> str:
    """Say which cues have no times that can be read, and what stands between cues and is neither comment nor style."""
    odd = [line for line in lines if ARROW in line and not TIMES.match(line)]
    for block in "\n".join(lines).split("\n\n")[1:]:
        text = block.strip()
        if text and ARROW not in text and not text.startswith(NO_CUES) and not text.isdigit():
            odd.append(text)
    return f"{where} has {len(odd)} parts that are no captions, and were left out, like {odd[0][:100]!r}" if odd else ""
