"""Which of an instance's rows are wanted: what no source here wants is out of scope, whatever its server says."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from peertube_sync.ingest.search import index_due
from peertube_sync.ingest.twins import Twinned, lock_twins, settle_twins, twinned
from peertube_sync.models import (
    PUBLIC,
    Account,
    Channel,
    Instance,
    Playlist,
    Reason,
    RunKind,
    RunState,
    Source,
    SourceKind,
    SourceState,
    SyncRun,
    Video,
)
from peertube_sync.models.scope import outside
from peertube_sync.sync import events
from peertube_sync.sync.announce import announce_removed
from peertube_sync.sync.lease import Lease, LeaseLost
from peertube_sync.sync.work import Work, count_run

BATCH = 500
"""Rows that become tombstones in one transaction."""
HELD = 60.0
"""Seconds for which a removal holds the lease of its instance, from each batch on."""
GIVEN_UP = (Reason.OUT_OF_SCOPE, Reason.OPTED_OUT)
"""Reasons of tombstones that stay what they are when their instance isn't mirrored any more."""
Found = tuple[int, UUID, int | None]
One = TypeVar("One")


def settle_all(work: Work) -> None:
    """Bury all rows that no source wants any more, in a run of its own if there are any videos."""
    if found := _outside(work.instance, work.sources):
        with work.recording(RunKind.SCOPE) as run:
            _bury(work.lease, run, found)
    if not work.sources:
        _bury_others(work.lease, work.instance)


def settle_scope(work: Work, run: SyncRun, pks: Iterable[int] | None = None) -> None:
    """Bury the rows (of `pks`, or all) that no source wants any more: rules, moves and sources change."""
    _bury(work.lease, run, _outside(work.instance, work.sources, pks))


def settle_now(instance: Instance, most: int | None = None) -> int:
    """Bury all rows that no source wants any more, of videos `most`, with nobody asked; returns how many videos.

    For when sources go. Who is at work on the instance loses its lease. Where another removal takes over, this
    process dies or there are more, the rest is buried by that, or by the next slice.
    """
    lease, sources = Lease.seize(instance, HELD), list(instance.sources.all())
    every = _outside(instance, sources)
    found = every[:most]
    try:
        if found:
            _bury_in_a_run(lease, instance, found)
        if not sources:
            _bury_others(lease, instance)
    except LeaseLost:
        return len(found)
    lease.release()
    transaction.on_commit(index_due)
    if found == every:
        Instance.objects.filter(pk=instance.pk, sources=None).update(next_due_at=None)
    return len(found)


def bury(pks: list[int], reason: Reason) -> None:
    """Make rows tombstones, inside a transaction.

    Those that are only out of scope keep what is due, for the day that they come back, and give way to their twins.
    """
    done: dict[str, Any] = {"removed_at": timezone.now(), "missing_since": None}
    if reason == Reason.OUT_OF_SCOPE:
        put_out_of_scope(Video, pks, done)
    else:
        done |= {"removed_reason": reason, "details_due_at": None, "captions_due_at": None}
        Video.objects.filter(pk__in=pks).update(**done)


def put_out_of_scope(model: Twinned, pks: list[int], columns: dict[str, Any]) -> None:
    """Write that no source wants rows any more, and `columns` beside; rows with their uuids are shown in their place.

    Inside a transaction.
    """
    uuids = lock_twins(model, pks)
    model._default_manager.filter(pk__in=pks).update(**columns, removed_reason=Reason.OUT_OF_SCOPE)
    settle_twins(model, uuids)


def covering(source: Source) -> Source | None:
    """Return the broader source that does the work of `source`, if any."""
    others = source.instance.sources.exclude(pk=source.pk).exclude(state=SourceState.PAUSED)
    return next((other for other in others.select_related("instance") if _covers(other, source)), None)


def settle_suspensions(instance: Instance) -> None:
    """Suspend the sources that lie inside a broader one without rules; wake those that no longer do."""
    sources = list(instance.sources.exclude(state=SourceState.PAUSED))
    for source in sources:
        inside = any(_covers(other, source) for other in sources if other.pk != source.pk)
        if inside != (source.state == SourceState.SUSPENDED):
            source.state = SourceState.SUSPENDED if inside else SourceState.ACTIVE
            source.save(update_fields=["state"])


