"""Pictures as pages show them: where they are, in which sizes, and how much room they get."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from peertube_sync.faces.addresses import safe
from peertube_sync.models import PUBLIC, Account, Channel, Instance, Playlist, Video
from peertube_sync.models.picture_shapes import (
    ACCOUNT_AVATAR,
    CHANNEL_AVATAR,
    CHANNEL_BANNER,
    INSTANCE_AVATAR,
    INSTANCE_BANNER,
    PLAYLIST,
    VIDEO,
    images_in,
)
from peertube_sync.models.reading import Image, picture_for
from peertube_sync.pictures import addresses
from peertube_sync.pictures.addresses import PictureAddress
from peertube_sync.pictures.told import COLUMNS

THUMBNAIL, POSTER, AVATAR, BANNER = 480, 1280, 120, 1920
"""CSS pixels that pictures are shown with on a dense screen; the nearest larger size is taken."""


@dataclass(frozen=True)
class PicturePlace:
    """Where a page shows a picture: so `wide`, by so many `high`, in CSS pixels on a dense screen.

    `room` is the attribute `sizes`: how wide it is shown. No picture with more than `most` pixels is offered for it.
    """

    wide: int
    high: int
    room: str = ""
    most: int = 0


CARD = PicturePlace(THUMBNAIL, 270, "(max-width: 34rem) calc(100vw - 2rem), 20rem", 480)
NARROW = PicturePlace(THUMBNAIL, 270, "12rem", 320)
"""A card beside a large one: half as wide as others."""
LARGE = PicturePlace(POSTER, 720, "(max-width: 60rem) 100vw, 60rem", 1280)
SMALL = PicturePlace(AVATAR, 120)
WIDE = PicturePlace(BANNER, 317, "100vw", 1920)


@dataclass(frozen=True)
class PictureTag:
    """A picture in an `<img>`: `srcset` and `sizes` are empty where there is one size alone; `address` too, of none.

    `ours`: this site has it.
    """

    address: str
    width: int
    height: int
    srcset: str = ""
    sizes: str = ""
    ours: bool = False

    @property
    def box(self) -> SafeString:
        """Return the attributes that keep room for it, whatever a language writes numbers like."""
        return mark_safe(f'width="{self.width}" height="{self.height}"')  # noqa: S308 - whole numbers


def of_video(row: Video, place: PicturePlace, *, blurred: bool) -> PictureTag:
    """Return the picture of a video; where this site has it, it is one that is `blurred` already.

    Of a video that isn't public this site has none.
    """
    if addresses.ours():
        return _own(_find_ours(VIDEO, row) if row.privacy_id == PUBLIC else None, place, blurred=blurred)
    path = row.thumbnail_path if place in (CARD, NARROW) else row.preview_path or row.thumbnail_path
    return _at_source(row, place, row.thumbnails, path)


def of_playlist(row: Playlist) -> PictureTag:
    if addresses.ours():
        return _own(_find_ours(PLAYLIST, row), CARD)
    return _at_source(row, CARD, row.thumbnails, row.thumbnail_path)


def avatar(row: Channel | Account) -> PictureTag:
    """Return the picture of an actor; where this site has them, not of one that is known from private videos alone."""
    if addresses.ours():
        of = CHANNEL_AVATAR if isinstance(row, Channel) else ACCOUNT_AVATAR
        return _own(None if row.private else _find_ours(of, row), SMALL)
    return _at_source(row, SMALL, row.avatars)


def instance_avatar(row: Instance) -> PictureTag:
    return _of_instance(row, INSTANCE_AVATAR, row.avatars, SMALL)


def instance_banner(row: Instance) -> PictureTag:
    return _of_instance(row, INSTANCE_BANNER, row.banners, WIDE)


def _of_instance(row: Instance, of: str, listed: Any, place: PicturePlace) -> PictureTag:
    images = images_in(listed)
    if addresses.ours():
        return _own(addresses.find(of, row.pk, images), place)
    return PictureTag(safe(picture_for(place.wide, row.scheme, row.host, images)), place.wide, place.high)


def banner(row: Channel | Account) -> PictureTag:
    """Return the wide picture of a channel."""
    if addresses.ours():
        return _own(_find_ours(CHANNEL_BANNER, row) if isinstance(row, Channel) and not row.private else None, WIDE)
    return _at_source(row, WIDE, getattr(row, "banners", []))


def _find_ours(of: str, row: Any) -> PictureAddress | None:
    return addresses.find(of, row.pk, *(getattr(row, column) for column in COLUMNS[of]))


def _own(picture: PictureAddress | None, place: PicturePlace, *, blurred: bool = False) -> PictureTag:
    if picture is None:
        return PictureTag("", place.wide, place.high, ours=True)
    width, height = picture.size(place.wide)
    if blurred:
        return PictureTag(picture.blurred, width, height, ours=True)
    offered = [wide for wide in picture.widths if wide <= place.most]
    srcset = ", ".join(f"{picture.at(wide)} {picture.size(wide)[0]}w" for wide in offered)
    return PictureTag(picture.at(place.wide), width, height, srcset, srcset and place.room, ours=True)


def _at_source(row: Any, place: PicturePlace, images: list[Image], path: str | None = None) -> PictureTag:
    home = row.instance.scheme, row.instance.host
    return PictureTag(safe(picture_for(place.wide, *home, images, path)), place.wide, place.high)
