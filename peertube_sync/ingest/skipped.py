"""Items that could not be read: kept with their reason until they are read well."""

import hashlib
from collections.abc import Iterable, Sequence

from peertube_sync.client.parse import Unreadable
from peertube_sync.models import Instance, SkippedItem


def keep_skipped(instance: Instance, kind: str, items: Iterable[Unreadable]) -> None:
    """Write down what was skipped; the same item again only moves its `last_seen_at`."""
    for item in items:
        SkippedItem.objects.update_or_create(
            instance=instance,
            kind=kind,
            key=item.uuid or _digest(item),
            defaults={"reason": item.reason, "raw": item.raw},
        )


def forget_skipped(instance: Instance, kind: str, keys: Sequence[str]) -> None:
    """Drop what was skipped once and now came in well."""
    SkippedItem.objects.filter(instance=instance, kind=kind, key__in=keys).delete()


def _digest(item: Unreadable) -> str:
    return hashlib.sha256(item.raw.encode()).hexdigest()
