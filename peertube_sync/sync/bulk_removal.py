"""Removals of any size: what goes is hidden by one short commit, and removed in batches after that.

Code that decides on a removal marks the rows (`mark_for_removal`, `mark_videos_for_removal`) in the transaction that
takes the sources away: from that commit on none of them is shown. `remove_marked` then removes them, each batch in a
transaction of its own under the lease of the instance. A process that dies leaves marks, with which the next one goes
on: the command run again, the next slice of a worker or --watch, `peertube_purge`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError
from django.utils import timezone

from peertube_sync.ingest.pictures.keeping import settle_stale
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.ingest.twins import Twinned, lock_twins, settle_twins, twinned
from peertube_sync.models import (
    PUBLIC,
    Account,
    Channel,
    Instance,
    Leaving,
    LeavingVideo,
    Playlist,
    PlaylistElement,
    Reason,
    RunKind,
    RunState,
    SkippedItem,
    SyncRun,
    Video,
)
from peertube_sync.models.scope import outside
from peertube_sync.sync.announce import announce_removed
from peertube_sync.sync.lease import Lease, LeaseLost
from peertube_sync.sync.operations.purge import scrub
from peertube_sync.sync.tombstones import BATCH, batches, make_tombstones, put_out_of_scope
from peertube_sync.sync.work import count_run

LEASE_SECONDS = 60.0
"""Seconds for which a removal holds the lease of its instance, from each batch on."""
AT_ONCE = 2_000
"""How many videos are removed while a person waits for the answer to a form: a matter of seconds.

All others are hidden at the same time, and removed by slices.
"""
KEPT_REASONS = (Reason.OUT_OF_SCOPE, Reason.OPTED_OUT)
"""Tombstones with these reasons keep their reason when their instance isn't mirrored any more."""
Enough = Callable[[int], bool]
"""A function that gets how many videos were removed so far, and returns whether to leave the rest for later."""


def mark_for_removal(instance: Instance, reason: Reason) -> None:
    """Hide all of `instance` from the commit on.

    An instance that is marked as opted out stays so, even if it is marked as out of scope later.
    """
    mark, _new = Leaving.objects.get_or_create(instance=instance)
    if not mark.whole or reason == Reason.OPTED_OUT:
        Leaving.objects.filter(pk=mark.pk).update(whole=True, reason=reason)


def mark_videos_for_removal(instance: Instance, videos: "QuerySet[Video, Video]", reason: Reason) -> None:
    """Hide `videos` of `instance` from the commit on, in one statement; those that leave already keep their reason."""
    try:
        chosen, parameters = videos.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return
    marks, rows = LeavingVideo._meta.db_table, Video._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {marks} (video_id, instance_id, reason)"  # noqa: S608 - our own names
            f" SELECT id, %s, %s FROM {rows} WHERE id IN ({chosen}) ON CONFLICT DO NOTHING",
            [instance.pk, reason, *parameters],
        )
        if cursor.rowcount:
            Leaving.objects.get_or_create(instance=instance)


def mark_unwanted_for_removal(instance: Instance) -> None:
    """Hide what no source of `instance` wants any more, all of it where none is left."""
    if sources := list(instance.sources.all()):
        mark_videos_for_removal(instance, outside(instance.pk, sources), Reason.OUT_OF_SCOPE)
    else:
        mark_for_removal(instance, Reason.OUT_OF_SCOPE)


def is_marked_for_removal(instance: Instance) -> bool:
    """Return whether anything of `instance` is hidden and still to be removed."""
    return Leaving.objects.filter(instance=instance).exists()


def remove_marked(instance: Instance, lease: Lease, enough: Enough) -> int:
    """Remove what leaves, a batch at a time, until all is removed or it is `enough`; returns how many videos.

    Raises LeaseLost. The lease is for the caller to release; where all of the instance has opted out, and nothing
    keeps its rows, the instance is gone with it.
    """
    if not is_marked_for_removal(instance):
        return 0
    with lease.transaction():
        interrupted = instance.runs.filter(kind=RunKind.SCOPE, state=RunState.RUNNING)
        interrupted.update(state=RunState.FAILED, error="interrupted", finished_at=timezone.now())
    removed = 0
    for number in _remove_in_batches(instance, lease):
        removed += number
        transaction.on_commit(index_due)  # parts of answers may wait, since nobody is shown what leaves
        if enough(removed):
            break
    transaction.on_commit(settle_stale)
    return removed


def remove_marked_now(instance: Instance, lease: Lease, most: int | None = None) -> int:
    """Remove for a person who waits, until `most` videos are removed, and release the lease.

    Where another process takes over, the rest is left to that one.
    """
    try:
        removed = remove_marked(instance, lease, lambda so_far: most is not None and so_far >= most)
    except LeaseLost:
        return 0
    lease.release()
    if not is_marked_for_removal(instance):
        Instance.objects.filter(pk=instance.pk, sources=None).update(next_due_at=None)
    return removed


