"""Captions and chapters of videos into rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from peertube_sync.client.captions import CaptionLine
from peertube_sync.client.types import RemoteCaption, RemoteChapter
from peertube_sync.ingest.upsert import upsert
from peertube_sync.models import Caption, Chapter, Transcript, Video
from peertube_sync.models.base import NAME
from peertube_sync.models.folding import words

FACTS = ("caption_path", "file_url", "m3u8_url", "automatically_generated", "updated_at")


@dataclass(frozen=True)
class FileRead:
    """The caption file at `path`, as it was changed at `updated_at`; `reason` tells what of it wasn't read, and why.

    `path` is a whole address where the file is on another host than its instance. No lines are an unreadable file's,
    None is what an answer without a file left.
    """

    key: str
    language: str
    path: str
    updated_at: datetime | None
    lines: Sequence[CaptionLine] | None
    reason: str


@dataclass(frozen=True)
class Timed:
    """What was read of one video's captions and chapters, and the caption files that are new or have changed."""

    video_id: int
    captions: Sequence[RemoteCaption]
    chapters: Sequence[RemoteChapter]
    files: Sequence[FileRead] = ()


def ingest_captions(answers: Sequence[Timed], rotation: timedelta) -> set[int]:
    """Make captions and chapters of videos equal to what was read; returns the videos that differed."""
    pks = [answer.video_id for answer in answers]
    captions: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in Caption.objects.filter(video__in=pks).values("video_id", "language_id", "language_label", *FACTS):
        captions[row.pop("video_id")][row.pop("language_id")] = row
    chapters: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for video, at, title in Chapter.objects.filter(video__in=pks).values_list("video_id", "timecode", "title"):
        chapters[video].append((at, title))
    changed = {answer.video_id for answer in answers if _set_captions(answer, captions[answer.video_id])}
    changed |= {answer.video_id for answer in answers if _set_chapters(answer, chapters[answer.video_id])}
    changed |= {answer.video_id for answer in answers if _set_transcripts(answer)}
    now = timezone.now()
    Video.objects.filter(pk__in=pks).update(captions_fetched_at=now, captions_due_at=now + rotation)
    return changed


def _set_captions(read: Timed, held: dict[str, dict[str, Any]]) -> bool:
    rows = caption_rows(read.captions)
    if rows == held:
        return False
    written = upsert(Caption, rows, key="language_id", owner={"video_id": read.video_id})
    deleted, _ = Caption.objects.filter(video=read.video_id).exclude(language_id__in=list(rows)).delete()
    return bool(written.created or written.updated or deleted)


def caption_rows(captions: Sequence[RemoteCaption]) -> dict[str, dict[str, object]]:
    """Return the columns that captions fill, by language."""
    return {
        caption.language.id or "": {
            "language_label": caption.language.label,
            **{name: getattr(caption, name) for name in FACTS},
        }
        for caption in captions
    }


def chapter_rows(chapters: Sequence[RemoteChapter]) -> list[tuple[int, str]]:
    """Return timecode and title of each chapter, as rows hold them."""
    return [(chapter.timecode, (chapter.title or "")[:NAME]) for chapter in chapters]


def _set_chapters(read: Timed, held: list[tuple[int, str]]) -> bool:
    wanted = chapter_rows(read.chapters)
    if held == wanted:
        return False
    Chapter.objects.filter(video=read.video_id).delete()
    Chapter.objects.bulk_create([Chapter(video_id=read.video_id, timecode=at, title=title) for at, title in wanted])
    return True


def known_files(video_id: int) -> dict[str, tuple[str, datetime | None]]:
    """Return which caption files of a video were read, by language: path and time of change."""
    rows = Transcript.objects.filter(video=video_id).values_list("caption__language_id", "path", "updated_at")
    return {language: (path, at) for language, path, at in rows}


def _set_transcripts(read: Timed) -> bool:
    """Write the lines of the files that were read; those of a caption that is gone went with it."""
    files = {file.language: (file, file.lines) for file in read.files if file.lines is not None}
    if not files:
        return False
    rows = []
    captions = Caption.objects.filter(video=read.video_id, language_id__in=list(files))
    for language, pk in captions.values_list("language_id", "pk"):
        file, lines = files[language]
        row = Transcript(
            caption_id=pk,
            video_id=read.video_id,
            path=file.path,
            updated_at=file.updated_at,
            starts=[line.start for line in lines],
            text="\n".join(line.text for line in lines),
            folded="\n".join(" ".join(words(line.text)) for line in lines),
        )
        rows.append(row)
    columns = ["path", "updated_at", "starts", "text", "folded"]
    Transcript.objects.bulk_create(rows, update_conflicts=True, unique_fields=["caption"], update_fields=columns)
    return True
