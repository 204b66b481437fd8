"""Removal: what sweeps and details found missing is asked for, one by one, before anything disappears.

Only PeerTube's own refusal, or a privacy that isn't public, makes a tombstone. Public but not listed (an
idle live, an owner muted by the instance) is a state of its own. Where too much would vanish at once, the
source is parked for a person to look at, and nothing is asked or removed.
"""

from django.db.models import QuerySet
from django.utils import timezone

from peertube_sync.client.errors import Refused
from peertube_sync.client.types import VideoDetails
from peertube_sync.models import PUBLIC, Reason, RunKind, Source, SourceState, SyncRun, Video
from peertube_sync.sync.details import ingest_one
from peertube_sync.sync.work import Work

UNLISTED = 2


def settle_missing(work: Work) -> None:
    """Ask for every missing video of the instance and act on what its server says."""
    missing = Video.objects.filter(instance=work.instance, removed_at=None, missing_since__isnull=False)
    total = missing.count()
    if not total:
        _lift_suspicion(work)
        return
    if _too_many(work, total):
        _park(work, total)
        return
    with work.recording(RunKind.REMOVAL) as run:
        for done, video in enumerate(list(missing.only("pk", "uuid")), start=1):
            _judge(work, run, video)
            work.progress(RunKind.REMOVAL, done, total)
            work.breathe()
    _lift_suspicion(work)


def _too_many(work: Work, missing: int) -> bool:
    known = Video.objects.filter(instance=work.instance, removed_at=None, delisted_at=None).count()
    return missing > max(work.settings.mass_loss_number, work.settings.mass_loss_share * known)


def _park(work: Work, missing: int) -> None:
    reason = f"{missing} videos are missing from the last complete walk: nothing was removed, please look"
    with work.lease.transaction():
        _sources(work).filter(state=SourceState.ACTIVE).update(state=SourceState.SUSPICIOUS, last_error=reason)


def _lift_suspicion(work: Work) -> None:
    if _sources(work).filter(state=SourceState.SUSPICIOUS).exists():
        with work.lease.transaction():
            _sources(work).filter(state=SourceState.SUSPICIOUS).update(state=SourceState.ACTIVE, last_error="")


def _sources(work: Work) -> "QuerySet[Source, Source]":
    return Source.objects.filter(instance=work.instance)


def _judge(work: Work, run: SyncRun, video: Video) -> None:
    try:
        details = work.client.video(video.uuid)
    except Refused as error:
        if not error.gone:
            raise
        _bury(work, run, video, _reason(error))
        return
    privacy = getattr(details.privacy, "id", PUBLIC)
    if privacy != PUBLIC:
        _bury(work, run, video, Reason.UNLISTED if privacy == UNLISTED else Reason.PRIVATE)
    else:
        _keep(work, run, details)


def _reason(error: Refused) -> Reason:
    """404 and 410: deleted; a code with password: behind one; else private, internal or blocked (6.3.0)."""
    if error.status in {404, 410}:
        return Reason.DELETED
    return Reason.PASSWORD if error.code == "video_requires_password" else Reason.PRIVATE


def _bury(work: Work, run: SyncRun, video: Video, reason: Reason) -> None:
    with work.lease.transaction():
        Video.objects.filter(pk=video.pk).update(
            removed_at=timezone.now(),
            removed_reason=reason,
            missing_since=None,
            details_due_at=None,
            captions_due_at=None,
        )
        run.removed += 1
        run.save()


def _keep(work: Work, run: SyncRun, details: VideoDetails) -> None:
    """Still public: take what it says now, and note that the lists don't show it."""
    ingest_one(work, run, details)
    with work.lease.transaction():
        rows = Video.objects.filter(instance=work.instance, uuid=details.uuid)
        rows.update(delisted_at=timezone.now(), missing_since=None)
