"""Missing videos: those that sweeps and details didn't find are asked for before anything disappears.

First in bulk, by the instance's own search, with some listed videos in every question as a control: an
answer that misses those proves nothing. Videos that are found there were missed by mistake. The others are asked for
one by one, and only PeerTube's own refusal, or a privacy that isn't public, makes a tombstone. Public but
not listed (an idle live, an owner muted by the instance) is a state of its own. Where too much would vanish
at once, the source is parked for a person to look at, and nothing is asked or removed.
"""

import logging
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from peertube_sync.client.errors import Refused, UnexpectedShape
from peertube_sync.client.types import VideoDetails
from peertube_sync.models import PUBLIC, Instance, Reason, RunKind, Source, SourceKind, SourceState, SyncRun, Video
from peertube_sync.models.video import LISTED
from peertube_sync.sync import events
from peertube_sync.sync.announce import announce_removed
from peertube_sync.sync.doorbell.silence import note_silent_removal
from peertube_sync.sync.scope import settle_scope
from peertube_sync.sync.tombstones import make_tombstones
from peertube_sync.sync.walks.details import commit_details, keep_unreadable
from peertube_sync.sync.walks.pages import commit_page
from peertube_sync.sync.work import Work

UNLISTED = 2
QUESTION = 40
CONTROLS = 3
WORKED_ON = (SourceState.ACTIVE, SourceState.UNREADABLE, SourceState.SUSPICIOUS)


def settle_missing(work: Work) -> None:
    """Ask for every missing video of the instance and act on what its server says."""
    total = _missing_rows(work).count()
    if not total:
        _lift_suspicion(work)
        return
    host = work.instance.host
    events.note(logging.INFO, "videos_missing", "%(host)s: %(missing)s videos are missing", host=host, missing=total)
    known = work.rows.filter(removed_at=None, delisted_at=None).count()
    most = max(work.settings.mass_loss_number, work.settings.mass_loss_share * known)
    if total > most and not work.instance.losses_accepted:
        reason = f"{total} videos are missing from the last complete walk: nothing was removed, please look"
        with work.lease.transaction():
            _sources_of_work(work).filter(state__in=WORKED_ON).update(state=SourceState.SUSPICIOUS, last_error=reason)
        facts = {"host": work.instance.host, "missing": total, "reason": reason}
        events.note(logging.WARNING, "losses_suspicious", "%(host)s: %(reason)s", **facts)
        return
    with work.recording(RunKind.REMOVAL) as run:
        # Those of a question are judged before the next one is asked, so that a slice of any length gets on.
        listed = work.rows.filter(LISTED, missing_since=None)
        controls = set(listed.values_list("uuid", flat=True)[:CONTROLS])
        believed, done = bool(controls), 0
        missing = list(_missing_rows(work).order_by("pk").values_list("uuid", flat=True))
        for start in range(0, len(missing), QUESTION):
            uuids = missing[start : start + QUESTION]
            believed = believed and _find_in_search(work, run, controls, uuids)
            for video in list(_missing_rows(work).filter(uuid__in=uuids).only("pk", "uuid")):
                _judge(work, run, video)
                done += 1
                work.progress(RunKind.REMOVAL, done, total)
                work.check_time()
        settle_scope(work, run)
    _lift_suspicion(work)


def look_again(work: Work) -> None:
    """Ask for those hidden videos that no list would bring back: a live that doesn't stream, a muted owner's."""
    hidden = work.rows.filter(details_due_at__lte=timezone.now()).exclude(removed_at=None)
    rows = list(hidden.exclude(removed_reason=Reason.OUT_OF_SCOPE).only("pk", "uuid"))
    if not rows:
        return
    with work.recording(RunKind.REMOVAL) as run:
        for row in rows:
            _look_again_at(work, run, row)
            work.check_time()


def decide(instance: Instance, *, accept: bool) -> int:
    """Let a person decide about what is missing; returns how many videos that is.

    Accepted losses are asked for one by one by the next slice, which is due now; rejected ones are taken for
    a mistake of the server, until the next sweep misses them again.
    """
    missing = Video.objects.filter(instance=instance, removed_at=None, missing_since__isnull=False)
    count = missing.count()
    if not accept:
        missing.update(missing_since=None)
    parked = instance.sources.filter(state=SourceState.SUSPICIOUS)
    parked.update(state=SourceState.ACTIVE, last_error="")
    Instance.objects.filter(pk=instance.pk).update(losses_accepted=accept, next_due_at=timezone.now())
    event = "losses_accepted" if accept else "losses_rejected"
    sentence = "%(host)s: a person decided about %(missing)s missing videos: " + event.removeprefix("losses_")
    events.note(logging.INFO, event, sentence, host=instance.host, missing=count)
    return count


