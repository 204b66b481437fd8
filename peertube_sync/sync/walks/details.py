"""Details of videos, the newest first; captions and chapters, whose changes no list shows, last of all."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from peertube_sync.client.errors import Refused, UnexpectedShape
from peertube_sync.client.parse import Page, Unreadable
from peertube_sync.client.types import Chapters, RemoteCaption, VideoDetails
from peertube_sync.ingest.captions import Timed, ingest_captions
from peertube_sync.ingest.details import ingest_details
from peertube_sync.models import RunKind, SyncRun, Video
from peertube_sync.sync.announce import announce
from peertube_sync.sync.doorbell.silence import note_silent_captions
from peertube_sync.sync.scope import settle_scope
from peertube_sync.sync.walks.caption_files import note_files, queue_unread_files, read_files
from peertube_sync.sync.walks.pages import make_unclear_private, split_allowed
from peertube_sync.sync.work import Work

BATCH = 20
"""Answers that are written together; no more than this many are asked for again after a crash."""
PUBLISHED = 1
"""PeerTube's number for the state of a video that lists show."""
IDLE = frozenset({4, 5})
"""Those of a live that waits for its next stream, or had its last."""
HASTE = 4
"""A batch ends early when it has taken this part of the lease, which only writing renews."""

Answer = TypeVar("Answer")


class Noted(NamedTuple):
    """What was answered about one video's captions and chapters, for what can't be read of it to be noted."""

    key: str
    captions: Page[RemoteCaption]
    chapters: Page[Chapters]


def fetch_details(work: Work) -> None:
    """Ask for the details of every video that is due."""
    _each_due(work, RunKind.DETAILS, "details_due_at", ask_details, commit_details)


def fetch_captions(work: Work) -> None:
    """Ask for the captions and chapters of every video that is due, as are those whose files are wanted by now."""
    queue_unread_files(work)
    _each_due(work, RunKind.CAPTIONS, "captions_due_at", ask_captions, _commit_captions)


def commit_details(work: Work, run: SyncRun, answers: list[VideoDetails]) -> None:
    """Write details of videos, except for those that aren't at home on the instance."""
    taken, refused = split_allowed(work, answers)
    with work.lease.transaction():
        work.skip(run, "details", Page(0, len(answers), None, answers), refused)
        if refused:
            _postpone(work, [UUID(item.uuid) for item in refused], "details_due_at")
        ingested = ingest_details(work.instance, taken, work.rotation, work.actors)
        announce(ingested)
        work.count(run, ingested)
        run.result["fetched"] = run.result.get("fetched", 0) + len(ingested.pks)
        _miss_idle_lives(work, taken)
        work.save(run)
    settle_scope(work, run, ingested.pks.values())


def is_published(details: VideoDetails) -> bool:
    """Tell whether lists show a video as far as its state goes."""
    return _state_id(details) == PUBLISHED


def _state_id(details: VideoDetails) -> object:
    return getattr(details.state, "id", PUBLISHED)


def _miss_idle_lives(work: Work, answers: Iterable[VideoDetails]) -> None:
    """Have those looked at that left the lists when their stream ended, inside the transaction of their details."""
    idle = [details.uuid for details in answers if _state_id(details) in IDLE]
    if idle and not work.owner_source:
        left = {"removed_at": None, "delisted_at": None, "missing_since": None}
        work.rows.filter(uuid__in=idle, **left).update(missing_since=timezone.now())


def _each_due(
    work: Work,
    kind: RunKind,
    column: str,
    ask: Callable[[Work, SyncRun, Video], Iterable[Answer]],
    commit: Callable[[Work, SyncRun, list[Answer]], None],
) -> None:
    """Ask for the videos whose `column` is due, newest first, and write the answers in batches, in one run."""
    total, done = _due_videos(work, column).count(), 0
    if not total:
        return
    with work.recording(kind) as run:
        while videos := list(_due_videos(work, column).only("pk", "uuid")[:BATCH]):
            answers: list[Answer] = []
            end = time.monotonic() + work.lease.seconds / HASTE
            try:
                for video in videos:
                    if time.monotonic() > end:
                        break
                    answers.extend(ask(work, run, video))
                    done += 1
                    work.progress(kind, done, max(total, done))
                    work.check_time()
            finally:  # what was answered is written, whatever ends the batch
                if answers:
                    commit(work, run, answers)


