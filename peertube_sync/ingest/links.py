"""Joining playlists with videos that came later than the playlist did."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import OuterRef, Subquery

from peertube_sync.models import Instance, PlaylistElement, Video


def link_elements(instance: Instance, created: Collection[UUID]) -> None:
    """Point the playlist elements that name one of the new videos at its row; one statement."""
    if not created:
        return
    rows = Video.objects.filter(instance=instance, uuid=OuterRef("video_uuid"))
    waiting = PlaylistElement.objects.filter(video=None, video_uuid__in=created, playlist__instance=instance)
    waiting.update(video=Subquery(rows.values("pk")[:1]))
