"""Items and fields that could not be read: kept with their reason until they are read well."""

import hashlib
from collections.abc import Iterable, Sequence

from peertube_sync.client.parse import Unreadable
from peertube_sync.client.types import Remote
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


FIELD = "field"
"""What follows the kind of an item that was taken, but for some of its fields."""


def key_of(item: Remote) -> str:
    """Return what names an item: its uuid, of an actor its name; "" where it has neither."""
    return str(getattr(item, "uuid", "") or getattr(item, "name", ""))


def odd_fields(item: Remote, key: str) -> Unreadable:
    """Return the fields of `item` that could not be read, as one entry of what is kept."""
    reason = "; ".join(f"{name}: {odd.reason}" for name, odd in item.odd.items())
    return Unreadable(reason, "\n".join(f"{name}: {odd.raw}" for name, odd in item.odd.items()), key)


def forget_skipped(instance: Instance, kind: str, keys: Sequence[str]) -> None:
    """Drop what was skipped once and now came in well."""
    SkippedItem.objects.filter(instance=instance, kind=kind, key__in=keys).delete()


def _digest(item: Unreadable) -> str:
    return hashlib.sha256(item.raw.encode()).hexdigest()
