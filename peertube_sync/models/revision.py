"""Which state of the catalogue is committed: a number that every commit raises which changed something shown.

Triggers raise it (`revision_triggers.py`), since rows are written in bulk, by several writers, and by the admin. On
PostgreSQL each statement adds a row, and the revision is the sum of all: nobody waits for anybody, and a reader counts
what is committed, in whatever order that began. On SQLite, which has one writer, there is one row.
"""

from typing import ClassVar

from django.db import connections, models


class RevisionQuerySet(models.QuerySet["Revision"]):
    """The rows of which the revision is the sum."""

    def current(self) -> str:
        """Return the revision that is committed, "" where nothing counts it. One statement, and no model made."""
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"SELECT sum(number) FROM {self.model._meta.db_table}")  # noqa: S608 - our own names
            (total,) = cursor.fetchone()
        return "" if total is None else str(total)


class Revision(models.Model):
    """A part of the revision. Steps are of random size, so that no two states of a database have the same."""

    number = models.BigIntegerField(editable=False)

    objects: ClassVar = RevisionQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.number)