def remove_all_marked() -> int:
    """Go on with all removals that nobody is at work on; returns how many videos were removed."""
    held = ((instance, Lease.acquire(instance, LEASE_SECONDS)) for instance in Instance.objects.exclude(leaving=None))
    return sum(remove_marked_now(instance, lease) for instance, lease in held if lease)


def enough_at(deadline: float, stopped: Callable[[], bool]) -> Enough:
    """Return what says that it is enough at `deadline` (monotonic seconds), or once it is `stopped`."""
    return lambda _removed: stopped() or time.monotonic() >= deadline


def _remove_in_batches(instance: Instance, lease: Lease) -> Iterator[int]:
    """Remove, yielding after each commit how many videos went."""
    mark = Leaving.objects.get(instance=instance)
    if mark.whole and mark.reason == Reason.OPTED_OUT:
        yield from _delete_opted_out(instance, lease)
        return
    marks = LeavingVideo.objects.filter(instance=instance)
    opted_out, unwanted = marks.filter(reason=Reason.OPTED_OUT), marks.filter(reason=Reason.OUT_OF_SCOPE)
    while pks := list(opted_out.order_by("-pk").values_list("pk", flat=True)[:BATCH]):
        with lease.transaction():
            _announce(pks)
            _scrub_opted_out(Video, pks)
            LeavingVideo.objects.filter(pk__in=pks).delete()
        yield len(pks)
    with _recording(lease, instance) as run:
        while pks := list(unwanted.order_by("-pk").values_list("pk", flat=True)[:BATCH]):
            with lease.transaction():
                number = _make_tombstones(outside(instance.pk, instance.sources.all()).filter(pk__in=pks), run)
                LeavingVideo.objects.filter(pk__in=pks).delete()
            yield number
        while mark.whole and not instance.sources.exists():
            living = Video.objects.filter(instance=instance, removed_at=None).order_by("-published_at")
            with lease.transaction():
                newest = list(living.values_list("pk", flat=True)[:BATCH])
                number = _make_tombstones(Video.objects.filter(pk__in=newest), run)
            if not number:
                make_other_tombstones(lease, instance)
                break
            yield number
    with lease.transaction():
        Leaving.objects.filter(instance=instance).delete()


@contextmanager
def _recording(lease: Lease, instance: Instance) -> Iterator[SyncRun]:
    """Give a run, which `_make_tombstones` saves with the first rows that it removes, and end it if it was saved."""
    run = SyncRun(instance=instance, kind=RunKind.SCOPE)
    try:
        yield run
    finally:
        if run.pk:
            run.state, run.finished_at = RunState.DONE, timezone.now()
            with transaction.atomic():
                run.save(update_fields=["state", "finished_at"])
                count_run(run)


def _make_tombstones(videos: "QuerySet[Video, Video]", run: SyncRun) -> int:
    """Put `videos` out of scope, inside a transaction; returns how many."""
    rows = list(videos.order_by().values_list("pk", "uuid", "privacy_id"))
    if rows:
        make_tombstones([pk for pk, _uuid, _privacy in rows], Reason.OUT_OF_SCOPE)
        announce_removed([(pk, uuid) for pk, uuid, privacy in rows if privacy == PUBLIC], Reason.OUT_OF_SCOPE)
        run.removed += len(rows)
        run.save()
    return len(rows)


def make_other_tombstones(lease: Lease, instance: Instance) -> None:
    """Make tombstones of the other rows of an instance without any source; they stay due, for the day it comes back.

    Rows that the instance had removed itself no longer keep their twins from being shown: no source wants them any
    more.
    """
    now = timezone.now()
    for actors in (Channel, Account):
        living = actors._default_manager.filter(instance=instance, removed_at=None)
        while pks := list(living.values_list("pk", flat=True)[:BATCH]):
            with lease.transaction():
                gone = actors._default_manager.filter(pk__in=pks)
                gone.update(removed_at=now, removed_reason=Reason.OUT_OF_SCOPE)
    playlists = Playlist.objects.filter(instance=instance, removed_at=None)
    _put_all_out_of_scope(lease, playlists, removed_at=now)
    for model in (Video, Playlist):
        firsts = model._default_manager.filter(instance=instance, double=False, removed_at__isnull=False)
        _put_all_out_of_scope(lease, twinned(firsts.exclude(removed_reason__in=KEPT_REASONS)))


def _put_all_out_of_scope(lease: Lease, rows: "QuerySet[Any, Any]", **columns: Any) -> None:
    for batch in batches(list(rows.values_list("pk", flat=True))):
        with lease.transaction():
            put_out_of_scope(rows.model, batch, columns)