def remove(source: Source, most: int | None = None) -> int:
    """Stop mirroring `source` and bury what no other source wants, as `settle_now` does."""
    instance = source.instance
    with transaction.atomic():
        # Who is at work on the instance loses its lease, and with it the right to write for this source.
        Instance.objects.filter(pk=instance.pk).update(next_due_at=timezone.now(), lease_token=None, lease_until=None)
        source.delete()
    settle_suspensions(instance)
    hidden = settle_now(instance, most)
    facts = {"host": instance.host, "source": source, "videos": hidden}
    events.note(logging.INFO, "source_removed", "%(source)s is no source any more: %(videos)s videos go", **facts)
    return hidden


def batches(rows: list[One]) -> Iterator[list[One]]:
    """Yield `rows` in the portions that are written at once."""
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _outside(instance: Instance, sources: Iterable[Source], pks: Iterable[int] | None = None) -> list[Found]:
    rows = outside(instance.pk, sources)
    if pks is not None:
        rows = rows.filter(pk__in=list(pks))
    return list(rows.values_list("pk", "uuid", "privacy_id"))


def _bury(lease: Lease, run: SyncRun, found: list[Found]) -> None:
    for batch in batches(found):
        with lease.transaction():
            bury([pk for pk, _uuid, _privacy in batch], Reason.OUT_OF_SCOPE)
            announce_removed([(pk, uuid) for pk, uuid, privacy in batch if privacy == PUBLIC], Reason.OUT_OF_SCOPE)
            run.removed += len(batch)
            run.save(update_fields=["removed"])


def _bury_in_a_run(lease: Lease, instance: Instance, found: list[Found]) -> None:
    """Keep a record, as of every slice that buries."""
    with lease.transaction():
        run = SyncRun.objects.create(instance=instance, kind=RunKind.SCOPE)
    _bury(lease, run, found)
    run.state, run.finished_at = RunState.DONE, timezone.now()
    with lease.transaction():
        run.save(update_fields=["state", "finished_at"])
        count_run(run)


def _bury_others(lease: Lease, instance: Instance) -> None:
    """Bury what else is told of an instance without any source; what is due stays so, for the day it comes back.

    What the instance had removed itself no longer keeps its twins from being shown: nobody here wants it any more.
    """
    now = timezone.now()
    with lease.transaction():
        for actors in (Channel, Account):
            living = actors._default_manager.filter(instance=instance, removed_at=None)
            living.update(removed_at=now, removed_reason=Reason.OUT_OF_SCOPE)
    playlists = Playlist.objects.filter(instance=instance, removed_at=None)
    _put_all_out_of_scope(lease, playlists, removed_at=now)
    for model in (Video, Playlist):
        firsts = model._default_manager.filter(instance=instance, double=False, removed_at__isnull=False)
        _put_all_out_of_scope(lease, twinned(firsts.exclude(removed_reason__in=GIVEN_UP)))


def _put_all_out_of_scope(lease: Lease, rows: "QuerySet[Any, Any]", **columns: Any) -> None:
    for batch in batches(list(rows.values_list("pk", flat=True))):
        with lease.transaction():
            put_out_of_scope(rows.model, batch, columns)


def _covers(broad: Source, narrow: Source) -> bool:
    """Whether `broad` selects all that `narrow` does."""
    if broad.rules or broad.kind == narrow.kind or SourceKind.OWN in {broad.kind, narrow.kind}:
        return False
    if broad.kind == SourceKind.INSTANCE:
        return True
    actor = {SourceKind.ACCOUNT: "account__name", SourceKind.CHANNEL: "channel__name"}.get(SourceKind(broad.kind))
    if actor is None or narrow.kind not in {SourceKind.CHANNEL, SourceKind.VIDEO}:
        return False
    rows = Video.objects.of_source(narrow).filter(removed_at=None)
    return rows.exists() and not rows.exclude(**{actor: broad.name}).exists()
