"""What a person has to look at, and when people were last told."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Cause(models.TextChoices):
    """Why a person has to look."""

    INSTANCE_FAILING = "instance_failing", _("instances have been failing for long")
    LOSSES_WAITING = "losses_waiting", _("suspicious losses wait for a person")
    SOURCE_UNREADABLE = "source_unreadable", _("sources can't be read")
    WORKER_SILENT = "worker_silent", _("nobody does what is due")
    SEARCH_QUEUE_GROWING = "search_queue_growing", _("the search queue isn't worked off")


class Alarm(models.Model):
    """When the signal of a cause was last sent, and its mail: each once a day at most, whoever notices first."""

    cause = models.CharField(max_length=30, choices=Cause, unique=True, editable=False)
    raised_at = models.DateTimeField(null=True, editable=False)
    mailed_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return self.cause
