"""Parts of answers, as JSON that is ready to be sent; and the queue of rows whose parts are out of date.

Triggers fill the queue (`answer_triggers.py`) in the transaction that changes a row, and `ingest/answers.py` empties
it. A row in the queue has no part that counts: so no answer is older than the row that it shows, however long the queue
is.
"""

from django.db import models
from django.db.models.functions import Now


class Kind(models.IntegerChoices):
    """The kinds of rows of which answers, and so their parts, are made."""

    VIDEO = 1
    CHANNEL = 2
    ACCOUNT = 3
    PLAYLIST = 4
    CHANNEL_LISTED = 5
    """A channel with the number of its videos, which many more changes make out of date."""
    ACCOUNT_LISTED = 6


class AnswerPart(models.Model):
    """Keys of an answer with their values, made of one row: JSON without the braces around it.

    `form` says which keys, in which version of the software, and under which settings. Written by `ingest/answers.py`
    alone; what is made of a row that is gone goes with the next look into the queue.
    """

    pk = models.CompositePrimaryKey("row_id", "form")
    form = models.IntegerField(editable=False)
    row_id = models.BigIntegerField(editable=False)
    text = models.TextField(editable=False)

    def __str__(self) -> str:
        return f"part of {self.row_id}"


class AnswerForm(models.Model):
    """A form of which parts of all rows were put into the queue to be made, the last time at `made_at`.

    Parts of one form take the place of those of the others of their kind.
    """

    form = models.IntegerField(primary_key=True, editable=False)
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"form {self.form}"


class AnswerDue(models.Model):
    """A row whose parts are out of date. Written by triggers; the same row may come several times."""

    kind = models.SmallIntegerField(choices=Kind, editable=False)
    row_id = models.BigIntegerField(editable=False)

    class Meta:
        indexes = (models.Index(fields=["row_id", "kind"], name="answer_due_row"),)

    def __str__(self) -> str:
        return f"{Kind(self.kind).name} {self.row_id}"
