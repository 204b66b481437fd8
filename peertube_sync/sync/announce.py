"""Telling host projects what was written, once it is committed."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

from peertube_sync.ingest.videos import Ingested
from peertube_sync.models import Video
from peertube_sync.signals import video_created, video_removed, video_restored, video_updated


def announce(ingested: Ingested) -> None:
    """Announce what an ingest came to, after the transaction that is open now."""
    for uuid in ingested.created:
        _later(video_created, video_id=ingested.pks[uuid], uuid=uuid)
    for uuid in ingested.restored:
        _later(video_restored, video_id=ingested.pks[uuid], uuid=uuid)
    for uuid, changed in ingested.updated.items():
        _later(video_updated, video_id=ingested.pks[uuid], uuid=uuid, changed=changed)


def announce_removed(rows: Iterable[tuple[int, UUID]], reason: str) -> None:
    """Announce tombstones, given as primary key and uuid."""
    for pk, uuid in rows:
        _later(video_removed, video_id=pk, uuid=uuid, reason=reason)


def _later(signal: Signal, **arguments: Any) -> None:
    if signal.has_listeners(Video):
        transaction.on_commit(partial(signal.send_robust, sender=Video, **arguments))
