"""Whether a walk could read what its list shows; where it couldn't, its source says so until a walk could."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min
from django.utils import timezone

from peertube_sync.client.parse import Unreadable
from peertube_sync.models import RunKind, Source, SourceState
from peertube_sync.sync import events
from peertube_sync.sync.work import Work

SHARE = 0.1
"""The share of a list that may be unreadable; one item always may."""
FEW_UNREADABLE = 10
"""Unreadable items of one page that may outnumber its readable ones: a last page may have no others."""


@dataclass
class Readability:
    """What a walk could make of a list: `read` items it could, `unread` it couldn't; the first of these for `reason`.

    `gap`: one page showed hardly anything that could be read.
    """

    read: int = 0
    unread: int = 0
    gap: bool = False
    reason: str = ""

    def add(self, start: int, read: int, lost: Collection[Unreadable]) -> None:
        """Count what the page at offset `start` came to."""
        self.read += read
        self.unread += len(lost)
        self.gap |= len(lost) > read and (start == 0 or len(lost) > FEW_UNREADABLE)
        self.reason = self.reason or next((item.reason for item in lost), "")

    @property
    def trouble(self) -> str:
        """Say what is wrong where less could be read than should be, else ""."""
        items = self.read + self.unread
        if not self.gap and self.unread <= max(1, SHARE * items):
            return ""
        return f"{self.unread} of the {items} items that its list showed could not be read: {self.reason}"


def settle_readability(
    work: Work, source: Source, reading: Readability, good: dict[str, Any], *, complete: bool, **columns: Any
) -> None:
    """Write `columns` of a source after a walk, and the `good` ones only where the walk could read its list.

    Only a `complete` walk tells that a source can be read again. One that a person has paused meanwhile, or has to
    look at, keeps its state.
    """
    trouble = reading.trouble
    work.write_source(source, **columns, **({"last_error": trouble} if trouble else good))
    if trouble or complete:
        mark_readability(work, source, readable=not trouble)


def mark_readability(work: Work, source: Source, *, readable: bool) -> None:
    """Make an active source unreadable, or an unreadable one active."""
    before, after = SourceState.ACTIVE, SourceState.UNREADABLE
    if readable:
        before, after = after, before
    with work.lease.transaction():
        changed = Source.objects.filter(pk=source.pk, state=before).update(state=after)
    if not changed:
        return
    source.state = after
    facts = {"host": work.instance.host, "source": source, "reason": source.last_error}
    if readable:
        events.note(logging.INFO, "source_readable", "%(source)s: can be read again", **facts)
    else:
        events.note(logging.WARNING, "source_unreadable", "%(source)s: %(reason)s", **facts)


def walk_again(source: Source) -> dict[str, object]:
    """Return when an unreadable source whose newest videos can be read is walked again: as a column, if that is sooner.

    That is at once the first time, then after as long as walks have failed: each waits about twice as long.
    """
    if source.state != SourceState.UNREADABLE:
        return {}
    walks = source.runs.filter(kind=RunKind.SWEEP, started_at__gt=source.sweep_at or source.added_at)
    tried = walks.aggregate(first=Min("started_at"), last=Max("started_at"))
    due = tried["last"] + (tried["last"] - tried["first"]) if tried["last"] else timezone.now()
    return {"sweep_due_at": min(due, source.sweep_due_at or due)}
