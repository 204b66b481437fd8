"""Which of the sizes of a picture to show."""

from collections.abc import Iterable, Mapping
from typing import Any

from peertube_sync.client.addresses import address_at
from peertube_sync.models import Instance

Images = Iterable[Mapping[str, Any]]


def image_address(instance: Instance, images: Images, width: int, path: str | None = None) -> str:
    """Return the address of a picture for `width` pixels: the smallest that is wide enough, else the widest; or "".

    Without any in `images`, `path` it is. The images are as published, in snake_case: `file_url` is absolute,
    `path` begins at the instance.
    """
    ordered = sorted(images, key=lambda image: image.get("width") or 0)
    wide = [image for image in ordered if (image.get("width") or 0) >= width]
    chosen = next(iter(wide or ordered[::-1]), {})
    return str(chosen.get("file_url") or address_at(instance.url, chosen.get("path") or path))
