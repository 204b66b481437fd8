"""Which files a row publishes, and at which paths of its home: plain functions of the values of columns."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlsplit

from peertube_sync.client.addresses import file_at
from peertube_sync.models.answer import Kind
from peertube_sync.models.base import Row
from peertube_sync.models.reading import home_url, image_address

FOLDERS = ("/lazy-static/", "/static/", "/download/")
"""Where a PeerTube has its files."""
FILES: Mapping[Kind, tuple[str, ...]] = {
    Kind.VIDEO: ("uuid", "thumbnail_path", "preview_path", "thumbnails", "files", "streaming_playlists"),
    Kind.CHANNEL: ("avatars", "banners"),
    Kind.ACCOUNT: ("avatars",),
    Kind.PLAYLIST: ("uuid", "thumbnail_path", "thumbnails"),
}
"""Columns that tell of files, by the kind of a row, and its uuid; captions are rows of their own."""
CAPTION = ("caption_path", "file_url", "m3u8_url")
MOST_FILES = 500
"""Files of a row that count."""


def files_at_home(row: Row, captions: list[Row]) -> dict[str, str]:
    """Return the addresses of the files at the home of a row, by their paths there; `captions` are those of a video."""
    host = row["instance__host"]
    files: dict[str, str] = {}
    for address in islice(_addresses_of_row(row, captions), MOST_FILES):
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        if parts.netloc.lower() == host and parts.path.startswith(FOLDERS):
            files.setdefault(unquote(parts.path), address)
    return files


def file_key(path: str) -> int:
    """Return the number by which a path of a file is looked for."""
    return int.from_bytes(blake2b(path.encode(), digest_size=8).digest(), "big", signed=True)


def _addresses_of_row(row: Row, captions: list[Row]) -> Iterator[str]:
    scheme, host = row["instance__scheme"], row["instance__host"]
    paths = [row.get("thumbnail_path"), row.get("preview_path")]
    for caption in captions:
        paths += [caption[name] for name in CAPTION]
    at_home = home_url(scheme, host)
    yield from filter(None, (file_at(at_home, path) for path in paths))
    for name in ("thumbnails", "avatars", "banners"):
        yield from (image_address(scheme, host, image) for image in row.get(name) or ())
    for name in ("files", "streaming_playlists"):
        yield from _urls_within(row.get(name))


def _urls_within(value: Any) -> Iterator[str]:
    """Yield what stands under a name that ends in `_url`, however deep."""
    if isinstance(value, list):
        for item in value:
            yield from _urls_within(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str):
                if name.endswith("_url"):
                    yield item
            else:
                yield from _urls_within(item)
