"""What the page of a video has besides the video: transcripts, its place in a playlist, files to take home."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.lookups import by_uuid, find_or_404
from peertube_sync.catalogue.visibility import available
from peertube_sync.faces.pages import page
from peertube_sync.faces.video_files import File, files
from peertube_sync.models import Caption, Playlist, PlaylistElement, Video
from peertube_sync.models.constant_names import name_of
from peertube_sync.site.addresses import with_query
from peertube_sync.site.presenters import VideoPresenter
from peertube_sync.site.source_presenters import PlaylistPresenter

BEFORE, AFTER = 2, 6
"""How many places of a playlist are named before and after the one that plays."""
POSITION = re.compile(r"[0-9]{1,9}")
"""The position of a place, which no database finds too large."""


@dataclass(frozen=True)
class TranscriptLanguage:
    """A language in which a video has a transcript, which is at `path`; `is_shown` tells whether it is chosen."""

    caption: Caption
    path: str
    is_shown: bool = False

    @property
    def code(self) -> str:
        return self.caption.language_id

    @property
    def address(self) -> str:
        return self.at()

    def at(self, **query: object) -> str:
        """Return the address of the transcript, or of what `query` asks of it."""
        return with_query(self.path, language=self.code, **query)

    @property
    def name(self) -> str:
        """Return what the language is called, in the visitor's; what a machine wrote is told."""
        called = name_of("language", self.code, self.caption.language_label) or self.code or _("Unknown language")
        return _("%(language)s (by machine)") % {"language": called} if self.caption.automatically_generated else called


def languages_of(row: Video, captions: Iterable[Any]) -> list[TranscriptLanguage]:
    """Return the languages in which there is a transcript, that of the video first, then as captions are sorted."""
    there = sorted(
        (caption for caption in captions if caption.is_transcribed),
        key=lambda caption: caption.language_id != (row.language_id or ""),
    )
    path = page("transcript", row.short_uuid)
    return [TranscriptLanguage(caption, path) for caption in there if path]


@dataclass(frozen=True)
class QueueEntry:
    """An element of a playlist, and its video as it plays there."""

    element: PlaylistElement
    video: VideoPresenter
    is_current: bool = False


@dataclass(frozen=True)
class Queue:
    """A playlist that is played: the `places` around the current one."""

    playlist: PlaylistPresenter
    places: list[QueueEntry]

    @property
    def current(self) -> QueueEntry:
        return next(place for place in self.places if place.is_current)

    @property
    def previous(self) -> QueueEntry | None:
        return self._beside(-1)

    @property
    def next(self) -> QueueEntry | None:
        return self._beside(1)

    def _beside(self, step: int) -> QueueEntry | None:
        number = self.places.index(self.current) + step
        return self.places[number] if 0 <= number < len(self.places) else None


def present_element(element: PlaylistElement, playlist: Playlist) -> VideoPresenter:
    """Return the video of an element that has one, as it plays there."""
    start, stop = (max(0, second or 0) for second in (element.start_timestamp, element.stop_timestamp))
    place = {"playlist": playlist.short_uuid, "position": element.position}
    return VideoPresenter(cast("Video", element.video), start=start, stop=stop, place=place)


def find_queue(query: QueryDict, row: Video) -> Queue | None:
    """Return the playlist that `query` names, around the place of the video `row`; None where that isn't in it."""
    try:
        playlist = find_or_404(queries.playlist_details(), by_uuid, query.get("playlist", ""))
    except Http404:
        return None
    visible = queries.elements().filter(playlist=playlist, video__in=available().order_by().values("pk"))
    here = visible.filter(video=row).order_by("position", "pk")
    asked = query.get("position", "")
    named = here.filter(position=int(asked)).first() if POSITION.fullmatch(asked) else None
    current = named or here.first()
    if current is None:
        return None
    before = list(visible.filter(position__lt=current.position).order_by("-position", "-pk")[:BEFORE])
    after = list(visible.filter(position__gt=current.position).order_by("position", "pk")[:AFTER])
    elements = [*reversed(before), current, *after]
    places = [
        QueueEntry(element, present_element(element, playlist), element is current)
        for element in elements
        if element.video
    ]
    return Queue(PlaylistPresenter(playlist), places)


def downloads_of(row: Video) -> list[File]:
    """Return the files that may be taken home, the best first: none of a live, nor where its owner doesn't allow it.

    Of files that are cut for streaming those with sound, and only where there are no others.
    """
    if not row.download_enabled or row.is_live:
        return []
    return files(row.files, ()) or [file for file in files((), row.streaming_playlists) if file.has_audio]
