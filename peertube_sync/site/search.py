"""Searching videos by words, in one place."""

from django.db.models import QuerySet

from peertube_sync.models import Video


def matching(rows: QuerySet[Video], words: str) -> QuerySet[Video]:
    """Return those of `rows` whose title holds all of `words`."""
    for word in words.split()[:8]:
        rows = rows.filter(name__icontains=word)
    return rows
