"""What the page of a video has besides the video: its transcripts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from peertube_sync.faces.pages import page
from peertube_sync.models import Caption, Video
from peertube_sync.models.constant_names import name_of
from peertube_sync.site.addresses import with_query


@dataclass(frozen=True)
class Language:
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


def languages_of(row: Video, captions: Iterable[Any]) -> list[Language]:
    """Return the languages in which there is a transcript, that of the video first, then as captions are sorted."""
    there = sorted(
        (one for one in captions if one.is_transcribed), key=lambda one: one.language_id != (row.language_id or "")
    )
    path = page("transcript", row.short_uuid)
    return [Language(one, path) for one in there if path]
