"""Items and fields that could not be read: the newest of each instance, with their reason, until they are read well.

How many there are of a server's junk is in the runs; what is kept is bounded in number and bytes while it comes in.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from peertube_sync.client.lenient import MOST_TOLD
from peertube_sync.client.parse import Unreadable
from peertube_sync.client.sanitise import one_line
from peertube_sync.client.types import Remote
from peertube_sync.models import Instance, SkippedItem

ITEMS_KEPT = 1_000
"""Items that are kept of an instance, the newest, and new ones that a run adds: the rest of its junk is counted."""
BYTES_KEPT = 2_000
"""Bytes that are kept of a raw item, and of a reason."""
BATCH = 1_000


def keep_skipped(instance: Instance, kind: str, items: Iterable[Unreadable], since: datetime) -> None:
    """Write down what was skipped by a run that began at `since`; the same item again moves its `last_seen_at`.

    A few statements, however many items there are.
    """
    items_by_key = {item.uuid or hashlib.sha256(item.raw.encode()).hexdigest(): item for item in items}
    if not items_by_key:
        return
    kept = SkippedItem.objects.filter(instance=instance)
    known = set(kept.filter(kind=kind, key__in=items_by_key).values_list("key", flat=True))
    new = [key for key in items_by_key if key not in known]
    room = max(0, ITEMS_KEPT - kept.filter(first_seen_at__gte=since).count()) if new else 0
    rows = []
    for key in (*known, *new[:room]):
        reason, raw = _first_bytes(items_by_key[key].reason), _first_bytes(items_by_key[key].raw)
        rows.append(SkippedItem(instance=instance, kind=kind, key=key, reason=reason, raw=raw))
    SkippedItem.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["instance", "kind", "key"],
        update_fields=["reason", "raw", "last_seen_at"],
    )
    if new[:room]:
        keep_newest(instance)


def keep_newest(instance: Instance) -> int:
    """Delete all skipped items of `instance` but the newest; returns how many."""
    deleted = 0
    newest = SkippedItem.objects.filter(instance=instance).order_by("-last_seen_at", "-pk").values_list("pk", flat=True)
    while old := list(newest[ITEMS_KEPT : ITEMS_KEPT + BATCH]):
        deleted += SkippedItem.objects.filter(pk__in=old).delete()[0]
    return deleted


FIELD = "field"
"""What follows the kind of an item that was taken, but for some of its fields."""


def key_of(item: Remote) -> str:
    """Return what names an item: its uuid, of an actor its name; "" where it has neither."""
    return str(getattr(item, "uuid", "") or getattr(item, "name", ""))


def odd_fields(item: Remote, key: str) -> Unreadable:
    """Return the fields of `item` that could not be read, as one entry of what is kept; of many, the first ones."""
    kept = list(item.odd.items())[:MOST_TOLD]
    reasons = [one_line(f"{name}: {odd.reason}") for name, odd in kept]
    if len(item.odd) > MOST_TOLD:
        reasons.append(f"and {len(item.odd) - MOST_TOLD} more")
    return Unreadable("; ".join(reasons), "\n".join(f"{name}: {odd.raw}" for name, odd in kept), key)


def forget_skipped(instance: Instance, kind: str, keys: Sequence[str]) -> None:
    """Drop what was skipped once and now came in well."""
    SkippedItem.objects.filter(instance=instance, kind=kind, key__in=keys).delete()


def _first_bytes(text: str) -> str:
    """Return the beginning of `text` that fits into `BYTES_KEPT`."""
    return text.encode()[:BYTES_KEPT].decode(errors="ignore")
