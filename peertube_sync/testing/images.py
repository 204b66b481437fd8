"""Pictures for thumbnails, previews, avatars and banners: drawn out of a name, the same one every time.

What is named `.png` is a PNG, as avatars often are; all else a JPEG that weighs what PeerTube's of that size do.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from itertools import pairwise

from peertube_sync.testing.jpeg import SIDE, Colour, jpeg

CELLS = 5


def picture(name: str, size: tuple[int, int]) -> tuple[str, bytes]:
    """Draw a mirrored pattern on a gradient, of width and height in pixels; return its type, and the file."""
    width, height = size
    seed = hashlib.sha256(name.encode()).digest()
    if name.endswith(".png"):
        return "image/png", _png(seed, width, height)
    across, down = -(-width // SIDE), -(-height // SIDE)
    squares = ([cells[x * CELLS // across] for x in range(across)] for cells in _lines_of_cells(seed, down))
    return "image/jpeg", jpeg(width, height, squares, name)


def _lines_of_cells(seed: bytes, height: int) -> list[list[Colour]]:
    """Return the colours of the cells in each line; the pattern of each band is mirrored like a face."""
    lines = []
    for y in range(height):
        shade = y * 90 // height
        red, green, blue = (20 + channel * 2 // 3 + shade // 2 for channel in seed[:3])
        ground = red, green, blue
        red, green, blue = (min(255, 120 + channel // 2 + shade // 3) for channel in seed[3:6])
        figure = red, green, blue
        bits = seed[8 + y * CELLS // height]
        lines.append([figure if bits >> min(x, CELLS - 1 - x) & 1 else ground for x in range(CELLS)])
    return lines


def _png(seed: bytes, width: int, height: int) -> bytes:
    edges = [x * width // CELLS for x in range(CELLS + 1)]
    widths = [end - start for start, end in pairwise(edges)]
    rows = (b"".join(map(bytes.__mul__, map(bytes, cells), widths)) for cells in _lines_of_cells(seed, height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\x00" + row for row in rows), 6)
    return png([(b"IHDR", header), (b"IDAT", pixels)])


def png(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """Return a PNG of `chunks`, each a kind and what is in it."""
    whole = b"\x89PNG\r\n\x1a\n"
    for kind, data in [*chunks, (b"IEND", b"")]:
        whole += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return whole
