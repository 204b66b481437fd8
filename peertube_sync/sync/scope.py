"""Which of an instance's rows are wanted: what no source here wants is out of scope, whatever its server says."""

import logging
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from peertube_sync.models import PUBLIC, Instance, Reason, RunKind, Source, SourceKind, SourceState, SyncRun, Video
from peertube_sync.models.scope import outside, want_all
from peertube_sync.sync import events
from peertube_sync.sync.announce import announce_removed
from peertube_sync.sync.bulk_removal import (
    LEASE_SECONDS,
    make_other_tombstones,
    mark_unwanted_for_removal,
    remove_marked_now,
)
from peertube_sync.sync.lease import Lease
from peertube_sync.sync.tombstones import batches, make_tombstones
from peertube_sync.sync.work import Work

Found = tuple[int, UUID, int | None]


def settle_all(work: Work) -> None:
    """Make tombstones of all rows that no source wants any more, in a run of its own if there are any videos."""
    if rows := _outside(work.instance, work.sources):
        with work.recording(RunKind.SCOPE) as run:
            _put_out_of_scope(work.lease, run, rows)
    if not work.sources:
        make_other_tombstones(work.lease, work.instance)


def settle_scope(work: Work, run: SyncRun, pks: Iterable[int] | None = None) -> None:
    """Make tombstones of the rows (of `pks`, or all) that no source wants any more.

    Where the sources of an anonymous `work` want all rows, `pks` aren't looked up.
    """
    if pks is not None and not work.owner_source and want_all(work.sources):
        return
    _put_out_of_scope(work.lease, run, _outside(work.instance, work.sources, pks))


def settle_now(instance: Instance, most: int | None = None) -> int:
    """Hide all that no source wants any more at once, and make tombstones of it; returns how many were made by then.

    For when sources go; nobody is asked. Who is at work on the instance loses its lease. Where another removal takes
    over, this process dies or there are more than `most`, the rest is left to that, or to the next slice.
    """
    with transaction.atomic():
        lease = Lease.seize(instance, LEASE_SECONDS)
        mark_unwanted_for_removal(instance)
    return remove_marked_now(instance, lease, most)


def broader_source(source: Source) -> Source | None:
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


def remove_source(source: Source, most: int | None = None) -> int:
    """Stop mirroring `source`, hide at once what no other source wants, and remove it as `settle_now` does."""
    instance = source.instance
    with transaction.atomic():
        # Who is at work on the instance loses its lease, and with it the right to write for this source.
        lease = Lease.seize(instance, LEASE_SECONDS)
        Instance.objects.filter(pk=instance.pk).update(next_due_at=timezone.now())
        source.delete()
        settle_suspensions(instance)
        mark_unwanted_for_removal(instance)
    hidden = remove_marked_now(instance, lease, most)
    facts = {"host": instance.host, "source": source, "videos": hidden}
    events.note(logging.INFO, "source_removed", "%(source)s is no source any more: %(videos)s videos go", **facts)
    return hidden


def _outside(instance: Instance, sources: Iterable[Source], pks: Iterable[int] | None = None) -> list[Found]:
    rows = outside(instance.pk, sources)
    if pks is not None:
        rows = rows.filter(pk__in=list(pks))
    return list(rows.values_list("pk", "uuid", "privacy_id"))


def _put_out_of_scope(lease: Lease, run: SyncRun, rows: list[Found]) -> None:
    for batch in batches(rows):
        with lease.transaction():
            make_tombstones([pk for pk, _uuid, _privacy in batch], Reason.OUT_OF_SCOPE)
            announce_removed([(pk, uuid) for pk, uuid, privacy in batch if privacy == PUBLIC], Reason.OUT_OF_SCOPE)
            run.removed += len(batch)
            run.save(update_fields=["removed"])


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
