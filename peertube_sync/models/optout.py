"""Opt-outs: who doesn't want to be mirrored here is neither asked nor shown, until a person undoes it."""

from django.db import models

from peertube_sync.models.base import NAME


class OptOut(models.Model):
    """An instance, or with a `name` one of its accounts or channels, which share one namespace per instance.

    `host` is normalised. It outlives the rows that it forbids, so that nobody adds them again by mistake.
    """

    host = models.CharField(max_length=NAME, editable=False)
    name = models.CharField(max_length=NAME, blank=True, editable=False)
    note = models.TextField(blank=True)
    added_at = models.DateTimeField(auto_now_add=True, editable=False)

    class Meta:
        ordering = ("host", "name")
        constraints = (models.UniqueConstraint(fields=["host", "name"], name="opt_out_once"),)

    def __str__(self) -> str:
        return f"@{self.name}@{self.host}" if self.name else self.host