def _delete_opted_out(instance: Instance, lease: Lease) -> Iterator[int]:
    """Delete all rows of `instance`, and itself; what can't be deleted stays as scrubbed tombstones."""
    for model in (Video, Playlist):
        newest_first = "-published_at" if model is Video else "-pk"
        while pks := list(
            _not_yet_scrubbed(model, instance).order_by(newest_first).values_list("pk", flat=True)[:BATCH]
        ):
            with lease.transaction():
                _delete_unclaimed(model, pks)
            yield len(pks) if model is Video else 0
    for others in (Channel, Account):
        while pks := list(_not_yet_scrubbed(others, instance).values_list("pk", flat=True)[:BATCH]):
            with lease.transaction():
                _delete_or_scrub(others, pks)
            yield 0
    for records in (SkippedItem, SyncRun):
        rows = records._default_manager.filter(instance=instance)
        while pks := list(rows.values_list("pk", flat=True)[:BATCH]):
            with lease.transaction():
                records._default_manager.filter(pk__in=pks).delete()
    with lease.transaction():
        LeavingVideo.objects.filter(instance=instance).delete()
        Leaving.objects.filter(instance=instance).delete()
        if not any(model._default_manager.filter(instance=instance).exists() for model in (Video, Playlist, Account)):
            _delete_unless_protected(Instance.objects.filter(pk=instance.pk))


def _not_yet_scrubbed(model: type[Model], instance: Instance) -> "QuerySet[Any, Any]":
    """Return the rows of an instance that has opted out which aren't scrubbed tombstones yet."""
    done = {"removed_reason": Reason.OPTED_OUT, "scrubbed_at__isnull": False}
    return model._default_manager.filter(instance=instance).exclude(**done)


def _delete_unclaimed(model: Twinned, pks: list[int]) -> None:
    """Delete rows that have opted out.

    Rows whose place a row of another instance with the same uuid would take are scrubbed instead.
    """
    lock_twins(model, pks)
    if model is Video:
        _announce(pks)
        PlaylistElement.objects.filter(video__in=pks).delete()
    rows = model._default_manager.filter(pk__in=pks)
    if pairs := dict(twinned(rows).values_list("pk", "uuid")):
        rows.filter(pk__in=pairs).update(removed_at=timezone.now(), removed_reason=Reason.OPTED_OUT)
        settle_twins(model, pairs.values())
    claimed = set(twinned(rows.filter(double=False, pk__in=pairs)).values_list("pk", flat=True)) if pairs else set()
    if claimed:
        _scrub_opted_out(model, sorted(claimed))
    _delete_or_scrub(model, sorted(set(pks) - claimed))


def _delete_or_scrub(model: Any, pks: list[int]) -> None:
    """Delete rows; where a site's own forbid that, or rows that stay need these, scrub them all."""
    needed = model in (Channel, Account) and any(
        kept._default_manager.filter(**{f"{role}__in": pks}).exists() for kept, role in NEEDING[model]
    )
    if needed or not _delete_unless_protected(model._default_manager.filter(pk__in=pks).only("pk")):
        _scrub_opted_out(model, pks)


NEEDING: dict[type[Model], tuple[tuple[Any, str], ...]] = {
    Channel: ((Video, "channel"),),
    Account: ((Video, "account"), (Playlist, "owner_account")),
}
"""The models whose rows would be deleted with an actor's, and their foreign keys to it."""


def _delete_unless_protected(rows: "QuerySet[Any, Any]") -> bool:
    """Delete `rows` and what hangs on them; returns False where rows of the host project forbid it."""
    try:
        with transaction.atomic():
            rows.delete()
    except (ProtectedError, RestrictedError):
        return False
    return True


def _scrub_opted_out(model: Any, pks: list[int]) -> None:
    """Make scrubbed tombstones of rows that have opted out, inside a transaction."""
    rows = model._default_manager.filter(pk__in=pks)
    if model is Video:
        PlaylistElement.objects.filter(video__in=pks).delete()
        make_tombstones(list(rows.filter(removed_at=None).values_list("pk", flat=True)), Reason.OPTED_OUT)
    rows.filter(removed_at=None).update(removed_at=timezone.now())
    rows.update(removed_reason=Reason.OPTED_OUT)
    scrub(model, pks)
    if model in (Video, Playlist):
        settle_twins(model, twinned(rows).values_list("uuid", flat=True))


def _announce(pks: list[int]) -> None:
    """Announce the removal of those that are public and still there."""
    living = Video.objects.public().filter(pk__in=pks, removed_at=None)
    announce_removed(living.values_list("pk", "uuid"), Reason.OPTED_OUT)
