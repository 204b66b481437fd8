"""What the site's own people decide about a video; never touched by a sync."""

from django.db import models

from peertube_sync.models.base import NAME
from peertube_sync.models.video import Video


class Curation(models.Model):
    """Decisions about one video: hide it, feature it, show an own title or text instead of the source's."""

    video = models.OneToOneField(Video, models.CASCADE, related_name="curation")
    hidden = models.BooleanField(default=False)
    featured = models.BooleanField(default=False)
    title = models.CharField(max_length=NAME, blank=True)
    text = models.TextField(blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-changed_at",)
        verbose_name = "curation decision"

    def __str__(self) -> str:
        return self.title or self.video.name
