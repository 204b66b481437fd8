"""Caption files, for the search: read with the captions of their video, where they are new or have changed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import F, Q
from django.utils import timezone
from msgspec import UNSET

from peertube_sync.client.captions import Line
from peertube_sync.client.errors import AnswerError, BotCheck, MalformedAnswer, Moved, RateLimited, UnexpectedShape
from peertube_sync.client.parse import Unreadable
from peertube_sync.client.types import Caption
from peertube_sync.ingest.captions import FileRead, known_files
from peertube_sync.ingest.skipped import forget_skipped, keep_skipped
from peertube_sync.models import Caption as HeldCaption
from peertube_sync.models import Instance, SyncRun, Video
from peertube_sync.sync.scope import batches
from peertube_sync.sync.work import Work

KIND = "caption_file"
CHUNK = 2000
"""Captions that are looked at together."""


def catch_up(work: Work) -> None:
    """Make videos due whose caption files were never read, or not as they are now, once the site begins to want them.

    What the site wanted at the last look is kept with the instance, so that all other looks cost nothing.
    """
    wanted = work.settings.caption_search
    if work.instance.caption_files == wanted:
        return
    for pks in batches(_unread(work) if wanted else []):
        with work.lease.transaction():
            Video.objects.filter(pk__in=pks).update(captions_due_at=timezone.now())
    with work.lease.transaction():
        Instance.objects.filter(pk=work.instance.pk).update(caption_files=wanted)
    work.instance.caption_files = wanted


def _unread(work: Work) -> list[int]:
    """Return the videos with a caption file on their own server that the search doesn't know as it is."""
    stale = Q(transcript=None) | Q(updated_at__gt=F("transcript__updated_at"))
    held = HeldCaption.objects.filter(stale, video__instance=work.instance, video__removed_at=None)
    told = held.only("video_id", "file_url", "caption_path").order_by("video").iterator(chunk_size=CHUNK)
    return list(dict.fromkeys(one.video_id for one in told if work.client.caption_path(one)))


def read_files(work: Work, video: Video, captions: Sequence[Caption]) -> list[FileRead]:
    """Return the files of `captions` that weren't read before, or were changed since; those on other hosts never."""
    known = known_files(video.pk)
    return [
        FileRead(f"{video.uuid} {language}", language, path, at, *_lines(work, path))
        for language, path, at in _at_home(work, captions)
        if known.get(language) != (path, at)
    ]


def _at_home(work: Work, captions: Sequence[Caption]) -> Iterator[tuple[str, str, datetime | None]]:
    for one in captions:
        if path := work.client.caption_path(one):
            yield one.language.id or "", path, None if one.updated_at is UNSET else one.updated_at


def _lines(work: Work, path: str) -> tuple[list[Line] | None, str]:
    """Return the lines of a file, and why there are none: [] for what isn't WebVTT, None for what can't be had.

    One file's trouble costs nothing but itself; what is its host's (a limit, a page against robots) ends the run.
    """
    try:
        return work.client.caption_lines(path), ""
    except (RateLimited, BotCheck):
        raise
    except UnexpectedShape as error:
        return [], str(error)
    except (AnswerError, MalformedAnswer, Moved) as error:
        return None, str(error)


def note_files(work: Work, run: SyncRun, files: Iterable[FileRead]) -> None:
    """Keep why files couldn't be read, inside the transaction of their captions."""
    bad = [Unreadable(one.reason, "", one.key) for one in files if one.reason]
    keep_skipped(work.instance, KIND, bad)
    forget_skipped(work.instance, KIND, [one.key for one in files if not one.reason])
    run.skipped += len(bad)
