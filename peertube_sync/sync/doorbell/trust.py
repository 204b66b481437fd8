"""Whether a bell can be relied on. What is known is in the row of the Follow, and nobody writes it but this module.

===============  ============================================================  ==================================
fact             what makes it                                                 what follows
===============  ============================================================  ==================================
``accepted_at``  the followed actor said so                                    rings come; all is polled as before
``proven_at``    a complete sweep that began after that                        head polls and rotations are rare
``doubted_at``   a walk found what hadn't rung, or a heartbeat isn't answered  lost: polled, and followed again
===============  ============================================================  ==================================

A walk that finds a change waits a little before it calls it silent: the ring may still be on its way.
"""

import logging
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from peertube_sync.ingest.changes import write_changes
from peertube_sync.models import (
    Account,
    Channel,
    Follow,
    FollowState,
    Playlist,
    Ring,
    RingKind,
    Source,
    Video,
    streamed,
)
from peertube_sync.sync import events
from peertube_sync.sync.schedule import GRACE
from peertube_sync.sync.work import RARER, Work

BATCH = 2_000
ROTATING: tuple[tuple[Any, str], ...] = (
    (Video, "captions_due_at"),
    (Playlist, "elements_due_at"),
    (Channel, "details_due_at"),
    (Account, "details_due_at"),
)
"""What comes round by itself, and rings."""


def prove(work: Work, source: Source, began: datetime) -> None:
    """Rely on the bell of `source` from now on, if its complete sweep that `began` then began after the acceptance."""
    follow = Follow.objects.of_source(source).filter(state=FollowState.ACCEPTED, accepted_at__lte=began).first()
    if follow is None:
        return
    was_proven = Follow.objects.proven().filter(pk=follow.pk).exists()
    with work.lease.transaction():
        Follow.objects.filter(pk=follow.pk, state=FollowState.ACCEPTED).update(proven_at=timezone.now(), doubt="")
    if was_proven:
        return
    events.note(logging.INFO, "bell_proven", "%(follow)s: its bell is proven", host=follow.host, follow=follow)
    work.__dict__.pop("bell_proven", None)
    if work.bell_proven:
        _spread(work, RARER)


def settle_doubts(work: Work) -> None:
    """Stop relying on bells that were silent, or whose heartbeat wasn't answered: poll, and follow again."""
    if not work.settings.doorbell:
        return
    now = timezone.now()
    accepted = Follow.objects.filter(host=work.instance.host, state=FollowState.ACCEPTED)
    for follow in accepted.filter(next_at__lte=now, asked_at__gt=F("answered_at")):
        _doubt(work, [follow], "it no longer answers that it is followed")
    silent = Ring.objects.filter(instance=work.instance, missed_at__lte=now - GRACE)
    first = silent.order_by("missed_at").first()
    if first is None:
        return
    _doubt(work, accepted, f"the {RingKind(first.kind).label} {first.name} changed, and hadn't rung")
    with work.lease.transaction():
        silent.filter(rings=0).delete()
        silent.update(missed_at=None)


def _doubt(work: Work, follows: Iterable[Follow], doubt: str) -> None:
    now, was_proven = timezone.now(), work.bell_proven
    lost = {"state": FollowState.LOST, "lost_at": now, "doubted_at": now, "doubt": doubt, "next_at": now, "failures": 0}
    for follow in follows:
        with work.lease.transaction():
            Follow.objects.filter(pk=follow.pk, state=FollowState.ACCEPTED).update(**lost)
            mine = work.instance.sources.filter(kind=follow.kind, name=follow.name)
            mine.exclude(head_due_at=None).update(head_due_at=now)
        facts = {"host": follow.host, "follow": follow, "reason": doubt}
        events.note(logging.WARNING, "bell_doubted", "%(follow)s: its bell is in doubt: %(reason)s", **facts)
    work.__dict__.pop("bell_proven", None)
    work.__dict__.pop("sources", None)
    if was_proven:
        _spread(work, 1)


def _spread(work: Work, times: int) -> None:
    """Spread what rotates over so many rotations from now on; what is due now stays due."""
    now, most = timezone.now(), times * work.settings.rotation_interval
    for model, column in ROTATING:
        rows = model._default_manager.filter(instance=work.instance, removed_at=None, **{f"{column}__gt": now})
        pks = list(streamed(rows.order_by("pk").values_list("pk", flat=True)))
        for start in range(0, len(pks), BATCH):
            at = {pk: now + timedelta(seconds=random.uniform(0, most)) for pk in pks[start : start + BATCH]}  # noqa: S311 - jitter
            with work.lease.transaction():
                write_changes(model, {pk: {column: due} for pk, due in at.items()})