def _missing_rows(work: Work) -> "QuerySet[Video, Video]":
    rows: QuerySet[Video, Video] = work.rows.filter(removed_at=None, missing_since__isnull=False)
    return rows


def _lift_suspicion(work: Work) -> None:
    if work.instance.losses_accepted or _sources_of_work(work).filter(state=SourceState.SUSPICIOUS).exists():
        with work.lease.transaction():
            _sources_of_work(work).filter(state=SourceState.SUSPICIOUS).update(state=SourceState.ACTIVE, last_error="")
            Instance.objects.filter(pk=work.instance.pk).update(losses_accepted=False)


def _sources_of_work(work: Work) -> "QuerySet[Source, Source]":
    """Return the sources whose rows `work` may write."""
    sources = Source.objects.filter(instance=work.instance)
    return sources.filter(pk=work.owner_source.pk) if work.owner_source else sources.exclude(kind=SourceKind.OWN)


def _find_in_search(work: Work, run: SyncRun, controls: set[UUID], uuids: list[UUID]) -> bool:
    """Take what the search shows for what it is, a list; returns whether its answer can be believed.

    A video that moved out of a mirrored channel is found this way too.
    """
    try:
        page = work.client.found([*controls, *uuids])
    except (Refused, UnexpectedShape):
        return False
    if not controls <= {item.uuid for item in page.items}:
        return False
    commit_page(work, run, None, page)
    return True


def _judge(work: Work, run: SyncRun, video: Video) -> None:
    try:
        details = work.client.video(video.uuid)
    except Refused as error:
        if not error.gone:
            raise
        _make_tombstone(work, run, video, reason_of_refusal(error))
    except UnexpectedShape as error:
        _delist(work, video.uuid)
        keep_unreadable(work, run, video, "details_due_at", str(error))
    else:
        if work.owner_source:
            reason = None if work.covers(details) else Reason.OUT_OF_SCOPE
        else:
            reason = reason_of_details(details)
        if reason:
            _make_tombstone(work, run, video, reason)
        else:
            commit_details(work, run, [details])
            _delist(work, details.uuid)


def reason_of_refusal(error: Refused) -> Reason:
    """Return why PeerTube refuses a video.

    404 and 410: deleted; a code with password: behind one; else private, internal or blocked (6.3.0).
    """
    if error.status in {404, 410}:
        return Reason.DELETED
    return Reason.PASSWORD if error.code == "video_requires_password" else Reason.PRIVATE


def reason_of_details(details: VideoDetails) -> Reason | None:
    """Return why a video that its instance still answers for isn't public; None when it is."""
    privacy = details.privacy_id
    if details.extra.get("blacklisted"):
        return Reason.BLOCKED
    if privacy == PUBLIC:
        return None
    return Reason.UNLISTED if privacy == UNLISTED else Reason.PRIVATE


def _make_tombstone(work: Work, run: SyncRun, video: Video, reason: Reason) -> None:
    work.confirm_peertube()
    with work.lease.transaction():
        make_tombstones([video.pk], reason)
        if reason != Reason.DELETED:
            _look_later(work, video.pk)
        if not work.owner_source:
            note_silent_removal(work, video)
            announce_removed([(video.pk, video.uuid)], reason)
        run.removed += 1
        work.save(run)


def _look_again_at(work: Work, run: SyncRun, video: Video) -> None:
    """Take a tombstone back where its video is public again; ask later while it is hidden."""
    try:
        details = work.client.video(video.uuid)
    except Refused as error:
        if not error.gone:
            raise
        with work.lease.transaction():
            Video.objects.filter(pk=video.pk).update(details_due_at=None)
            if reason_of_refusal(error) != Reason.DELETED:
                _look_later(work, video.pk)
    except UnexpectedShape as error:
        keep_unreadable(work, run, video, "details_due_at", str(error))
    else:
        if reason_of_details(details):
            with work.lease.transaction():
                _look_later(work, video.pk)
        else:
            commit_details(work, run, [details])
            _delist(work, details.uuid)


def _look_later(work: Work, pk: int) -> None:
    unlisted = Q(is_live=True) | Q(delisted_at__isnull=False)
    Video.objects.filter(unlisted, pk=pk).update(details_due_at=timezone.now() + work.rotation)


def _delist(work: Work, uuid: UUID) -> None:
    """Note that a video is still there, but not in the lists; its details come round by themselves."""
    now = timezone.now()
    with work.lease.transaction():
        rows = work.rows.filter(uuid=uuid, removed_at=None)
        rows.update(delisted_at=now, missing_since=None, details_due_at=now + work.rotation)
