"""Hosts that were heard of and aren't mirrored: who told of them, and what a person decided."""

from django.db import models

from peertube_sync.models.base import NAME


class Candidate(models.Model):
    """A host that waits for approval, or was rejected at `rejected_at`, so that it is never proposed again.

    `host` is normalised; `heard_from` is the host of the index or the instance that told of it first. Nobody has
    asked it anything yet. An approved one becomes an instance with a source, and is no candidate any more.
    """

    host = models.CharField(max_length=NAME, unique=True, editable=False)
    heard_from = models.CharField(max_length=NAME, editable=False)
    heard_at = models.DateTimeField(auto_now_add=True, editable=False)
    rejected_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("host",)

    def __str__(self) -> str:
        return self.host


class InstanceIndex(models.Model):
    """An index of instances, and since when its list is known: what is older needn't be asked for again."""

    host = models.CharField(max_length=NAME, unique=True, editable=False)
    read_at = models.DateTimeField(editable=False)

    def __str__(self) -> str:
        return self.host
