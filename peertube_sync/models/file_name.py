"""By which paths of their homes rows are found, so that a path alone leads to the file."""

from django.db import models

from peertube_sync.models.answer import Kind


class FileName(models.Model):
    """A path at which a public row publishes a file, as a number (`published.file_key`).

    Of paths that have the row's uuid in them there are none, since that finds the row. Written by
    `ingest/file_names.py` alone, after parts of answers, so it may be a moment old: the row itself is asked whether it
    still has the file, and may be shown. `kind` is a `Kind`; there are rows of four.
    """

    pk = models.CompositePrimaryKey("row_id", "kind", "key")
    key = models.BigIntegerField(editable=False)
    kind = models.SmallIntegerField(editable=False)
    row_id = models.BigIntegerField(editable=False)

    class Meta:
        indexes = (models.Index(fields=["key"], name="file_name_key"),)

    def __str__(self) -> str:
        return f"{Kind(self.kind).name} {self.row_id}"
