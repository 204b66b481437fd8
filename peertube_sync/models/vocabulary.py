"""The words of titles, tags and names of listed videos, and what each is looked up by.

`ingest/vocabulary.py` writes them, with the documents of the search. What they are looked up by makes no sense to
anybody else: `catalogue/vocabulary.py` knows it.
"""

from django.db import models


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
