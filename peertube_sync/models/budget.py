"""The rate budget of a host, where no Redis keeps it."""

from django.db import models
from django.db.models.functions import Now

from peertube_sync.models.base import NAME


class HostBudget(models.Model):
    """One host's pace, as text, from when on it may be asked, and who asks it now.

    Written by `peertube_sync/budget/database.py` alone; of no use to anybody else. Hosts that aren't instances yet
    have one too.
    """

    host = models.CharField(max_length=NAME, unique=True)
    pace = models.TextField(blank=True, editable=False)
    opens_at = models.DateTimeField(db_default=Now(), editable=False)
    token = models.CharField(max_length=32, blank=True, editable=False)
    held_until = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return self.host
