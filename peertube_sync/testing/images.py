"""Pictures for thumbnails and avatars: a small PNG out of a name, the same one every time."""

from __future__ import annotations

import hashlib
import struct
import zlib
from functools import lru_cache

THUMBNAIL = (280, 157)
AVATAR = (120, 120)
CELLS = 5


@lru_cache(maxsize=512)
def picture(name: str, size: tuple[int, int]) -> bytes:
    """Draw a PNG of width and height in pixels: a mirrored pattern on a gradient."""
    width, height = size
    seed = hashlib.sha256(name.encode()).digest()
    rows = b"".join(b"\x00" + _row(seed, y, width, height) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _row(seed: bytes, y: int, width: int, height: int) -> bytes:
    """Draw one line of pixels; the pattern of each band is mirrored like a face."""
    shade = y * 90 // height
    ground = bytes(20 + channel * 2 // 3 + shade // 2 for channel in seed[:3])
    figure = bytes(min(255, 120 + channel // 2 + shade // 3) for channel in seed[3:6])
    bits = seed[8 + y * CELLS // height]
    cells = [figure if bits >> min(x, CELLS - 1 - x) & 1 else ground for x in range(CELLS)]
    edges = [x * width // CELLS for x in range(CELLS + 1)]
    return b"".join(cells[x] * (edges[x + 1] - edges[x]) for x in range(CELLS))


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
