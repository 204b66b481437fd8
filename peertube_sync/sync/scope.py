"""Which of an instance's rows are wanted: what no source here wants is out of scope, whatever its server says."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from peertube_sync.models import PUBLIC, Instance, Reason, RunKind, Source, SourceKind, SourceState, SyncRun, Video
from peertube_sync.models.scope import outside
from peertube_sync.sync.announce import announce_removed
from peertube_sync.sync.work import Work

Found = tuple[int, UUID, int | None]


def settle_all(work: Work) -> None:
    """Bury all rows that no source wants any more, in a run of its own if there are any."""
    if found := _outside(work):
        with work.recording(RunKind.SCOPE) as run:
            _bury(work, run, found)


def settle_scope(work: Work, run: SyncRun, pks: Iterable[int] | None = None) -> None:
    """Bury the rows (of `pks`, or all) that no source wants any more: rules, moves and sources change."""
    if found := _outside(work, pks):
        _bury(work, run, found)


def bury(pks: list[int], reason: Reason) -> None:
    """Make rows tombstones; those that are only out of scope keep what is due, for the day that they come back."""
    done: dict[str, Any] = {"removed_at": timezone.now(), "removed_reason": reason, "missing_since": None}
    if reason != Reason.OUT_OF_SCOPE:
        done |= {"details_due_at": None, "captions_due_at": None}
    Video.objects.filter(pk__in=pks).update(**done)


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


def remove(source: Source) -> None:
    """Stop mirroring `source`; what no other source wants is buried by the next slice, which is due now."""
    instance = source.instance
    with transaction.atomic():
        # Who is at work on the instance loses its lease, and with it the right to write for this source.
        Instance.objects.filter(pk=instance.pk).update(next_due_at=timezone.now(), lease_token=None, lease_until=None)
        source.delete()
    settle_suspensions(instance)


def _outside(work: Work, pks: Iterable[int] | None = None) -> list[Found]:
    rows = outside(work.instance.pk, work.sources)
    if pks is not None:
        rows = rows.filter(pk__in=list(pks))
    return list(rows.values_list("pk", "uuid", "privacy_id"))


def _bury(work: Work, run: SyncRun, found: list[Found]) -> None:
    with work.lease.transaction():
        bury([pk for pk, _uuid, _privacy in found], Reason.OUT_OF_SCOPE)
        announce_removed([(pk, uuid) for pk, uuid, privacy in found if privacy == PUBLIC], Reason.OUT_OF_SCOPE)
        run.removed += len(found)
        work.save(run)


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
