"""What is told of a row: which title, text, picture and address, decided once for all that show or search it.

Plain functions of the values of columns, so that instances and dicts of `values()` are read alike. `scheme` and `host`
are those of the row's instance, its home. Addresses are "" where there is none. `images` are as published, in
snake_case: by `file_url`, which is absolute, or `path`, which begins at the home.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from peertube_sync.client.addresses import address_at, file_at
from peertube_sync.client.short_uuid import shorten

Image = Mapping[str, Any]

HOME = ("instance__scheme", "instance__host")
"""The columns of the instance that an address begins with."""
TITLE = ("curation__title", "name")
CUT_TEXT = ("curation__text", "truncated_description")
FULL_TEXT = ("curation__text", "description", "truncated_description")
"""The columns of a video that `own_or` makes its title and cut text of, `full_text` the whole one."""

PLAYER, PLAYLIST_PLAYER = "/videos/embed/", "/video-playlists/embed/"
"""Where every PeerTube has its player of a video and of a playlist, before the uuid."""
CARD = 640
"""Pixels that the picture of a video in a list should have."""
WIDE = "16:9"
PLAIN_PATH = re.compile(r"/[\w.~/-]+", re.ASCII)


def scheme_and_host(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return scheme and host of the home of a row that has the columns `HOME`."""
    return row["instance__scheme"], row["instance__host"]


def own_or(ours: str | None, theirs: str | None) -> str | None:
    """Return the title, or the text as lists tell it: what the site's people wrote, else what the source says."""
    return ours or theirs


def full_text(ours: str | None, whole: str | None, cut: str | None) -> str | None:
    """Return the text: the site's own, else the source's, which is `cut` until its details tell the `whole`."""
    return ours or (cut if whole is None else whole)


def home_url(scheme: str, host: str) -> str:
    """Return the address of an instance, without a slash at its end."""
    return f"{scheme}://{host}"


def watch_address(scheme: str, host: str, uuid: UUID) -> str:
    """Return where people watch a video at its home (PeerTube 3.3 on)."""
    return f"{scheme}://{host}/w/{shorten(uuid)}"


def playlist_address(scheme: str, host: str, uuid: UUID) -> str:
    """Return where people watch a playlist at its home."""
    return f"{scheme}://{host}/w/p/{shorten(uuid)}"


def player_path(path: str | None, uuid: UUID, player: str = PLAYER) -> str:
    """Return where the player is on its home: at the published `path`, else where every PeerTube has it.

    A path that isn't plain is no place for it: a query is put behind it.
    """
    return path if path and PLAIN_PATH.fullmatch(path) else f"{player}{uuid}"


def embed_address(scheme: str, host: str, path: str | None, uuid: UUID, player: str = PLAYER) -> str:
    """Return the address of the player."""
    return f"{scheme}://{host}{player_path(path, uuid, player)}"


def image_address(scheme: str, host: str, image: Image) -> str:
    return image.get("file_url") or address_at(home_url(scheme, host), image.get("path"))


def with_addresses(scheme: str, host: str, images: Sequence[Image]) -> list[dict[str, object]]:
    """Return pictures with their absolute addresses, which PeerTube tells from 7.1 on."""
    return [{**image, "file_url": image_address(scheme, host, image)} for image in images]


def widest(scheme: str, host: str, path: str | None, images: Sequence[Image]) -> str:
    """Return the address of the widest of `images` (PeerTube 8.1 on), else that of the one at `path`."""
    address = image_address(scheme, host, max(images, key=image_width)) if images else ""
    return address or address_at(home_url(scheme, host), path)


def small(scheme: str, host: str, path: str | None, images: Sequence[Image]) -> str:
    """Return the address of the picture at `path`, the small one, else of the widest of `images`."""
    return address_at(home_url(scheme, host), path) or widest(scheme, host, path, images)


def preview(scheme: str, host: str, path: str | None, thumbnail: str | None, images: Sequence[Image]) -> str:
    """Return the address of the picture before it plays: the one at `path`, else the widest there is."""
    return address_at(home_url(scheme, host), path) or widest(scheme, host, thumbnail, images)


def picture_for(width: int, scheme: str, host: str, images: Sequence[Image], path: str | None = None) -> str:
    """Return the address of the smallest picture with `width` pixels, else of the widest; else of the one at `path`."""
    wide = [image for image in images if image_width(image) >= width]
    address = image_address(scheme, host, min(wide, key=image_width)) if wide else ""
    return address or widest(scheme, host, path, images)


def card(scheme: str, host: str, images: Sequence[Image], *paths: str | None) -> str:
    """Return the address of a picture that fills a place in a list.

    Of `images`, best of those that are as wide as a video, the smallest with CARD pixels, else the widest; else the
    one at the first of `paths` that leads anywhere.
    """
    wide = [image for image in images if image.get("aspect_ratio") == WIDE]
    address = picture_for(CARD, scheme, host, wide or images)
    return address or next(filter(None, (address_at(home_url(scheme, host), path) for path in paths)), "")


def caption_file(scheme: str, host: str, path: str | None, address: str | None) -> str:
    """Return the address of a caption file: as published, else that of its `path`, which may be an address too."""
    return address or file_at(home_url(scheme, host), path)


def image_width(image: Image) -> int:
    """Return how many pixels wide a picture is, 0 where nobody says."""
    return image.get("width") or 0
