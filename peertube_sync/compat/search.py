"""Text search of what has no documents: what a text finds among channels and playlists."""

import re
from typing import Any

from django.db.models import Q, QuerySet

ADDRESS = re.compile(r"https?://([^/]+)/(?:c|@|video-channels)/?([^/@?#]+)", re.IGNORECASE)
"""The address of a channel: its home and its name."""


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
