"""Looking at pictures as a browser does, and at the files behind them."""

from pathlib import Path
from typing import Any

from django.test import Client

from peertube_sync.models import Video
from peertube_sync.models.picture_shapes import pick
from peertube_sync.pictures import addresses


def address_of(video: Video) -> addresses.PictureAddress:
    found = addresses.find("video", video.pk, video.thumbnails, video.preview_path, video.thumbnail_path)
    assert found is not None
    return found


def get(address: str, **headers: str) -> Any:
    return Client().get(address, headers=headers)


def in_all_sizes(address: addresses.PictureAddress) -> list[str]:
    return [*(address.at(width) for width in address.widths), address.blurred]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def picture_name(video: Video) -> str:
    """Return the name of the file at the source that is fetched for a video."""
    picked = pick("video", video.thumbnails, video.preview_path, video.thumbnail_path)
    assert picked is not None
    return picked.address.rpartition("/")[2]
