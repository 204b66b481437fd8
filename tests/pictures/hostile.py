"""Files that call themselves pictures, as somebody who means ill would publish them, by what they are."""

import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

from PIL import Image

SECRET = b"<script>alert('from the original')</script>"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: int) -> bytes:
    """Return a grey PNG whose header tells this size; `rows` of it are really there, all black."""
    deflated = zlib.compressobj(9)
    line = bytes(width // 8 + 2)
    pixels = b"".join(deflated.compress(line) for _row in range(rows)) + deflated.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def gif(width: int, height: int, frames: int = 1) -> bytes:
    """Return a GIF whose screen has this size, and whose frames are of one pixel."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    palette = b"\x00\x00\x00\xff\xff\xff"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + palette + frame * frames + b"\x3b"


def webp(width: int, height: int) -> bytes:
    """Return a WebP whose canvas has this size, and nothing on it."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + bytes(4) + canvas
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def many_scans(scans: int) -> bytes:
    """Return a progressive JPEG that refines the same coefficients of all its pixels over and over, by nothing."""
    body = drawn("JPEG", (2560, 1920), quality=20, progressive=True)
    refinement = b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 1, 63, 0x10) + bytes(3)
    return body.removesuffix(b"\xff\xd9") + refinement * scans + b"\xff\xd9"


def drawn(kind: str, size: tuple[int, int] = (640, 360), **options: object) -> bytes:
    file = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(file, kind, **options)
    return file.getvalue()


def commented() -> bytes:
    """Return a large PNG with 63 comments of a megabyte each, in 85 kB."""
    file = BytesIO()
    Image.new("RGBA", (2560, 1920), "#0008").save(file, "PNG")
    comment = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2**20 - 1), 9))
    behind_header = len(b"\x89PNG\r\n\x1a\n") + 12 + 13
    return file.getvalue()[:behind_header] + comment * 63 + file.getvalue()[behind_header:]


REFUSED: dict[str, Callable[[], bytes]] = {
    "a PNG of 50,000 x 50,000 with nothing in it": lambda: png(50_000, 50_000, 0),
    "a bomb: a PNG of 20,000 x 20,000 in 50 kB": lambda: png(20_000, 20_000, 20_000),
    "a bomb: a GIF of 60,000 x 60,000": lambda: gif(60_000, 60_000),
    "a bomb: a WebP of 16,000 x 16,000": lambda: webp(16_000, 16_000),
    "a very long line": lambda: png(9_000, 1, 1),
    "a line that would swell": lambda: png(1, 256, 256),
    "a line that would swell to gigabytes": lambda: png(1, 8192, 8192),
    "a JPEG that is gone over two thousand times": lambda: many_scans(2_000),
    "an SVG with a script": lambda: b'<svg xmlns="http://www.w3.org/2000/svg">' + SECRET + b"</svg>",
    "a page": lambda: b"<!DOCTYPE html><title>Not here</title>" + SECRET,
    "half of a JPEG": lambda: drawn("JPEG")[:9_000],
    "half of a PNG": lambda: drawn("PNG")[:90_000],
    "a TIFF, which nobody publishes": lambda: drawn("TIFF"),
    "nothing": lambda: b"",
    "more than a picture may have": lambda: drawn("JPEG") + bytes(6 * 2**20),
}
"""How each is made: that takes longer than most tests, so it is done where one is wanted."""


def harmless() -> Iterator[tuple[str, bytes]]:
    """Yield what becomes a picture, and must not take anything along."""
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = SECRET.decode(), 6
    yield "a JPEG with a script in its metadata, and behind it", drawn("JPEG", exif=exif, comment=SECRET) + SECRET
    yield "a GIF of ten thousand frames", gif(640, 360, 10_000)
    yield "a large PNG whose comments unpack to 63 megabytes", commented()
    yield "the largest that is taken", png(2560, 1920, 1920)
