"""How complete and how fresh the copy is, source by source."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from peertube_sync.models import Source, Video


@dataclass(frozen=True)
class SourceStatus:
    """One source: `remote_total` as the source last said, `mirrored` and `with_details` as we hold.

    `coverage` is the share of the total that is mirrored, None where the total is 0 or not known; a source with
    rules never comes to 1. `lag_seconds` is the age of the last look at the source, None before the first.
    `audited_at` and `audit_differences` are of the last complete audit of the instance; no contact with it was good
    since `failing_since`.
    """

    source: str
    host: str
    kind: str
    name: str
    remote_total: int | None
    mirrored: int
    with_details: int
    coverage: float | None
    head_at: datetime | None
    sweep_at: datetime | None
    lag_seconds: float | None
    audited_at: datetime | None
    audit_differences: int | None
    state: str
    instance_state: str
    instance_reason: str
    failing_since: datetime | None
    last_error: str
    next_due_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values; times in ISO 8601."""
        return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(self).items()}


def status() -> list[SourceStatus]:
    """Return the status of every source, by host."""
    return [
        _of(source) for source in Source.objects.select_related("instance").order_by("instance__host", "kind", "name")
    ]


def _of(source: Source) -> SourceStatus:
    instance = source.instance
    videos = Video.objects.of_source(source).filter(removed_at=None)
    looked = max((at for at in (source.head_at, source.sweep_at) if at), default=None)
    mirrored = videos.filter(delisted_at=None).count()
    return SourceStatus(
        source=str(source),
        host=instance.host,
        kind=source.kind,
        name=source.name,
        remote_total=source.remote_total,
        mirrored=mirrored,
        with_details=videos.filter(delisted_at=None, details_fetched_at__isnull=False).count(),
        coverage=round(mirrored / source.remote_total, 4) if source.remote_total else None,
        head_at=source.head_at,
        sweep_at=source.sweep_at,
        lag_seconds=(timezone.now() - looked).total_seconds() if looked else None,
        audited_at=instance.audited_at,
        audit_differences=instance.audit_differences,
        state=source.state,
        instance_state=instance.state,
        instance_reason=instance.state_reason,
        failing_since=instance.failing_since,
        last_error=source.last_error or instance.state_reason,
        next_due_at=instance.next_due_at,
    )
