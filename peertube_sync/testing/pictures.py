"""The sizes of pictures: thumbnails as PeerTube 8.1 and later make them, avatars and banners."""

from __future__ import annotations

from peertube_sync.testing.identifiers import uuid_text
from peertube_sync.testing.records import Picture, Playlist, Video

FOLDER = "/lazy-static/thumbnails/"
AVATAR_SIZES = ((48, 48), (120, 120), (600, 600), (1500, 1500))
BANNER_SIZES = ((600, 100), (1920, 317))
#: Width, height and ratio, as observed on 8.2.1; the first one is `thumbnailPath`, the last one `previewPath`.
THUMBNAIL_SIZES = (
    (280, 157, "16:9"),
    (850, 480, "16:9"),
    (1280, 720, "16:9"),
    (1400, 1400, "1:1"),
    (1920, 1080, "16:9"),
)


Size = tuple[int, int]
"""Width and height of a picture, in pixels."""
SIZES_OF_FOLDERS: dict[str, Size] = {"previews": (850, 480), "avatars": (120, 120), "banners": (1920, 317)}


def size_by_name(path: str) -> Size:
    """Return the size of a picture that no row tells: of a thumbnail by the width at the end of its name."""
    folder, _, name = path.rpartition("/")
    ending = name.rpartition("-")[2].partition(".")[0]
    by_width = {str(width): (width, height) for width, height, _ratio in THUMBNAIL_SIZES}
    return SIZES_OF_FOLDERS.get(folder.rpartition("/")[2]) or by_width.get(ending, THUMBNAIL_SIZES[0][:2])


def thumbnail_path(row: Video | Playlist) -> str | None:
    """Return the path of the smallest thumbnail; None for a playlist without any."""
    return f"{_stem(row)}.jpg" if row.thumbnail == "" else row.thumbnail


def preview_path(video: Video, *, among_thumbnails: bool) -> str:
    """Return the path of the largest thumbnail, or of the preview that older releases have in a folder of its own."""
    if video.preview:
        return video.preview
    return f"{_stem(video)}-1920.jpg" if among_thumbnails else f"/lazy-static/previews/{uuid_text(video.number)}.jpg"


def thumbnails(row: Video | Playlist) -> tuple[Picture, ...]:
    """Return all sizes, in the row's own order."""
    if row.thumbnails is not None:
        return row.thumbnails
    smallest = thumbnail_path(row)
    if smallest is None:
        return ()
    paths = [smallest, *(f"{_stem(row)}-{width}.jpg" for width, _height, _ratio in THUMBNAIL_SIZES[1:])]
    return tuple(Picture(*size, path) for size, path in zip(THUMBNAIL_SIZES, paths, strict=True))


def _stem(row: Video | Playlist) -> str:
    return f"{FOLDER}{'playlist-' if isinstance(row, Playlist) else ''}{uuid_text(row.number)}"
