"""Audits of a mirror, and what they tell."""

from peertube_sync.sync.audit.findings import Audit
from peertube_sync.sync.audit.instance import audit
from tests.support.mirror import Mirror


def verify(mirror: Mirror, *, sample: int | None = None) -> Audit:
    return audit(mirror.instance, mirror.settings(), sample=sample)


def told(result: Audit) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.what, one.key, one.field) for one in result.differences]


def counts(result: Audit) -> tuple[int, int, int]:
    return result.missing, result.ghosts, result.differing
