"""Opt-outs: who doesn't want to be mirrored here is neither asked nor shown, until a person undoes it."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db import models

from peertube_sync.models.base import NAME


def called(names: Iterable[str], column: str = "name") -> models.Q:
    """Return the condition for rows whose `column` is one of `names`, whose case doesn't count, as with PeerTube."""
    return reduce(or_, (models.Q(**{f"{column}__iexact": name}) for name in names), models.Q(pk__in=()))


class OptOutQuerySet(models.QuerySet["OptOut"]):
    def of(self, hosts: Iterable[str], *names: str) -> "OptOutQuerySet":
        """Those of accounts and channels called one of `names` at one of `hosts`; "" is a whole instance."""
        return self.filter(called(names), host__in=[*hosts])


class OptOut(models.Model):
    """An instance, or with a `name` one of its accounts or channels, which share one namespace per instance.

    `host` is normalised. It outlives the rows that it forbids, so that nobody adds them again by mistake.
    """

    host = models.CharField(max_length=NAME, editable=False)
    name = models.CharField(max_length=NAME, blank=True, editable=False)
    note = models.TextField(blank=True)
    added_at = models.DateTimeField(auto_now_add=True, editable=False)

    objects = OptOutQuerySet.as_manager()

    class Meta:
        ordering = ("host", "name")
        constraints = (models.UniqueConstraint(fields=["host", "name"], name="opt_out_once"),)

    def __str__(self) -> str:
        return f"@{self.name}@{self.host}" if self.name else self.host
