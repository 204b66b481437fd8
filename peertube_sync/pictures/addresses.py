"""Where this site has the picture of a row. A visitor's browser then asks nobody else for it.

An address is made of the row (what it is a picture of, and its key), of the picture at the source, and of a width:

    /pictures/video/123/8c5f0a1e9b2d4c77/480

So it is known before the picture is here, and is another one when the source shows another picture. How to use it:

    if addresses.ours():
        picture = addresses.find("video", pk, thumbnails, preview_path, thumbnail_path)
        if picture:                       # None: the row has no picture
            picture.at(480)               # the path of the smallest with 480 pixels, else of the widest
            picture.srcset                # "/pictures/…/320 320w, /pictures/…/480 480w"
            picture.size(480)             # (480, 270), for width and height
            picture.blurred               # the path of the one that shows nothing, for sensitive videos

What pictures can be of, with the columns to hand over: `video` (`thumbnails`, `preview_path`, `thumbnail_path`),
`playlist` (`thumbnails`, `thumbnail_path`), `channel-avatar`, `account-avatar`, `instance-avatar` (`avatars`),
`channel-banner`, `instance-banner` (`banners`). Paths begin at the root of the host; who needs a whole address puts the
site's own before it. While a picture isn't here yet, its address answers with a neutral one of the same shape, 16
pixels wide, the status 202 and `no-store`; what may not be shown, 404.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

from peertube_sync.conf import get_settings
from peertube_sync.models.picture_shapes import BLURRED, SHAPES, Shape, pick
from peertube_sync.models.reading import Image

NAMESPACE = "peertube_sync_pictures"


@dataclass(frozen=True)
class PictureAddress:
    """Where a picture of a row is: `path` up to the last slash, behind which stands one of `widths`.

    `most` are the pixels that it has at the source, 0 where nobody says: none is made wider.
    """

    path: str
    widths: tuple[int, ...]
    most: int
    shape: Shape

    def at(self, width: int) -> str:
        """Return the path of the smallest picture that is so wide, else of the widest."""
        return f"{self.path}{self._best(width)}"

    def size(self, width: int) -> tuple[int, int]:
        """Return the width and height of the picture that `at` names, in pixels."""
        wide = self._pixels(self._best(width))
        return wide, self.shape.height(wide)

    @property
    def srcset(self) -> str:
        """What the attribute of that name lists."""
        return ", ".join(f"{self.path}{width} {self._pixels(width)}w" for width in self.widths)

    @property
    def blurred(self) -> str:
        """The path of the picture blurred beyond recognition, in whatever size it is shown."""
        return f"{self.path}{BLURRED}"

    def _best(self, width: int) -> int:
        return next((other for other in self.widths if other >= width), self.widths[-1])

    def _pixels(self, width: int) -> int:
        return min(width, self.most or width)


def ours() -> bool:
    """Tell whether pictures are shown from this site."""
    return get_settings().pictures == "site"


def find(of: str, pk: int, images: Sequence[Image] | None, *paths: str | None) -> PictureAddress | None:
    """Return where the picture of the row with the key `pk` is, by what the row publishes; None where that is nothing.

    None, too, where the addresses of this package aren't mounted.
    """
    picked, root = pick(of, images, *paths), base_of_pictures()
    if picked is None or not root:
        return None
    shape = SHAPES[of]
    return PictureAddress(f"{root}{of}/{pk}/{picked.version}/", shape.widths_of(picked.width), picked.width, shape)


def base_of_pictures() -> str:
    """Return the path that all addresses of pictures begin with, "" where none are mounted.

    Whoever writes parts of answers has no request to tell that, so FORCE_SCRIPT_NAME comes first.
    """
    return _pictures_mounted_at(get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF, settings.FORCE_SCRIPT_NAME)


def depend_on() -> tuple[str, ...]:
    """Return what decides how addresses are written, for parts of answers that are kept."""
    return (get_settings().pictures, base_of_pictures())


@lru_cache(maxsize=64)
def _pictures_mounted_at(prefix: str, urlconf: str, script: str | None) -> str:
    some = ("video", "0", "0", "0")
    try:
        path = reverse(f"{NAMESPACE}:picture", urlconf=urlconf, args=some)
    except NoReverseMatch:
        return ""
    mounted = path.removeprefix(prefix).removesuffix("/".join(some))
    return f"{(script or prefix).rstrip('/')}/{mounted}"
