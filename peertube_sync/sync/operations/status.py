"""How complete and how fresh the copy is, source by source."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from peertube_sync.models import Follow, Instance, Login, Source, SourceKind
from peertube_sync.models.scope import hidden_by_rules, wanted
from peertube_sync.sync.schedule import is_due


@dataclass(frozen=True)
class SourceStatus:
    """One source: `remote_total` as the source last said, `mirrored` and `with_details` as we hold.

    `wanted_total` is how many of those its `rules` want, None while a sweep is due that will tell; `mirrored` is
    measured by it. `unread` are those that the last walk showed and that could not be read. `coverage` is the share
    that is mirrored and was read by it, None where there is nothing to measure by. `hidden_by_rules` are those of the
    `held` rows, tombstones that are only out of scope among them, that break a rule. `lag_seconds` is the age of the
    last look that could read the source, None before the first. `healthy`: neither the source nor the instance is in
    trouble. `audited_at` and `audit_differences` are of the last complete audit of the instance; no contact with it was
    good since `failing_since`. `bell` is the state of the follow, "proven" where it is relied on, "" where none is.
    `login` tells of an owner's own videos whether they can be read, "" of all others.
    """

    source: str
    host: str
    kind: str
    name: str
    rules: dict[str, Any]
    remote_total: int | None
    wanted_total: int | None
    held: int
    hidden_by_rules: int
    mirrored: int
    with_details: int
    unread: int
    coverage: float | None
    head_at: datetime | None
    sweep_at: datetime | None
    lag_seconds: float | None
    healthy: bool
    audited_at: datetime | None
    audit_differences: int | None
    state: str
    login: str
    bell: str
    instance_state: str
    instance_reason: str
    failing_since: datetime | None
    last_error: str
    next_due_at: datetime | None

    def as_dict(self) -> dict[str, object]:
        """Return plain values; times in ISO 8601."""
        return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(self).items()}


def status(instances: Collection[Instance] | None = None) -> list[SourceStatus]:
    """Return the status of every source, or of those at `instances`, by host."""
    sources = Source.objects.select_related("instance").order_by("instance__host", "kind", "name")
    return [status_of(source) for source in (sources if instances is None else sources.filter(instance__in=instances))]


def wanted_total(source: Source) -> int | None:
    """Return how many of what `source` has its rules want; None where no complete look has told.

    Excluded are what lists showed to break a rule (of owners' own videos, to be public), and what details, which came
    after the last sweep, did.
    """
    if (not source.rules and source.kind != SourceKind.OWN) or source.remote_total is None:
        return source.remote_total
    if source.sweep_at is None or source.sweep_due_at is None or is_due(source.sweep_due_at):
        return None
    broken, _held = hidden_by_rules(source)
    later = broken.filter(details_fetched_at__gt=source.sweep_at).count()
    return max(0, source.remote_total - source.excluded - later)


def status_of(source: Source) -> SourceStatus:
    """Return the status of one source."""
    instance = source.instance
    videos = wanted(source).filter(removed_at=None, delisted_at=None)
    broken, held = hidden_by_rules(source)
    total = wanted_total(source)
    looked = max((at for at in (source.head_at, source.sweep_at) if at), default=None)
    mirrored = videos.count()
    login = ""
    if source.kind == SourceKind.OWN:
        row = Login.objects.filter(instance=instance, username=source.name).first()
        login = row.state if row else "login needed: nobody is logged in"
    follow = Follow.objects.of_source(source).first()
    return SourceStatus(
        source=str(source),
        host=instance.host,
        kind=source.kind,
        name=source.name,
        rules=source.rules,
        remote_total=source.remote_total,
        wanted_total=total,
        held=held.count(),
        hidden_by_rules=broken.count() if source.rules else 0,
        mirrored=mirrored,
        with_details=videos.filter(details_fetched_at__isnull=False).count(),
        unread=source.unread,
        coverage=round(max(0, min(mirrored, total - source.unread)) / total, 4) if total else None,
        head_at=source.head_at,
        sweep_at=source.sweep_at,
        lag_seconds=(timezone.now() - looked).total_seconds() if looked else None,
        healthy=source.healthy,
        audited_at=instance.audited_at,
        audit_differences=instance.audit_differences,
        state=source.state,
        login=login,
        bell="" if follow is None else "proven" if follow.proven else follow.state,
        instance_state=instance.state,
        instance_reason=instance.state_reason,
        failing_since=instance.failing_since,
        last_error=" ".join([source.last_error or instance.state_reason, *source.unknown_ids()]).strip(),
        next_due_at=instance.next_due_at,
    )
