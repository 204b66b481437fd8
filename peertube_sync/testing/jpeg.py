"""JPEGs without a library: squares of one colour each, with a grain that weighs what a photograph's details do.

Every square ends with a restart marker, so its bytes are the same wherever it stands, and a picture is these bytes one
after the other. The tables of codes have equal lengths, which any decoder takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from random import Random
from struct import pack

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

SIDE = 16
"""Pixels of a square's side: four blocks of brightness, one of each of the two colour channels."""
STEP = 8
"""What all coefficients were divided by: with this one, the first of a block is its mean."""
GRAINS = 12
"""How many different squares of one colour there are."""
BITS_OF_FIRST, BITS_OF_OTHER = 4, 3
"""Lengths of the codes: of how long a block's mean is (0 to 11 bits), and its details are (1 to 4 bits, 0: no more)."""
FINE, COARSE, SMALL = 24, 8, 400
"""Details of a block: in pictures up to SMALL pixels wide, and in others."""


def jpeg(width: int, height: int, rows: Iterable[Sequence[Colour]], note: str) -> bytes:
    """Return a picture of `width` times `height` pixels, whose `rows` are the colours of its squares.

    `note` is put into it where cameras say what they saw, and where programs sign.
    """
    details = FINE if width <= SMALL else COARSE
    colours = [colour for row in rows for colour in row]
    squares = [_square(colour, number * 7 % GRAINS, details) for number, colour in enumerate(colours)]
    markers = [b"\xff%c" % (0xD0 + number % 8) for number in range(len(squares) - 1)]
    scan = b"".join(map(bytes.__add__, squares, [*markers, b""]))
    return b"".join((b"\xff\xd8", _notes(note), _tables(), _frame(width, height), scan, b"\xff\xd9"))


@lru_cache(maxsize=4_096)
def _square(colour: Colour, grain: int, details: int) -> bytes:
    """Write a square; in the bytes of codes, one of all ones is followed by an empty one."""
    red, green, blue = colour
    brightness = 0.299 * red + 0.587 * green + 0.114 * blue
    bits = _mean(round(brightness) - 128) + _details(grain, 0, details)
    for block in range(1, 4):
        bits += _mean(0) + _details(grain, block, details)
    for channel, share in ((blue, 1.772), (red, 1.402)):
        bits += _mean(round((channel - brightness) / share)) + _code(0, BITS_OF_OTHER)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")


def _mean(difference: int) -> str:
    """Write how a block's mean differs from that of the block before it."""
    return _code(abs(difference).bit_length(), BITS_OF_FIRST) + _value(difference)


@lru_cache(maxsize=1_024)
def _details(grain: int, block: int, count: int) -> str:
    """Write what a block has besides its mean: waves, the short ones weaker than the long ones."""
    random = Random(grain * 4 + block)
    waves = [random.choice((-1, 1)) * max(1, round(random.random() * 13 / number)) for number in range(1, count + 1)]
    words = (_code(abs(wave).bit_length(), BITS_OF_OTHER) + _value(wave) for wave in waves)
    return "".join(words) + _code(0, BITS_OF_OTHER)


def _code(number: int, length: int) -> str:
    return f"{number:0{length}b}"


def _value(number: int) -> str:
    """Write a number as JPEG does: without a sign, negative ones with all bits turned over."""
    length = abs(number).bit_length()
    return _code(number if number > 0 else number + (1 << length) - 1, length) if length else ""


def _notes(note: str) -> bytes:
    """Return Exif with a description, and a comment."""
    text = note.encode() + b"\0"
    described = pack("<2sHIHHHIII", b"II", 42, 8, 1, 0x010E, 2, len(text), 26, 0)
    return _segment(0xE1, b"Exif\0\0" + described + text) + _segment(0xFE, text)


def _tables() -> bytes:
    """Return what coefficients were divided by, and the codes."""
    codes = _codes(0, BITS_OF_FIRST, 12) + _codes(0x10, BITS_OF_OTHER, 5)
    return _segment(0xDB, b"\0" + bytes([STEP]) * 64) + _segment(0xC4, codes) + _segment(0xDD, pack(">H", 1))


def _codes(kind: int, length: int, count: int) -> bytes:
    """Return that there are `count` codes of `length` bits, for the numbers from 0 on."""
    return bytes([kind, *(count if bits == length else 0 for bits in range(1, 17)), *range(count)])


def _frame(width: int, height: int) -> bytes:
    """Return the size, and that brightness has twice as many pixels each way as the colour channels have."""
    channels = ((1, 0x22), (2, 0x11), (3, 0x11))
    size = pack(">BHHB", 8, height, width, 3) + b"".join(pack(">BBB", *channel, 0) for channel in channels)
    scan = b"\3" + b"".join(pack(">BB", number, 0) for number, _size in channels) + b"\0\x3f\0"
    return _segment(0xC0, size) + _segment(0xDA, scan)


def _segment(kind: int, body: bytes) -> bytes:
    return pack(">BBH", 0xFF, kind, len(body) + 2) + body
