"""What is said in a video, as a page: a part at a time, or the lines with words; each line leads to its moment.

On the video's own page a script puts the same into a panel. The lines are those of the caption files that were read for
the search; nothing is asked of the source. Who may not see the video finds no transcript either.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.highlight import Highlighter
from peertube_sync.catalogue.lookups import find_video_of_side
from peertube_sync.catalogue.transcripts import (
    PART,
    Line,
    Transcribed,
    TranscriptPart,
    captions_with_transcripts,
    read_transcript,
)
from peertube_sync.catalogue.visibility import Side
from peertube_sync.client.targets import seconds_of
from peertube_sync.faces.conditional import of_content
from peertube_sync.models import Transcript
from peertube_sync.models.words import parse_query
from peertube_sync.site.presenters import VideoPresenter
from peertube_sync.site.private import visitor_may_see_private
from peertube_sync.site.spoken import format_duration
from peertube_sync.site.views import SitePage
from peertube_sync.site.watch import TranscriptLanguage, languages_of

SEARCHED = 100
"""Characters of a text that is looked for in a transcript."""
NUMBER = 6
"""Digits of a part's number."""


@dataclass(frozen=True)
class Entry:
    """A line, or the title of a chapter, as a page shows it: what is said or begins there, when, and where it plays."""

    clock: str
    play: str
    text_html: SafeString | str
    is_chapter: bool = False


class TranscriptView(SitePage):
    """A transcript: in `language`, the part number `part`, the one at `start` (seconds), or the lines with `q`."""

    template_name = "peertube_sync/transcript.html"
    hidden = True

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponseBase:  # type: ignore[override]
        """Answer; who has the page already is told so, but has to ask: what is gone is gone at once."""
        answer: Any = super().render_to_response(context, **options)
        if context["private"]:
            return answer  # type: ignore[no-any-return]
        patch_cache_control(answer, no_cache=True)
        answer.render()
        return of_content(self.request, answer.content, "text/html").unless_same(self.request, answer)

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        """Add the video and what is said in it. Raises Http404, BadRequest."""
        row, side = find_video_of_side(
            lambda side: queries.parents(side).select_related("curation"),
            self.kwargs["uuid"],
            partial(visitor_may_see_private, self.request),
        )
        video, query = VideoPresenter(row), self.request.GET
        there = languages_of(row, captions_with_transcripts().filter(video=row.pk))
        asked = query.get("language", there[0].code if there else "")
        language = next((other for other in there if other.code == asked), None)
        if language is None:
            raise Http404
        try:
            transcript = read_transcript(language.caption)
        except Transcript.DoesNotExist as error:  # it has gone since
            raise Http404 from error
        context = super().get_context_data(**kwargs) | {
            "video": video,
            "private": side is Side.PRIVATE,
            "languages": [replace(other, is_shown=other is language) for other in there],
            "language": language,
        }
        if words := query.get("q", "").strip()[:SEARCHED]:
            return context | _found_lines(video, transcript, words)
        return context | _part_of(video, language, transcript, self.request)


def _found_lines(video: VideoPresenter, transcript: Transcribed, words: str) -> dict[str, object]:
    """Return the first lines that have `words`, marked, and how many there are in all."""
    searched = parse_query(words)
    matching, mark = transcript.lines_with(searched), Highlighter(searched).mark
    lines = [_line_as_shown(video, line, mark_safe(mark(line.text))) for line in matching[:PART]]  # noqa: S308 - escaped
    return {"q": words, "number": len(matching), "left": max(0, len(matching) - PART), "lines": lines}


def _part_of(
    video: VideoPresenter, language: TranscriptLanguage, transcript: Transcribed, request: HttpRequest
) -> dict[str, object]:
    """Return the part that is asked for by its number or a moment in it, and those beside it. Raises BadRequest."""
    start = request.GET.get("start")
    part = transcript.part(_asked_part(request)) if start is None else transcript.part_at(seconds_of(start))
    return {
        "part": part,
        "lines": _with_chapters(video, part),
        "previous": language.at(part=part.number - 1) if part.number > 1 else "",
        "next": language.at(part=part.number + 1) if part.number < part.last else "",
    }


def _asked_part(request: HttpRequest) -> int:
    """Return which part is asked for, the first one by default. Raises BadRequest."""
    text = request.GET.get("part", "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= NUMBER):
        raise BadRequest(_("%(value)s is no number of a part.") % {"value": repr(text[:20])})
    return int(text)


def _line_as_shown(video: VideoPresenter, line: Line, text: str) -> Entry:
    return Entry(format_duration(line.start), video.play_from(line.start), text)


def _with_chapters(video: VideoPresenter, part: TranscriptPart) -> list[Entry]:
    """Return the lines of a part, and the chapters that begin between them, in the order of time."""
    timed = [(line.start, True, _line_as_shown(video, line, line.text)) for line in part.lines]
    for chapter in video.chapters:
        start = chapter["start"]
        if part.since <= start and (part.until is None or start < part.until):
            timed.append((start, False, Entry(chapter["clock"], chapter["play"], chapter["title"], is_chapter=True)))
    return [entry for _start, _is_line, entry in sorted(timed, key=lambda one: one[:2])]
