"""Scrubbing tombstones: after their time, texts, tags and files go; the row stays for those who point at it."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from peertube_sync.conf import Settings
from peertube_sync.models import Caption, Chapter, Video

BATCH = 500
EMPTY: dict[str, Any] = {
    "name": "",
    "truncated_description": None,
    "description": None,
    "support": None,
    "nsfw_summary": None,
    "thumbnail_path": None,
    "preview_path": None,
    "thumbnails": [],
    "files": None,
    "streaming_playlists": None,
    "plugin_data": None,
    "live_schedules": None,
    "extra": {},
    "details_fetched_at": None,
    "details_due_at": None,
    "captions_fetched_at": None,
    "captions_due_at": None,
}


def purge(settings: Settings) -> int:
    """Scrub what has been a tombstone for longer than `settings.tombstone_retention`; returns how many."""
    before = timezone.now() - timedelta(seconds=settings.tombstone_retention)
    old = Video.objects.filter(removed_at__lt=before, scrubbed_at=None).order_by("pk")
    scrubbed = 0
    while pks := list(old.values_list("pk", flat=True)[:BATCH]):
        scrub(pks)
        scrubbed += len(pks)
    return scrubbed


@transaction.atomic
def scrub(pks: list[int]) -> None:
    """Take texts, tags, captions, chapters and files from rows."""
    Video.tags.through._default_manager.filter(video__in=pks).delete()
    Caption.objects.filter(video__in=pks).delete()
    Chapter.objects.filter(video__in=pks).delete()
    Video.objects.filter(pk__in=pks).update(**EMPTY, scrubbed_at=timezone.now())
