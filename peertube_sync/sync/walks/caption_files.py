"""Caption files, for the search: read with the captions of their video, where they are new or have changed."""

import time
from collections.abc import Iterable, Sequence

from django.db.models import F, Q
from django.utils import timezone
from msgspec import UNSET

from peertube_sync.client.captions import CaptionLine, read_lines
from peertube_sync.client.errors import AnswerError, BotCheck, MalformedAnswer, Moved, RateLimited, UnexpectedShape
from peertube_sync.client.parse import Unreadable
from peertube_sync.client.types import RemoteCaption
from peertube_sync.ingest.captions import FileRead, known_files
from peertube_sync.ingest.skipped import forget_skipped, keep_skipped
from peertube_sync.models import Caption as HeldCaption
from peertube_sync.models import Instance, SyncRun, Video
from peertube_sync.sync.tombstones import batches
from peertube_sync.sync.walks.storages import NotRead
from peertube_sync.sync.work import Work

KIND = "caption_file"
SHARE = 0.25
"""The share of the lease that the files of one video may take: only writing renews it."""


def queue_unread_files(work: Work) -> None:
    """Make videos due whose caption files were never read, or not as they are now, once the site begins to want them.

    What the site wanted at the last look is kept with the instance, so that all other looks cost nothing.
    """
    wanted = work.settings.caption_search
    if work.instance.caption_files == wanted:
        return
    stale = Q(transcript=None) | Q(updated_at__gt=F("transcript__updated_at"))
    held = HeldCaption.objects.filter(stale, video__instance=work.instance, video__removed_at=None)
    videos = list(held.order_by("video").values_list("video_id", flat=True).distinct()) if wanted else []
    for pks in batches(videos):
        with work.lease.transaction():
            Video.objects.filter(pk__in=pks).update(captions_due_at=timezone.now())
    with work.lease.transaction():
        Instance.objects.filter(pk=work.instance.pk).update(caption_files=wanted)
    work.instance.caption_files = wanted


def read_files(work: Work, video: Video, captions: Sequence[RemoteCaption]) -> list[FileRead]:
    """Return the files of `captions` that weren't read before, or were changed since."""
    known, end = known_files(video.pk), time.monotonic() + work.lease.seconds * SHARE
    files = []
    for caption in captions:
        language, address = caption.language.id or "", work.client.caption_address(caption)
        at = None if caption.updated_at is UNSET else caption.updated_at
        if known.get(language) != (address, at):
            key = f"{video.uuid} {language}"
            files.append(FileRead(key, language, address, at, *_read_caption_lines(work, address, end)))
    return files


def _read_caption_lines(work: Work, address: str, end: float) -> tuple[list[CaptionLine] | None, str]:
    """Return the lines of a file, and why there are none, or not all.

    They are [] of what is no caption file, None of what can't be had.
    One file's trouble costs nothing but itself, and so does that of another host than the instance; what is the
    instance's (a limit, a page against robots) ends the run.
    """
    home = work.client.transport
    if not address:
        return [], f"{home.host} gives no address for it that can be read"
    if time.monotonic() > end:
        return None, "the other caption files of this video took too long"
    try:
        body = work.storages.read(home, address)
        reading = read_lines(body, f"{home.host}{address}" if address.startswith("/") else address)
    except (RateLimited, BotCheck):
        raise
    except UnexpectedShape as error:
        return [], str(error)
    except (AnswerError, MalformedAnswer, Moved, NotRead) as error:
        return None, str(error)
    return reading.lines, reading.left_out


def note_files(work: Work, run: SyncRun, files: Iterable[FileRead]) -> None:
    """Keep why files couldn't be read, or not all of them, inside the transaction of their captions."""
    bad = [Unreadable(file.reason, "", file.key) for file in files if file.reason]
    kind = f"own {KIND}" if work.owner_source else KIND
    keep_skipped(work.instance, kind, bad, run.started_at)
    forget_skipped(work.instance, kind, [file.key for file in files if not file.reason])
    run.skipped += len(bad)
