from typing import ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from peertube_sync.models import Caption, Channel, Instance, Video


class Note(models.Model):
    """Goes with its video, and is missing from its own default manager."""

    class Shown(models.Manager["Note"]):
        def get_queryset(self) -> models.QuerySet["Note"]:
            return super().get_queryset().none()

    video = models.ForeignKey(Video, models.CASCADE, related_name="+")
    objects = Shown()
    every: ClassVar[models.Manager["Note"]] = models.Manager()


class Pick(models.Model):
    """A video is picked once; its key is the video's."""

    video = models.OneToOneField(Video, models.PROTECT, primary_key=True)


class PickLine(models.Model):
    pick = models.ForeignKey(Pick, models.CASCADE)


class Shelf(models.Model):
    videos = models.ManyToManyField(Video)


class Vote(models.Model):
    """A voter has one valid vote for a video."""

    voter = models.CharField(max_length=10)
    video = models.ForeignKey(Video, models.SET_NULL, null=True)
    valid = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["voter", "video"], condition=models.Q(valid=True), name="vote_once"),
        )


class Partner(models.Model):
    instance = models.ForeignKey(Instance, models.PROTECT)
    channel = models.ForeignKey(Channel, models.PROTECT)


class Label(models.Model):
    """A word for anything."""

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.CharField(max_length=20)
    of = GenericForeignKey()
    word = models.CharField(max_length=20)

    class Meta:
        unique_together = (("content_type", "object_id", "word"),)


class Proofread(models.Model):
    caption = models.ForeignKey(Caption, models.SET_NULL, null=True)
