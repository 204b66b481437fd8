"""What the models share: named lengths, choices of states, and how many rows are read at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from peertube_sync.client.types import PUBLIC

Row = Mapping[str, Any]
"""Columns of a row, or what is to be written into them, by name."""
NAME = 500
URL = 2000
FIRST = models.Q(double__lt=True)
"""No double; in other words than lists have for it, so that SQLite doesn't walk through an index of uuids for these."""

__all__ = ("FIRST", "NAME", "PUBLIC", "TAKEN_BACK", "URL", "Reason", "Row", "Tombstone", "streamed")


class Reason(models.TextChoices):
    """Why a row is a tombstone."""

    DELETED = "deleted", _("deleted at the source")
    PRIVATE = "private", _("not public any more")
    PASSWORD = "password", _("behind a password")
    UNLISTED = "unlisted", _("unlisted by its owner")
    BLOCKED = "blocked", _("blocked by its instance")
    OPTED_OUT = "opted_out", _("opted out of being mirrored here")
    OUT_OF_SCOPE = "out_of_scope", _("not wanted by any source here")


TAKEN_BACK = models.Q(
    removed_at__isnull=False,
    removed_reason__in=(Reason.DELETED, Reason.PRIVATE, Reason.PASSWORD, Reason.UNLISTED, Reason.BLOCKED),
)
"""Tombstones of what was deleted or withdrawn at its source, which everybody can see there, too."""


class Tombstone(models.Model):
    """A row that outlives what it mirrors, so that a site's own foreign keys to it stay valid.

    A row is a tombstone while `removed_at` is set; only the admin shows it. Three causes write `removed_at` and
    `removed_reason` (`Reason`):

    1. Its home says that it is gone or not public (`sync/walks/missing.py`; for channels, accounts and playlists
       `sync/walks/lists.py`).
    2. No source here wants it: by the rules (`sync/scope.py`), or since a source was removed (`sync/bulk_removal.py`).
    3. An opt-out (`sync/operations/optout.py`; its videos, and whole instances, in `sync/bulk_removal.py`).

    It ends when an answer shows the row again and a source wants it: ingest clears the columns, and the key is the
    same. Otherwise the row stays for ever, but `sync/operations/purge.py` empties its texts and pictures
    `TOMBSTONE_RETENTION` later (after an opt-out at once) and notes that in `scrubbed_at`. Rows are deleted only when
    their whole instance opts out, or when a move makes them superfluous.
    """

    first_seen_at = models.DateTimeField(auto_now_add=True, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    removed_reason = models.CharField(max_length=20, blank=True, choices=Reason, editable=False)
    scrubbed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


def streamed(rows: models.QuerySet[Any, Any], chunk_size: int = 2_000) -> Iterator[Any]:
    """Yield rows as they are read, `chunk_size` at a time; for callers that take all of them at once.

    In one transaction: behind a pooler that gives each transaction another connection, no cursor outlives its own.
    """
    with transaction.atomic(using=rows.db, savepoint=False):
        yield from rows.iterator(chunk_size=chunk_size)
