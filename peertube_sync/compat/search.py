"""Text search, in one place: what a text finds among videos, channels and playlists."""

import re
from typing import Any

from django.db.models import FloatField, Q, QuerySet, Value

from peertube_sync.models import Video

ADDRESS = re.compile(r"https?://([^/]+)/(?:c|@|video-channels)/?([^/@?#]+)", re.IGNORECASE)
"""The address of a channel: its home and its name."""


def matching(rows: QuerySet[Video], text: str) -> QuerySet[Video]:
    """Keep what `text` finds, with its `relevance`, the greater the better."""
    found = rows.filter(_words(text, "name", "channel__display_name", "account__display_name"))
    return found.annotate(relevance=Value(0.0, output_field=FloatField()))


def channels_matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Keep the channels with all words of `text` in their names, or the one whose address it is."""
    if address := ADDRESS.match(text):
        return rows.filter(instance__host__iexact=address[1], name__iexact=address[2])
    return rows.filter(_words(text, "name", "display_name"))


def playlists_matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Keep the playlists with all words of `text` in their name."""
    return rows.filter(_words(text, "display_name"))


def _words(text: str, *columns: str) -> Q:
    found = Q()
    for word in text.split():
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__icontains": word})
        found &= anywhere
    return found