def _due_videos(work: Work, column: str) -> "QuerySet[Video, Video]":
    due: QuerySet[Video, Video] = work.rows.filter(removed_at=None, missing_since=None)
    return due.filter(**{f"{column}__lte": timezone.now()}).order_by("-published_at")


def ask_details(work: Work, run: SyncRun, video: Video) -> Iterator[VideoDetails]:
    """Yield the details of `video`, which needn't be a row; nothing where it isn't public or can't be read."""
    with _at_fault(work, run, video, "details_due_at"):
        details = work.client.video(video.uuid)
        if work.covers(details):
            yield details
        elif details.privacy_id is None:
            with work.lease.transaction():
                make_unclear_private(work, [details])
        else:
            mark_missing(work, video)


def ask_captions(work: Work, run: SyncRun, video: Video) -> Iterator[tuple[Noted, Timed]]:
    """Yield the captions and chapters of `video`; nothing where they are refused or can't be read."""
    with _at_fault(work, run, video, "captions_due_at"):
        captions, chapters = work.client.captions(video.uuid), work.client.chapters(video.uuid)
        files = read_files(work, video, captions.items) if work.settings.caption_search else []
        noted = Noted(str(video.uuid), captions, Page(0, 1, None, [chapters]))
        yield noted, Timed(video.pk, captions.items, chapters.chapters, files)


def _commit_captions(work: Work, run: SyncRun, answers: list[tuple[Noted, Timed]]) -> None:
    pks = [timed.video_id for _noted, timed in answers]
    looked_at = dict(Video.objects.filter(pk__in=pks).values_list("pk", "captions_fetched_at"))
    with work.lease.transaction():
        changed = write_captions(work, run, answers)
        note_silent_captions(work, looked_at, changed)
        run.updated += len(changed)
        run.unchanged += len(answers) - len(changed)
        work.save(run)


def write_captions(work: Work, run: SyncRun, answers: "list[tuple[Noted, Timed]]") -> set[int]:
    """Write captions and chapters, inside a transaction; returns the primary keys of the videos that they changed."""
    for noted, timed in answers:
        work.skip(run, "caption", noted.captions, [], noted.key)
        work.skip(run, "chapter", noted.chapters, [], noted.key)
        note_files(work, run, timed.files)
    return ingest_captions([timed for _noted, timed in answers], work.rotation)


@contextmanager
def _at_fault(work: Work, run: SyncRun, video: Video, column: str) -> Iterator[None]:
    """Tell one video's trouble, which costs nothing but itself, from its host's, which ends the run.

    A refusal in PeerTube's own words makes the video missing: the removal looks closer. An answer of an
    unexpected shape is kept, and asked for again after a rotation.
    """
    try:
        yield
    except Refused as error:
        if not error.own:
            raise
        if error.gone:
            mark_missing(work, video)
        else:
            keep_unreadable(work, run, video, column, str(error))
    except UnexpectedShape as error:
        keep_unreadable(work, run, video, column, str(error))


def mark_missing(work: Work, video: Video) -> None:
    """Make `video` a candidate for removal."""
    work.confirm_peertube()
    with work.lease.transaction():
        Video.objects.filter(pk=video.pk).update(missing_since=timezone.now())


def keep_unreadable(work: Work, run: SyncRun, video: Video, column: str, reason: str) -> None:
    """Write down why an answer about `video` couldn't be read; it is asked for again after a rotation."""
    nothing: Page[VideoDetails] = Page(0, 1, None, [])
    with work.lease.transaction():
        work.skip(run, column.removesuffix("_due_at"), nothing, [Unreadable(reason, "", str(video.uuid))])
        _postpone(work, [video.uuid], column)


def _postpone(work: Work, uuids: list[UUID], column: str) -> None:
    rows = Video.objects.filter(instance=work.instance, uuid__in=uuids)
    rows.update(**{column: timezone.now() + work.rotation})
