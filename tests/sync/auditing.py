"""Audits of a mirror, and what they tell."""

from typing import Any

from peertube_sync.models import Video
from peertube_sync.sync.audit import audit
from peertube_sync.sync.findings import Audit
from tests.sync.mirror import Mirror


def verify(mirror: Mirror, *, sample: int | None = None) -> Audit:
    return audit(mirror.instance, mirror.settings(), sample=sample)


def told(result: Audit) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.what, one.key, one.field) for one in result.differences]


def counts(result: Audit) -> tuple[int, int, int]:
    return result.missing, result.ghosts, result.differing


def any_row(number: int = 0, **columns: Any) -> Video:
    """Return a listed row, its columns changed by hand."""
    row: Video = Video.objects.listed().order_by("pk")[number]
    Video.objects.filter(pk=row.pk).update(**columns)
    return row
