"""Pictures that this site keeps: which one of a row, in which sizes, and what became of it.

`pick` says which of the pictures that a row publishes is taken. Its version, which is part of our addresses, is made of
that alone, so that an address exists before the picture is here, and changes with the picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from peertube_sync.client.naming import snake_keys
from peertube_sync.models.reading import WIDE, Image, image_width

BLURRED = "blurred"
"""What stands for the width of a picture that shows nothing."""
RECIPE = 1
"""How pictures are made; another number gives all of them new addresses."""
PREVIEW, THUMBNAIL = 850, 280
"""Pixels of the width that a video's two pictures have where nobody says (up to PeerTube 8.0)."""


@dataclass(frozen=True)
class Shape:
    """What pictures of one kind look like: `widths` in pixels, ascending, and the height of one as wide as `ratio`."""

    widths: tuple[int, ...]
    ratio: tuple[int, int]

    def height(self, width: int) -> int:
        """Return how high a picture is that is so wide."""
        return max(1, round(width * self.ratio[1] / self.ratio[0]))

    def widths_of(self, wide: int) -> tuple[int, ...]:
        """Return the widths in which a picture of `wide` pixels is kept; all where these are unknown, 0."""
        narrower = sum(width < wide for width in self.widths)
        return self.widths[: narrower + 1] if wide else self.widths


VIDEO, PLAYLIST = "video", "playlist"
CHANNEL_AVATAR, CHANNEL_BANNER, ACCOUNT_AVATAR = "channel-avatar", "channel-banner", "account-avatar"
INSTANCE_AVATAR, INSTANCE_BANNER = "instance-avatar", "instance-banner"
_THUMBNAIL = Shape((320, 480, 1280), (16, 9))
_AVATAR = Shape((120, 240), (1, 1))
_BANNER = Shape((640, 1280, 1920), (1920, 317))
SHAPES: Mapping[str, Shape] = {
    VIDEO: _THUMBNAIL,
    PLAYLIST: _THUMBNAIL,
    CHANNEL_AVATAR: _AVATAR,
    CHANNEL_BANNER: _BANNER,
    ACCOUNT_AVATAR: _AVATAR,
    INSTANCE_AVATAR: _AVATAR,
    INSTANCE_BANNER: _BANNER,
}
"""What pictures there are, by what they are of, as addresses write it."""


@dataclass(frozen=True)
class Picked:
    """A picture as its home publishes it: a path there, or a whole address elsewhere; `width` in pixels, 0: unknown."""

    address: str
    width: int

    @property
    def version(self) -> str:
        """Sixteen characters that are others for every other picture."""
        return blake2b(f"{RECIPE} {self.address}".encode(), digest_size=8).hexdigest()


def pick(of: str, images: Sequence[Image] | None, *paths: str | None) -> Picked | None:
    """Return the picture of a row to take: of `images`, else at the first of `paths`; None where there is none.

    Of those in the shape that is wanted, the smallest that is as wide as our widest, else the widest. `paths` of a
    video are those of its preview and its thumbnail, of a playlist that of its thumbnail.
    """
    named = [image for image in images or () if _published_address(image)]
    shaped = [image for image in named if image.get("aspect_ratio") == WIDE] or named
    if shaped:
        largest = SHAPES[of].widths[-1]
        wide = [image for image in shaped if image_width(image) >= largest]
        chosen = min(wide, key=_order) if wide else max(shaped, key=_order)
        return Picked(_published_address(chosen), image_width(chosen))
    known = {VIDEO: (PREVIEW, THUMBNAIL), PLAYLIST: (THUMBNAIL,)}.get(of, ())
    picked = (Picked(path, width) for path, width in zip(paths, known, strict=True) if path)
    return next(picked, None)


def images_of_instance(config: Any, column: str) -> list[Image]:
    """Return the "avatars" or "banners" of an instance by its config."""
    own = config.get("instance") if isinstance(config, dict) else None
    return images_in(own.get(column) if isinstance(own, dict) else None)


def images_in(listed: Any) -> list[Image]:
    """Return the pictures of a list in an instance's config, with keys in snake_case.

    A config is kept as it came, so what isn't of the shape of a picture is left out.
    """
    return [image for image in snake_keys(listed) if _is_image(image)] if isinstance(listed, list) else []


def _is_image(image: Any) -> bool:
    addresses = [image.get("file_url"), image.get("path")] if isinstance(image, dict) else []
    if not any(addresses) or not all(address is None or isinstance(address, str) for address in addresses):
        return False
    return image.get("width") is None or type(image["width"]) is int


def _published_address(image: Image) -> str:
    return image.get("file_url") or image.get("path") or ""


def _order(image: Image) -> tuple[int, object]:
    """Return what pictures are sorted by: instances list them in another order each time."""
    return image_width(image), _published_address(image)
