"""The files that play a video, as its instance tells them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from peertube_sync.faces.addresses import safe

MP4 = "video/mp4"
TYPES = {"webm": "video/webm", "ogv": "video/ogg", "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg"}
"""Types of files by the end of their names; all others are MP4."""
HLS = "application/x-mpegURL"


@dataclass(frozen=True)
class File:
    """A file that plays: its length in bytes, 0 where nobody tells; pixels high, pictures per second.

    `download` is the address by which its instance wants it to be taken home.
    """

    address: str
    type: str
    length: int = 0
    height: int = 0
    rate: int = 0
    label: str = ""
    torrent: str = ""
    download: str = ""
    has_audio: bool = True


def files(files: Any, playlists: Any) -> list[File]:
    """Return the files of a video, the best first: those that are whole before those that are cut for streaming."""
    whole = sorted(_as_files(files or ()), key=lambda file: -file.height)
    cut = [file for playlist in playlists or () for file in _as_files(playlist.get("files") or ())]
    return whole + sorted(cut, key=lambda file: -file.height)


def _as_files(files: Iterable[Mapping[str, Any]]) -> Iterator[File]:
    for file in files:
        if address := safe(str(file.get("file_url") or "")):
            resolution = file.get("resolution") or {}
            ending = urlsplit(address).path.rpartition(".")[2].lower()
            size, height, rate = (
                _number_or_zero(value) for value in (file.get("size"), resolution.get("id"), file.get("fps"))
            )
            label, torrent = str(resolution.get("label") or ""), safe(str(file.get("torrent_url") or ""))
            download = safe(str(file.get("file_download_url") or "")) or address
            sounds = file.get("has_audio") is not False
            yield File(address, TYPES.get(ending, MP4), size, height, rate, label, torrent, download, sounds)


def _number_or_zero(value: Any) -> int:
    return max(int(value), 0) if isinstance(value, int | float) else 0


def streams(playlists: Any) -> list[File]:
    addresses = (safe(str(playlist.get("playlist_url") or "")) for playlist in playlists or ())
    return [File(address, HLS, label="HLS") for address in addresses if address]
