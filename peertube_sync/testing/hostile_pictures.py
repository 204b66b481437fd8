"""Files that call themselves pictures and are none, or want to fill the memory of who opens them.

For a fault: `Fault("body", "/lazy-static/", content_type=kind, body=file)`.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from struct import pack

from peertube_sync.testing.images import picture, png

SIDE = 50_000
"""Pixels of a side of the largest ones."""
FRAMES = 20_000
MEGABYTE = 1 << 20

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)"><script>alert(2)</script></svg>'
PAGE = b"<!DOCTYPE html><title>A picture</title><script>alert(3)</script>"


@lru_cache(maxsize=1)
def hostile_pictures() -> dict[str, tuple[str, bytes]]:
    """Return type and file of each, by what is wrong with it."""
    _kind, good = picture("good.jpg", (850, 480))
    return {
        "PNG that swells to 2.5 GB": ("image/png", _swelling_png()),
        "PNG that says it is large": ("image/png", _png_of(SIDE, SIDE, zlib.compress(b"\0" * 100))),
        "PNG without pixels": ("image/png", _png_of(0, 0, zlib.compress(b""))),
        "GIF of many frames": ("image/gif", _gif(64, 64, FRAMES)),
        "GIF that says it is large": ("image/gif", _gif(0xFFFF, 0xFFFF, 1)),
        "WebP of 268 megapixels in a few bytes": ("image/webp", _webp()),
        "SVG with a script": ("image/svg+xml", SVG),
        "SVG that is called a PNG": ("image/png", SVG),
        "page that is called a JPEG": ("image/jpeg", PAGE),
        "picture that is called a page": ("text/html", good),
        "half of a JPEG": ("image/jpeg", good[: len(good) // 2]),
        "JPEG with a script behind it": ("image/jpeg", good + PAGE),
        "noise": ("image/jpeg", bytes(range(256)) * 40),
        "nothing": ("image/jpeg", b""),
    }


def _png_of(width: int, height: int, pixels: bytes) -> bytes:
    """Return a PNG of a byte per pixel, whatever its `pixels` are."""
    return png([(b"IHDR", pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", pixels)])


def _swelling_png() -> bytes:
    """Return SIDE times SIDE black pixels: a megabyte of zeros, compressed by itself, again and again."""
    length = SIDE * (SIDE + 1)
    compressor = zlib.compressobj(9, wbits=-15)
    megabyte = compressor.compress(b"\0" * MEGABYTE) + compressor.flush(zlib.Z_FULL_FLUSH)
    rest = compressor.compress(b"\0" * (length % MEGABYTE)) + compressor.flush()
    checksum = (length % 65_521) << 16 | 1
    return _png_of(SIDE, SIDE, b"\x78\xda" + megabyte * (length // MEGABYTE) + rest + pack(">I", checksum))


def _gif(width: int, height: int, frames: int) -> bytes:
    """Return an animation; each frame of it is one pixel, on a screen of `width` times `height`."""
    frame = b"\x21\xf9\x04\x08\x01\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    return b"GIF89a" + pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + frame * frames + b"\x3b"


def _webp() -> bytes:
    """Return 16,384 times 16,384 pixels: with one symbol in each of its five codes, a pixel takes no bit at all."""
    size = (0x3FFF | 0x3FFF << 14).to_bytes(4, "little")
    one_symbol_each = sum(1 << 3 + 4 * code for code in range(5)).to_bytes(4, "little")
    body = b"\x2f" + size + one_symbol_each
    chunk = b"VP8L" + pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + pack("<I", 4 + len(chunk)) + b"WEBP" + chunk
