"""The pictures that this site keeps: one row for each that was ever wanted, and what became of it.

The files lie in a storage, named after `file`, which is another one each time a picture is made: so no file is ever
written twice, and one is whole before its row names it. Triggers (`picture_triggers.py`) mark what may have gone or
changed with its row; `ingest/pictures/keeping.py` takes it away.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PictureState(models.TextChoices):
    WANTED = "wanted", _("not fetched yet")
    HERE = "here", _("here")
    DROPPED = "dropped", _("thrown away, as nobody had seen it for longest")
    FAILED = "failed", _("couldn't be fetched")
    REFUSED = "refused", _("no picture that can be kept")
    NONE = "none", _("none at its source")


class Picture(models.Model):
    """A picture of one row: what it is `of` (a key of `SHAPES`), and the row's key.

    `version` is that of the picture at the source (`Picked.version`), "" before anybody looked. `sizes` has the bytes
    of each file by its width, `bytes` their sum. `due_at` is when to ask for it next: null for what is here, and for
    what was thrown away until somebody wants to see it. `wanted_at` is when a visitor last waited for it, `seen_at`
    when one last saw it, to the day, or when it came. `claim` is of who is at it, until `claimed_until`. `stale`: the
    row may be gone, hidden from everybody, or have another picture. Nothing is cascaded from an instance: files would
    be left behind.
    """

    of = models.CharField(max_length=20, editable=False)
    row_id = models.BigIntegerField(editable=False)
    instance_id = models.BigIntegerField(editable=False)
    version = models.CharField(max_length=16, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=PictureState, default=PictureState.WANTED, editable=False)
    reason = models.TextField(blank=True, editable=False)
    file = models.CharField(max_length=32, blank=True, editable=False)
    sizes = models.JSONField(default=dict, editable=False)
    bytes = models.BigIntegerField(default=0, editable=False)
    tries = models.PositiveIntegerField(default=0, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    wanted_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False)
    claim = models.CharField(max_length=32, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    stale = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["row_id", "of"], name="picture_once"),)
        indexes: ClassVar = [
            models.Index(  # what to ask for next, of an instance
                fields=["instance_id", "due_at"], name="picture_due", condition=Q(due_at__isnull=False)
            ),
            models.Index(fields=["stale"], name="picture_stale", condition=Q(stale=True)),
            models.Index(  # least recently seen first, and how many bytes there are
                fields=["seen_at", "bytes"], name="picture_seen", condition=Q(bytes__gt=0)
            ),
            models.Index(fields=["file"], name="picture_file", condition=~Q(file="")),
        ]

    def __str__(self) -> str:
        return f"{self.of} {self.row_id}"
