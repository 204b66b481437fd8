"""Telling host projects what was written, once it is committed."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

from peertube_sync.ingest.videos import Ingested
from peertube_sync.models import Reason, Video
from peertube_sync.signals import video_created, video_removed, video_restored, video_updated


def announce(ingested: Ingested) -> None:
    """Announce what an ingest came to, after the transaction that is open now; nothing of what isn't public."""
    for uuid in ingested.created - ingested.private:
        _later(video_created, video_id=ingested.pks[uuid], uuid=uuid)
    for uuid in ingested.restored - ingested.private:
        _later(video_restored, video_id=ingested.pks[uuid], uuid=uuid)
    for uuid in ingested.updated.keys() - ingested.private:
        _later(video_updated, video_id=ingested.pks[uuid], uuid=uuid, changed=ingested.updated[uuid])
    announce_removed([(ingested.pks[uuid], uuid) for uuid in ingested.withdrawn], Reason.PRIVATE)


def announce_removed(rows: Iterable[tuple[int, UUID]], reason: str) -> None:
    """Announce tombstones, given as primary key and uuid."""
    for pk, uuid in rows:
        _later(video_removed, video_id=pk, uuid=uuid, reason=reason)


def _later(signal: Signal, **arguments: Any) -> None:
    if signal.has_listeners(Video):
        transaction.on_commit(partial(signal.send_robust, sender=Video, **arguments))
