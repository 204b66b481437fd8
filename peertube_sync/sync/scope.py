"""Which of an instance's rows are wanted: what no source here wants is out of scope, whatever its server says."""

from django.db import transaction
from django.utils import timezone

from peertube_sync.models import Instance, Reason, Source, SourceKind, SourceState, Video
from peertube_sync.models.scope import outside
from peertube_sync.sync.announce import announce_removed
from peertube_sync.sync.work import Work


def settle_scope(work: Work, *pks: int) -> None:
    """Bury the rows (of `pks`, or all) that no source wants any more: rules, moves and sources change."""
    rows = outside(work.instance.pk, work.sources)
    if pks:
        rows = rows.filter(pk__in=pks)
    found = list(rows.values_list("pk", "uuid"))
    if found:
        with work.lease.transaction():
            bury([pk for pk, _uuid in found], Reason.OUT_OF_SCOPE)
            announce_removed(found, Reason.OUT_OF_SCOPE)


def bury(pks: list[int], reason: Reason) -> None:
    """Make rows tombstones."""
    Video.objects.filter(pk__in=pks).update(
        removed_at=timezone.now(),
        removed_reason=reason,
        missing_since=None,
        details_due_at=None,
        captions_due_at=None,
    )


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


def _covers(broad: Source, narrow: Source) -> bool:
    """Whether `broad` selects all that `narrow` does."""
    if broad.rules or broad.kind == narrow.kind:
        return False
    if broad.kind == SourceKind.INSTANCE:
        return True
    actor = {SourceKind.ACCOUNT: "account__name", SourceKind.CHANNEL: "channel__name"}.get(SourceKind(broad.kind))
    if actor is None or narrow.kind not in {SourceKind.CHANNEL, SourceKind.VIDEO}:
        return False
    rows = Video.objects.of_source(narrow).filter(removed_at=None)
    return rows.exists() and not rows.exclude(**{actor: broad.name}).exists()
