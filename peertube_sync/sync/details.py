"""Details of videos, the newest first; captions and chapters, which no list betrays, last of all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from peertube_sync.client.errors import Refused, UnexpectedShape
from peertube_sync.client.parse import Page, Unreadable
from peertube_sync.client.types import VideoDetails
from peertube_sync.ingest.captions import ingest_captions
from peertube_sync.ingest.details import ingest_details
from peertube_sync.ingest.videos import Ingested
from peertube_sync.models import PUBLIC, RunKind, SyncRun, Video
from peertube_sync.sync.announce import announce
from peertube_sync.sync.pages import objection
from peertube_sync.sync.scope import settle_scope
from peertube_sync.sync.work import Work

BATCH = 100


def fetch_details(work: Work) -> None:
    """Ask for the details of every video that is due."""
    _each_due(work, RunKind.DETAILS, "details_due_at", _details)


def fetch_captions(work: Work) -> None:
    """Ask for the captions and chapters of every video that is due."""
    _each_due(work, RunKind.CAPTIONS, "captions_due_at", _captions)


def ingest_one(work: Work, run: SyncRun, details: VideoDetails) -> Ingested:
    """Write one video's details, unless it isn't the instance's own to show."""
    reason = objection(work.client, details)
    refused = [Unreadable(reason, details.url, str(details.uuid))] if reason else []
    with work.lease.transaction():
        work.skip(run, "details", Page(0, 1, None, [details]), refused)
        if reason:
            _postpone(work, details.uuid, "details_due_at")
            return Ingested()
        ingested = ingest_details(work.instance, details)
        announce(ingested)
        _rotate_delisted(work, details.uuid)
    settle_scope(work, *ingested.pks.values())
    work.count(run, ingested)
    return ingested


def _rotate_delisted(work: Work, uuid: UUID) -> None:
    """No list tells of changes to a delisted video, so its details come round by themselves."""
    row = Video.objects.filter(instance=work.instance, uuid=uuid, delisted_at__isnull=False)
    row.update(details_due_at=timezone.now() + work.rotation)


def _each_due(work: Work, kind: RunKind, column: str, one: Callable[[Work, SyncRun, Video], None]) -> None:
    """Do `one` for the videos whose `column` is due, newest first, in one run."""
    total = _due(work, column).count()
    if not total:
        return
    with work.recording(kind) as run:
        for done, video in enumerate(_batches(work, column), start=1):
            one(work, run, video)
            work.progress(kind, done, max(total, done))
            work.breathe()


def _batches(work: Work, column: str) -> Iterator[Video]:
    """Yield due videos until none is left; `one` has to move its `column` on."""
    while batch := list(_due(work, column).only("pk", "uuid")[:BATCH]):
        yield from batch


def _due(work: Work, column: str) -> "QuerySet[Video, Video]":
    due = Video.objects.filter(instance=work.instance, removed_at=None, missing_since=None)
    return due.filter(**{f"{column}__lte": timezone.now()}).order_by("-published_at")


def _details(work: Work, run: SyncRun, video: Video) -> None:
    with _at_fault(work, run, video, "details_due_at"):
        details = work.client.video(video.uuid)
        if details.uuid == video.uuid and getattr(details.privacy, "id", PUBLIC) == PUBLIC:
            ingest_one(work, run, details)
        else:
            mark_missing(work, video)


def _captions(work: Work, run: SyncRun, video: Video) -> None:
    with _at_fault(work, run, video, "captions_due_at"):
        captions, chapters = work.client.captions(video.uuid), work.client.chapters(video.uuid)
        with work.lease.transaction():
            work.skip(run, "caption", captions, [])
            changed = ingest_captions(video, captions.items, chapters, work.rotation)
        run.updated += changed
        run.unchanged += not changed


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
    with work.lease.transaction():
        Video.objects.filter(pk=video.pk).update(missing_since=timezone.now())


def keep_unreadable(work: Work, run: SyncRun, video: Video, column: str, reason: str) -> None:
    """Write down why an answer about `video` couldn't be read; it is asked for again after a rotation."""
    nothing: Page[VideoDetails] = Page(0, 1, None, [])
    with work.lease.transaction():
        work.skip(run, column.removesuffix("_due_at"), nothing, [Unreadable(reason, "", str(video.uuid))])
        _postpone(work, video.uuid, column)


def _postpone(work: Work, uuid: UUID, column: str) -> None:
    rows = Video.objects.filter(instance=work.instance, uuid=uuid)
    rows.update(**{column: timezone.now() + work.rotation})
