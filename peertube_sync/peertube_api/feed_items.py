"""What feeds tell of a video, in the words of no format: only addresses that are safe to open, "" for none."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.aggregates import tag_names
from peertube_sync.catalogue.answer_plan import AnswerPlan, Computed, Related, Table
from peertube_sync.faces.addresses import safe
from peertube_sync.models.reading import (
    CUT_TEXT,
    FULL_TEXT,
    HOME,
    TITLE,
    caption_file,
    embed_address,
    full_text,
    own_or,
    preview,
    watch_address,
    widest,
)

MP4 = "video/mp4"
TYPES = {"webm": "video/webm", "ogv": "video/ogg", "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg"}
"""Types of files by the end of their names; all others are MP4."""
HLS = "application/x-mpegURL"


@dataclass(frozen=True)
class File:
    """A file that plays: its length in bytes, 0 where nobody tells; pixels high, pictures per second."""

    address: str
    type: str
    length: int = 0
    height: int = 0
    rate: int = 0
    label: str = ""
    torrent: str = ""


def _files(files: Any, playlists: Any) -> list[File]:
    """Return the files of a video, the best first: those that are whole before those that are cut for streaming."""
    whole = sorted(_read(files or ()), key=lambda file: -file.height)
    cut = [file for playlist in playlists or () for file in _read(playlist.get("files") or ())]
    return whole + sorted(cut, key=lambda file: -file.height)


def _read(files: Iterable[Mapping[str, Any]]) -> Iterator[File]:
    for file in files:
        if address := safe(str(file.get("file_url") or "")):
            resolution = file.get("resolution") or {}
            ending = urlsplit(address).path.rpartition(".")[2].lower()
            size, height, rate = (_number(value) for value in (file.get("size"), resolution.get("id"), file.get("fps")))
            label, torrent = str(resolution.get("label") or ""), safe(str(file.get("torrent_url") or ""))
            yield File(address, TYPES.get(ending, MP4), size, height, rate, label, torrent)


def _number(value: Any) -> int:
    return max(int(value), 0) if isinstance(value, int | float) else 0


def _streams(playlists: Any) -> list[File]:
    addresses = (safe(str(playlist.get("playlist_url") or "")) for playlist in playlists or ())
    return [File(address, HLS, label="HLS") for address in addresses if address]


def _captions(scheme: str, host: str, found: Any) -> list[tuple[str, str]]:
    """Return language and address of the captions."""
    rows = sorted(found or (), key=lambda row: row["language_id"])
    addresses = (safe(caption_file(scheme, host, row["caption_path"], row["file_url"])) for row in rows)
    return [(row["language_id"], address) for row, address in zip(rows, addresses, strict=True) if address]


def _picture(nsfw: bool, *columns: Any) -> str:  # noqa: FBT001 - a column
    """Return the picture before it plays; none of a video whose pictures are blurred here."""
    return "" if nsfw and visibility.blurs_nsfw() else safe(preview(*columns))


ACTOR: Table = {
    "title": "display_name",
    "name": "name",
    "url": Computed(safe, "url"),
    "avatar": Computed(lambda scheme, host, images: safe(widest(scheme, host, None, images)), *HOME, "avatars"),
}
ITEM = AnswerPlan(
    {
        "uuid": "uuid",
        "url": Computed(safe, "url"),
        "address": Computed(lambda *columns: safe(watch_address(*columns)), *HOME, "uuid"),
        "embed": Computed(lambda *columns: safe(embed_address(*columns)), *HOME, "embed_path", "uuid"),
        "title": Computed(own_or, *TITLE),
        "text": Computed(full_text, *FULL_TEXT),
        "summary": Computed(own_or, *CUT_TEXT),
        "picture": Computed(_picture, "nsfw", *HOME, "preview_path", "thumbnail_path", "thumbnails"),
        "nsfw": "nsfw",
        "duration": "duration",
        "views": "views",
        "published_at": "published_at",
        "updated_at": "updated_at",
        "language": "language_id",
        "category": "category_label",
        "tags": Computed(tag_names, "all_tags"),
        "files": Computed(_files, "files", "streaming_playlists"),
        "streams": Computed(_streams, "streaming_playlists"),
        "captions": Computed(_captions, *HOME, "all_captions"),
        "chapters": Computed(lambda found: len(found or ()), "all_chapters"),
        "channel": Related("channel", ACTOR),
        "account": Related("account", ACTOR),
    }
)
