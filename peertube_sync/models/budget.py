"""The rate budget of a host, where no Redis keeps it."""

from django.db import models

from peertube_sync.models.base import NAME


class HostBudget(models.Model):
    """One host's rate limit as text, from when on it may be asked, and who asks it now, until when at the latest.

    Times are epoch seconds of the database's clock. Read and written by `peertube_sync/budget_stores/database.py`
    alone. Hosts that aren't instances yet have one too.
    """

    host = models.CharField(max_length=NAME, unique=True)
    pace = models.TextField(blank=True, editable=False)
    opens_at = models.FloatField(default=0.0, editable=False)
    token = models.CharField(max_length=32, blank=True, editable=False)
    held_until = models.FloatField(default=0.0, editable=False)

    def __str__(self) -> str:
        return self.host
