"""Making our pictures of a stranger's bytes: decoded within bounds, made smaller, written anew. Imports Pillow.

Nothing of the original is given to anybody: no metadata, no colour profile, no second frame, no byte. What isn't a
plain picture of a reasonable size is Unfit, which says why, before pixels are decoded wherever its header tells.
"""

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps
from PIL.Image import DecompressionBombWarning, Resampling
from PIL.JpegImagePlugin import JpegImageFile

from peertube_sync.ingest.pictures.keeping import Unfit
from peertube_sync.models.picture_shapes import BLURRED, Shape

LARGEST_PICTURE = 5 * 2**20
"""Bytes of a picture that is looked at; PeerTube's own have some hundred thousand."""
PIXELS = 2560 * 1920
"""The most that are decoded; PeerTube's own have half as many. A decoder takes up to 16 bytes for each."""
LONGEST_SIDE = 8192
NARROWEST = 8
"""How many times the shorter side the longer one may be; a banner's is six times. Beyond that, what we draw swells."""
SCANS = 100
"""Passes over a progressive JPEG that are decoded; usual ones have ten. Each takes time for all pixels in 17 bytes."""
PNG = b"\x89PNG\r\n\x1a\n"
PNG_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf")
"""What a PNG's pixels are made of, and what says which way is up."""
START_OF_SCAN = b"\xff\xda"
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""What PeerTube makes, or takes from who uploads. All others have no reader here that a stranger could reach."""
WEBP: Mapping[str, Any] = {"format": "WEBP", "method": 4}
SMALL, QUALITY, QUALITY_OF_LARGE = 320, 72, 60
"""Pixels up to which a picture has the first quality: wider ones are shown small on dense screens, or behind a button,
where nobody sees what the second one saves.
"""
TINY, BLURRED_WIDTH = 12, 320
"""Pixels that are left of a blurred picture, and the width in which these are drawn, smoothly."""

_at_work = threading.Lock()
"""Held while pixels are in memory: one picture at a time in a process, however many threads fetch."""


def make(body: bytes, shape: Shape) -> dict[str, bytes]:
    """Return WebP files by their width, narrowest first and none wider than the original, and the BLURRED one.

    Raises Unfit.
    """
    if len(body) > LARGEST_PICTURE:
        raise Unfit(f"it has more than {LARGEST_PICTURE} bytes")
    with _at_work, _errors_named():
        whole = _decoded(body, shape.widths[-1])
        files = {}
        for width in reversed(shape.widths_of(whole.width)):  # each of the next larger one
            whole = _narrowed(whole, width)
            files[str(width)] = _written(whole)
        blurred = _blurred(whole)
        return {**dict(reversed(files.items())), BLURRED: _written(blurred)}


def make_logo(body: bytes, largest: tuple[int, int]) -> tuple[bytes, int, int]:
    """Return a WebP of at most the `largest` width and height, without loss since logos have edges, and its size.

    Raises Unfit.
    """
    if len(body) > LARGEST_PICTURE:
        raise Unfit(f"it has {len(body)} bytes, more than {LARGEST_PICTURE}")
    with _at_work, _errors_named():
        whole = _decoded(body, largest[0])
        whole.thumbnail(largest, Resampling.LANCZOS)
        whole.info = {}
        file = BytesIO()
        whole.save(file, **WEBP, lossless=True)
        return file.getvalue(), whole.width, whole.height


@contextmanager
def _errors_named() -> Iterator[None]:
    """Make Unfit of whatever Pillow says of a file: what it stumbles over may be anything."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", DecompressionBombWarning)
            yield
    except Unfit:
        raise
    except Exception as error:
        raise Unfit(f"it can't be read as a picture: {type(error).__name__}: {error}"[:300]) from error


def _decoded(body: bytes, widest: int) -> Image.Image:
    """Return the first frame, upright, in RGB or RGBA, hardly wider than `widest` where the decoder can do that."""
    with Image.open(BytesIO(_plain_png(body)), formats=FORMATS) as opened:
        width, height = opened.size
        if width * height > PIXELS or max(width, height) > LONGEST_SIDE:
            raise Unfit(f"it has {width} x {height} pixels, more than {PIXELS} in all or {LONGEST_SIDE} in a row")
        if max(width, height) > NARROWEST * min(width, height):
            raise Unfit(f"it has {width} x {height} pixels, more than {NARROWEST} times as many in one direction")
        if isinstance(opened, JpegImageFile) and (scans := body.count(START_OF_SCAN)) > SCANS:
            raise Unfit(f"it has {scans} scans, more than {SCANS}")
        opened.draft("RGB", (widest, widest * height // width))  # a JPEG is decoded in an eighth, quarter, half size
        opened.load()
        ImageOps.exif_transpose(opened, in_place=True)
        mode = "RGBA" if opened.has_transparency_data else "RGB"
        return opened if opened.mode == mode else opened.convert(mode)


def _plain_png(body: bytes) -> bytes:
    """Return a PNG without the chunks that tell nothing of its pixels: texts unpack to sixty times what they take.

    Whatever isn't one, or ends within a chunk, is returned up to there, for Pillow to judge.
    """
    if not body.startswith(PNG):
        return body
    kept, at = bytearray(PNG), len(PNG)
    while header := body[at : at + 8]:
        end = at + 12 + int.from_bytes(header[:4], "big")
        if header[4:] in PNG_CHUNKS:
            kept += memoryview(body)[at:end]
        at = end
    return bytes(kept)


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    if width >= image.width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Resampling.LANCZOS, reducing_gap=2.0)


def _blurred(image: Image.Image) -> Image.Image:
    """Return what a few pixels tell of a picture: nothing but its colours."""
    tiny = image.convert("RGB").resize((TINY, max(1, round(image.height * TINY / image.width))), Resampling.BOX)
    return tiny.resize((BLURRED_WIDTH, max(1, round(BLURRED_WIDTH * tiny.height / TINY))), Resampling.BICUBIC)


def _written(image: Image.Image) -> bytes:
    """Return a WebP without anything but pixels."""
    image.info = {}
    file = BytesIO()
    image.save(file, **WEBP, quality=QUALITY if image.width <= SMALL else QUALITY_OF_LARGE)
    return file.getvalue()
