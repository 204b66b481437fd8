"""What is hidden already, and still to be removed: far more rows than one transaction should write.

The commit that decides on a removal adds marks alone, so it takes as long for a million videos as for one instance.
All that may be shown is told by querysets that leave out what is marked; `sync/bulk_removal.py` then removes it in
batches, and takes the marks away. Nearly always both tables are empty.
"""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from peertube_sync.models.base import Reason
from peertube_sync.models.instance import Instance


class Leaving(models.Model):
    """An instance of which something is hidden and still to be removed: the `whole`, else some videos.

    Of the whole, `reason` says why it goes: what has opted out is deleted, what is out of scope stays as tombstones.
    """

    instance = models.OneToOneField(Instance, models.CASCADE, primary_key=True, related_name="leaving", editable=False)
    whole = models.BooleanField(default=False, editable=False)
    reason = models.CharField(max_length=20, blank=True, choices=Reason, editable=False)
    since = models.DateTimeField(auto_now_add=True, editable=False)

    def __str__(self) -> str:
        return f"{self.instance} leaves{'' if self.whole else ' in part'}"


class LeavingVideo(models.Model):
    """A video that isn't shown any more and becomes a tombstone for this `reason`; its instance keeps others."""

    video_id = models.BigIntegerField(primary_key=True, editable=False)
    instance = models.ForeignKey(Instance, models.CASCADE, related_name="leaving_videos", editable=False)
    reason = models.CharField(max_length=20, choices=Reason, editable=False)

    def __str__(self) -> str:
        return f"video {self.video_id} leaves: {self.reason}"


def stays() -> Q:
    """Return the condition for rows of instances that don't leave as a whole, which are looked up once for a list."""
    return ~Q(instance__in=Leaving.objects.filter(whole=True).values("instance"))


def video_stays() -> Q:
    """Return the condition for videos that leave neither alone nor with their instance.

    Nearly always nothing leaves, and both tables are looked into once for a list, not for each row that a page passes.
    """
    leaving, whole = (rows.values("instance") for rows in (Leaving.objects.all(), Leaving.objects.filter(whole=True)))
    alone = Exists(LeavingVideo.objects.filter(video_id=OuterRef("pk")))
    return ~Q(instance__in=leaving) | Q(~Q(instance__in=whole) & ~alone)
