"""Which state of the catalogue is committed: a number that every commit raises which changed something shown.

Triggers raise it (`revision_triggers.py`), since rows are written in bulk, by several writers, and by the admin. On
PostgreSQL each statement adds a row, and the revision is the sum of all: nobody waits for anybody, and a reader counts
what is committed, in whatever order that began. On SQLite, which has one writer, there is one row.
"""

from django.db import models


class Revision(models.Model):
    """A part of the revision. Steps are of random size, so that no two states of a database have the same."""

    number = models.BigIntegerField(editable=False)

    def __str__(self) -> str:
        return str(self.number)


CURRENT = f"SELECT sum(number) FROM {Revision._meta.db_table}"  # noqa: S608 - our own name
"""What reads the revision that is committed: a number, NULL where nothing counts it."""
