"""Captions and chapters of one video into rows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from peertube_sync.client.types import Caption as RemoteCaption
from peertube_sync.client.types import Chapter as RemoteChapter
from peertube_sync.ingest.upsert import upsert
from peertube_sync.models import Caption, Chapter, Video
from peertube_sync.models.base import NAME


def ingest_captions(
    video: Video, captions: Sequence[RemoteCaption], chapters: Sequence[RemoteChapter], rotation: timedelta
) -> bool:
    """Make a video's captions and chapters equal to what was read; returns whether anything differed."""
    changed = any([_set_captions(video, captions), _set_chapters(video, chapters)])
    now = timezone.now()
    Video.objects.filter(pk=video.pk).update(captions_fetched_at=now, captions_due_at=now + rotation)
    return changed


def _set_captions(video: Video, captions: Sequence[RemoteCaption]) -> bool:
    rows = caption_rows(captions)
    written = upsert(Caption, rows, key="language_id", owner={"video_id": video.pk})
    deleted, _ = video.captions.exclude(language_id__in=list(rows)).delete()
    return bool(written.created or written.updated or deleted)


def caption_rows(captions: Sequence[RemoteCaption]) -> dict[str, dict[str, Any]]:
    """Return the columns that captions fill, by language."""
    return {one.language.id or "": _row(one) for one in captions}


def chapter_rows(chapters: Sequence[RemoteChapter]) -> list[tuple[int, str]]:
    """Return timecode and title of each chapter, as rows hold them."""
    return [(one.timecode, one.title[:NAME]) for one in chapters]


def _row(caption: RemoteCaption) -> dict[str, Any]:
    return {
        "language_label": caption.language.label,
        "caption_path": caption.caption_path,
        "file_url": caption.file_url,
        "m3u8_url": caption.m3u8_url,
        "automatically_generated": caption.automatically_generated,
        "updated_at": caption.updated_at,
    }


def _set_chapters(video: Video, chapters: Sequence[RemoteChapter]) -> bool:
    wanted = chapter_rows(chapters)
    if list(video.chapters.values_list("timecode", "title")) == wanted:
        return False
    video.chapters.all().delete()
    Chapter.objects.bulk_create([Chapter(video=video, timecode=at, title=title) for at, title in wanted])
    return True
