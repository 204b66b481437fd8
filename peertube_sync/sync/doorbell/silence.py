"""What walks find that hadn't rung: noted, and judged a little later by `trust`, since the ring may be on its way."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from peertube_sync.ingest.upsert import Written
from peertube_sync.ingest.videos import Ingested
from peertube_sync.models import Follow, FollowState, Playlist, Ring, RingKind, Source, Video
from peertube_sync.sync.work import Work

RECENT = timedelta(hours=1)
"""What rang so lately and is answered may have been found by who had asked before."""
MOST_NOTED = 20
"""So many of one page are noted; more would prove no more."""
RINGING = frozenset(
    {"name", "nsfw", "category_id", "licence_id", "language_id", "truncated_description", "channel_id", "published_at"}
)
"""Facts of videos that lists tell, and whose change rings for certain; counters never do, pictures not always."""
ACTOR_FACTS = frozenset({"display_name", "description", "support"})
PLAYLIST_FACTS = frozenset({"display_name", "description", "videos_length"})


def note_silent_videos(work: Work, source: Source | None, ingested: Ingested) -> None:
    """Note which videos of a page of `source` are new, back or changed, and haven't rung; inside its transaction."""
    if work.owner_source or source is None or not work.settings.doorbell:
        return
    if not Follow.objects.proven().of_source(source).exists():
        return
    changed = {uuid for uuid, names in ingested.updated.items() if names & RINGING}
    _note(work, RingKind.VIDEO, map(str, ingested.created | ingested.restored | changed))


def note_silent_removal(work: Work, video: Video) -> None:
    """Note that a video is gone and hasn't rung; inside the transaction of its tombstone."""
    if work.bell_proven:
        _note(work, RingKind.VIDEO, [str(video.uuid)])


def note_silent_captions(work: Work, looked_at: Mapping[int, datetime | None], changed: set[int]) -> None:
    """Note which of the `changed` videos, by primary key, were looked at since the bell is heard, and haven't rung."""
    if changed and work.bell_proven:
        since = _heard_since(work)
        pks = [pk for pk in changed if (at := looked_at.get(pk)) and at > since]
        uuids = Video.objects.filter(pk__in=pks).values_list("uuid", flat=True)
        _note(work, RingKind.VIDEO, map(str, uuids))


def note_silent_actors(work: Work, kind: RingKind, written: Written[str]) -> None:
    """Note which accounts or channels changed that were read in full since the bell is heard, and haven't rung."""
    changed = [name for name, change in written.updated.items() if change.names & ACTOR_FACTS]
    if changed and work.bell_proven:
        since = _heard_since(work)
        seen = [name for name in changed if (at := written.updated[name].before["details_fetched_at"]) and at > since]
        videos: Any = Video.objects.filter(instance=work.instance, removed_at=None)
        heard = [name for name in seen if videos.filter(**{f"{kind}__name": name}).exists()]
        _note(work, kind, heard)


def note_silent_playlists(work: Work, written: Written[Any]) -> None:
    """Note which playlists are new or changed that were read since the bell is heard, and haven't rung."""
    changed = [change.pk for change in written.updated.values() if change.names & PLAYLIST_FACTS]
    if changed and work.bell_proven:
        rows = Playlist.objects.filter(pk__in=changed, elements_fetched_at__gt=_heard_since(work))
        _note(work, RingKind.PLAYLIST, map(str, rows.values_list("uuid", flat=True)))


def _heard_since(work: Work) -> datetime:
    """Return since when all follows of the instance are accepted; it has a proven bell."""
    accepted = Follow.objects.filter(host=work.instance.host, state=FollowState.ACCEPTED)
    return max((at for at in accepted.values_list("accepted_at", flat=True) if at), default=timezone.now())


def _note(work: Work, kind: RingKind, names: Iterable[str]) -> None:
    now = timezone.now()
    for name in sorted(names)[:MOST_NOTED]:
        rows = Ring.objects.filter(instance=work.instance, kind=kind, name=name)
        row = rows.first()
        if row is None:
            # Unless it has rung just now.
            with suppress(IntegrityError), transaction.atomic():
                Ring.objects.create(instance=work.instance, kind=kind, name=name, missed_at=now)
        elif not row.waiting and not (row.rung_at and row.rung_at > now - RECENT):
            rows.filter(rings=row.rings, missed_at=None).update(missed_at=now)
