"""The words of titles, tags and names of listed videos, those of channels and playlists, and what each is looked up by.

`ingest/vocabulary.py` writes the former, with the documents of the search, `ingest/name_keys.py` the latter. What they
are looked up by makes no sense to anybody else: `catalogue/vocabulary.py` and `catalogue/name_search.py` know it.
"""

from django.db import models

from peertube_sync.models.answer import Kind


class SearchWord(models.Model):
    """A folded word, and how many listed videos of a language (a code, or "") have it in title, tags or names."""

    word = models.TextField(editable=False)
    language = models.TextField(editable=False)
    videos = models.PositiveIntegerField(editable=False)

    class Meta:
        constraints = (  # by which beginnings of words are looked up, too
            models.UniqueConstraint(
                fields=["word", "language"], name="search_word", opclasses=["text_pattern_ops", "text_pattern_ops"]
            ),
        )

    def __str__(self) -> str:
        return f"{self.word} ({self.language})"


class SearchKey(models.Model):
    """One of the keys of a word: a part of it, its stem, or what is left of it without a letter (`word_keys.py`)."""

    key = models.TextField(editable=False)
    word = models.TextField(editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["key", "word"], name="search_key", opclasses=["text_pattern_ops", "text_pattern_ops"]
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} of {self.word}"


class NameKey(models.Model):
    """A word of the name of a channel or playlist, a `Kind`, or a key of one: a part of it, or its stem.

    Written after parts of answers, so it may be a moment old: the row itself is asked whether it may be shown.
    """

    key = models.TextField(editable=False)
    kind = models.SmallIntegerField(editable=False)
    row_id = models.BigIntegerField(editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["key", "kind", "row_id"],
                name="name_key",
                opclasses=["text_pattern_ops", "int2_ops", "int8_ops"],
            ),
        )
        indexes = (models.Index(fields=["row_id", "kind"], name="name_key_row"),)

    def __str__(self) -> str:
        return f"{self.key} of {Kind(self.kind).name} {self.row_id}"
