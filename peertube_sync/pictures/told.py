"""What answers tell of pictures: where this site has them, or as ever where the source has (`PICTURES`).

Answers are stored and kept without knowing by which name the site is asked. So where an answer tells a whole address of
ours, HERE stands for that name at the beginning of a text, and who writes JSON for a request calls `with_root`.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest

from peertube_sync.models.picture_shapes import (
    ACCOUNT_AVATAR,
    CHANNEL_AVATAR,
    CHANNEL_BANNER,
    INSTANCE_AVATAR,
    INSTANCE_BANNER,
    PLAYLIST,
    VIDEO,
)
from peertube_sync.pictures import addresses
from peertube_sync.pictures.addresses import PictureAddress

T = TypeVar("T")

HERE = "\x1a"
"""Stands for the site's own name. It is a control character, which nothing published begins with."""
HERE_IN_JSON = b'"\\u001a/'
COLUMNS: Mapping[str, tuple[str, ...]] = {
    VIDEO: ("thumbnails", "preview_path", "thumbnail_path"),
    PLAYLIST: ("thumbnails", "thumbnail_path"),
    CHANNEL_AVATAR: ("avatars",),
    CHANNEL_BANNER: ("banners",),
    ACCOUNT_AVATAR: ("avatars",),
    INSTANCE_AVATAR: ("avatars",),
    INSTANCE_BANNER: ("banners",),
}
"""The columns of a row that say which picture it has, by what it is of."""
Ours = Callable[..., T]
"""Makes something of where a picture is, None where there is none, and of the values of other columns."""


def told(of: str, ours: Ours[T], theirs: Callable[..., T], *columns: str) -> tuple[Any, ...]:
    """Return what makes something of a row's picture, and the columns it takes: `ours` or, of `columns`, `theirs`."""
    own = ("pk", *COLUMNS[of])

    def make(*values: Any) -> T:
        rest = values[len(own) :]
        return ours(addresses.find(of, *values[: len(own)]), *rest) if addresses.ours() else theirs(*rest)

    return make, *own, *columns


def whole_address(width: int) -> Ours[str]:
    """Return what makes the whole address of a picture with so many pixels; "" of none."""
    return lambda found, *_columns: f"{HERE}{found.at(width)}" if found else ""


def path(width: int) -> Ours[str]:
    """Return what makes the path of a picture with so many pixels; "" of none."""
    return lambda found, *_columns: found.at(width) if found else ""


def every_size(found: PictureAddress | None, *_columns: Any) -> list[dict[str, object]]:
    """Return the path, width and height of a picture in all its sizes, the narrowest first; none of no picture."""
    if found is None:
        return []
    sizes = ((found.at(width), *found.size(width)) for width in found.widths)
    return [{"path": at, "width": width, "height": height} for at, width, height in sizes]


def with_root(request: HttpRequest, content: bytes) -> bytes:
    """Return JSON with this site's name, as `request` has it, in the place of HERE."""
    if not addresses.ours():
        return content
    root = request.build_absolute_uri("/").encode()
    return content.replace(HERE_IN_JSON, b'"' + root)
