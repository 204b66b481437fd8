"""Identifiers of the sandbox: uuids as numbers, PeerTube's short form, and times as text.

The short form is Flickr's base 58 (digits, then lower case, then upper case, without 0, l, I, O),
padded to 22 characters.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

ALPHABET = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
SHORT_LENGTH = 22
#: Without a zone, so that writing it out costs little; everything here is UTC.
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def uuid_text(number: int) -> str:
    """Write a number of 128 bits in the usual form of a uuid; what is beyond is cut off."""
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


def uuid_number(text: str) -> int:
    return int(text.replace("-", ""), 16)


def version_4(bits: int) -> int:
    """Set the version and variant bits that make 128 random bits a uuid of version 4."""
    bits &= ~(0xF << 76) & ~(0x3 << 62)
    return bits | 0x4 << 76 | 0x2 << 62


def short_uuid(number: int) -> str:
    """Write a uuid in PeerTube's short form of 22 characters."""
    digits = []
    while number:
        number, rest = divmod(number, 58)
        digits.append(ALPHABET[rest])
    return "".join(reversed(digits)).rjust(SHORT_LENGTH, ALPHABET[0])


def expand_short(text: str) -> str:
    """Turn a short form into the text of a uuid; anything else comes back as it is."""
    if len(text) != SHORT_LENGTH or any(character not in _VALUES for character in text):
        return text
    number = 0
    for character in text:
        number = number * 58 + _VALUES[character]
    return uuid_text(number)


def parse_uuid(text: str) -> int | None:
    """Read a uuid or its short form; None when it is neither."""
    expanded = expand_short(text).lower()
    return uuid_number(expanded) if _UUID.fullmatch(expanded) else None


def iso(milliseconds: int) -> str:
    """Write a time as PeerTube does: UTC, milliseconds, Z."""
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds") + "Z"


def iso_or_none(milliseconds: int | None) -> str | None:
    """Write a time that may be unknown."""
    return None if milliseconds is None else iso(milliseconds)


def milliseconds(text: str) -> int:
    """Read a time in PeerTube's form."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)
