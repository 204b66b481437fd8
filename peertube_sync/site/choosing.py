"""Finding the video or playlist that somebody wants to choose, and how it is called where it is chosen."""

from contextlib import suppress

from django.db.models import Q

from peertube_sync.catalogue import queries
from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.short_uuid import parse_uuid
from peertube_sync.client.targets import recognise, video_of
from peertube_sync.models import Playlist, Video
from peertube_sync.site.presenters import VideoPresenter
from peertube_sync.site.selection import BadSelection, Selection, query_of

MOST_CHOICES = 100
"""Rows to choose from; who wants another one searches."""


def find_videos(text: str = "", most: int = MOST_CHOICES) -> list[Video]:
    """Return the video whose address or uuid `text` is, else what its words find, the best first, else the newest."""
    with suppress(InvalidTarget):
        uuid, _start = video_of(text)
        if named := list(queries.videos().filter(uuid=uuid).order_by("pk")[:1]):
            return named
    query = query_of(page_size=most, **({"q": text} if text else {}))
    try:
        return list(Selection(query, best_first=True).page().rows)
    except BadSelection:
        return []


def find_playlists(text: str = "", most: int = MOST_CHOICES) -> list[Playlist]:
    """Return the playlist whose address or uuid `text` is, else those that have all its words in their names."""
    rows = queries.playlists().order_by("-updated_at", "-pk")
    if uuid := _playlist_uuid(text):
        return list(rows.filter(uuid=uuid)[:1])
    words = (Q(display_name__icontains=word) for word in text.replace("\0", "").split()[:10])
    return list(rows.filter(*words)[:most])


def called(row: Video | Playlist) -> str:
    """Return the title that pages show of a row, the site's own before the source's."""
    return VideoPresenter(row).title if isinstance(row, Video) else row.display_name


def _playlist_uuid(text: str) -> str:
    with suppress(InvalidTarget):
        return str(parse_uuid(text))
    with suppress(InvalidTarget):
        target = recognise(text)
        return target.name if target.kind == "playlist" else ""
    return ""
