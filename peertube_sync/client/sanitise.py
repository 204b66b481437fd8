"""Texts, numbers and times of strangers, brought to what can be stored, compared and shown anywhere.

Raises ValueError, which the parser makes a reason of, for what nobody would publish; only what can't be seen is
taken out of a name without a word.
"""

import math
import re
from datetime import datetime
from typing import Any

DEPTH = 32
"""How deep objects and lists may lie in each other; PeerTube's own lie up to six deep."""
VERSION = 100
HARMLESS = frozenset({str, bool, type(None)})
LEAST_INTEGER, GREATEST_INTEGER = -(2**63), 2**63 - 1
YEARS = range(2, 9999)
"""Years that have all their days in every time zone."""
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")
"""Control characters, ends of lines, and what turns the direction of all text that follows."""
SPACE = re.compile("[\t-\r\x85\u2028\u2029]")
ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u0000)|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def one_line(text: str) -> str:
    """Return a name without characters that break out of its line or hide what it says."""
    return text if text.isprintable() else UNSEEN.sub(lambda found: " " if SPACE.search(found[0]) else "", text)


def one_line_if_text(text: Any) -> Any:
    """Return `text` as `one_line` does; what is no text, because nothing was told or it can't be read, as it is."""
    return one_line(text) if isinstance(text, str) else text


def version_text(said: Any) -> str:
    """Return what a server says of its version, as far as it can be one."""
    return one_line(said)[:VERSION] if isinstance(said, str) else ""


def require_usable_years(*times: Any) -> None:
    """Refuse times that can't be told in every time zone; what is no time is let pass."""
    for time in times:
        if isinstance(time, datetime) and time.year not in YEARS:
            message = f"the year {time.year} is out of range"
            raise ValueError(message)


def require_storable(value: Any, depth: int = DEPTH) -> None:
    """Refuse JSON that is nested too deep, or has numbers that no database takes."""
    if isinstance(value, dict | list):
        if not depth:
            message = f"objects and lists lie more than {DEPTH} deep in each other"
            raise ValueError(message)
        for item in value.values() if isinstance(value, dict) else value:
            kind = type(item)  # most need no call of their own, of which there would be hundreds in an answer
            if kind not in HARMLESS and (kind is not int or not LEAST_INTEGER <= item <= GREATEST_INTEGER):
                require_storable(item, depth - 1)
    elif (isinstance(value, int) and not LEAST_INTEGER <= value <= GREATEST_INTEGER) or (
        isinstance(value, float) and not math.isfinite(value)
    ):
        message = "a number is out of range"
        raise ValueError(message)


def storable_json(body: bytes) -> bytes:
    """Return JSON `body` with no NUL in its strings, which PostgreSQL can't hold, and no half of a character.

    A half is what is left of one that was cut in two; it becomes U+FFFD.
    """
    if b"\\u" in body and (b"\\u0000" in body or b"\\ud" in body or b"\\uD" in body):
        return ESCAPE.sub(lambda found: b"" if found[1] else b"\\ufffd" if found[2] else found[0], body)
    return body


def cut_deep_nesting(body: bytes) -> bytes:
    """Return JSON `body` without what lies twice as deep as is accepted: it can be parsed, and is still refused."""
    kept: list[bytes] = []
    depth = start = 0
    for token in TOKEN.finditer(body):
        before, depth = depth, depth + {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token[0], 0)
        if before == 2 * DEPTH < depth:
            kept.append(body[start : token.start()])
        elif depth == 2 * DEPTH < before:
            start = token.end()
    return b"".join([*kept, body[start:]])
