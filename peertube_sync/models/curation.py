"""What the site's own people decide about a video; never touched by a sync."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from peertube_sync.models.base import NAME
from peertube_sync.models.video import Video


class CurationQuerySet(models.QuerySet["Curation"]):
    """Decisions of the site's people about videos; `decide` writes them for many videos at once."""

    def decide(self, videos: Iterable[Video], **decision: Any) -> None:
        """Write `decision`, columns and their values, for each of `videos`; what was decided besides stays."""
        now = timezone.now()
        self.bulk_create(
            [Curation(video=video, changed_at=now, **decision) for video in videos],
            update_conflicts=True,
            unique_fields=["video"],
            update_fields=[*decision, "changed_at"],
        )


class Curation(models.Model):
    """Decisions about one video: hide it, feature it, show an own title or text instead of the source's."""

    video = models.OneToOneField(Video, models.CASCADE, related_name="curation")
    hidden = models.BooleanField(default=False)
    featured = models.BooleanField(default=False)
    title = models.CharField(max_length=NAME, blank=True)
    text = models.TextField(blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = CurationQuerySet.as_manager()

    class Meta:
        ordering = ("-changed_at",)
        verbose_name = "curation decision"

    def __str__(self) -> str:
        return self.title or self.video.name
