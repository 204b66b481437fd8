"""Text search without documents: what a text finds among channels and playlists, and within titles of videos."""

import re
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from peertube_sync.catalogue.lookups import present
from peertube_sync.catalogue.name_search import names_query, search_names
from peertube_sync.client.errors import InvalidTarget
from peertube_sync.peertube_api.parameters import read_handle

ADDRESS = re.compile(r"https?://([^/]+)/(?:(?:c|video-channels)/|@)([^/@?#]+)(?:@([^/@?#]+))?", re.IGNORECASE)
"""The address of a channel: a host, the channel's name, and its home where that is another host."""
HANDLE = re.compile(r"@?[^@\s/]+@[^@\s/]+")
"""`name@host`, with or without an @ before it."""
NEWEST = 10_000
"""Videos in whose titles a piece of a word is looked for."""
MOST = 500
"""Videos that a piece of a word finds."""
PIECE = 3
"""Characters that a piece of a word has at least."""
PIECES = 5


def channels_matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Keep the channels with all words of `text` in their names, or the one whose address or handle it is."""
    if address := ADDRESS.match(text):
        return rows.filter(_handle(f"{address[2]}@{address[3] or address[1]}"))
    if HANDLE.fullmatch(text):
        return rows.filter(_handle(text))
    text = text.removeprefix("@")
    return rows.filter(_words(text, "name", "display_name") | _named(rows, text))


def playlists_matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Keep the playlists with all words of `text` in their name."""
    return rows.filter(_words(text, "display_name") | _named(rows, text))


def within_titles(rows: QuerySet[Any], text: str) -> list[int]:
    """Return the keys of videos, of the newest, that have every piece of `text` somewhere in their titles."""
    pieces = text.split()
    if len(pieces) > PIECES or any(len(piece) < PIECE for piece in pieces):
        return []
    newest = rows.order_by("-published_at", "-pk").values("pk")[:NEWEST]
    titled = rows.filter(pk__in=newest).alias(title=Coalesce(NullIf("curation__title", Value("")), "name"))
    found = titled.filter(_words(text, "title")).order_by("-published_at", "-pk")
    return list(found.values_list("pk", flat=True)[:MOST])


def _named(rows: QuerySet[Any], text: str) -> Q:
    """Return the condition for rows that the site's search finds: in other spellings and forms of the words, too.

    Something like a handle is no words.
    """
    if "@" in text:
        return Q(pk__in=())
    return Q(pk__among=[pk for _score, pk in search_names(rows, names_query(text, rows.db))])


def _handle(text: str) -> Q:
    """Return the condition for the channel with a handle; its home may have moved since that was written down."""
    try:
        name, host = read_handle(present(text))
    except InvalidTarget:
        return Q(pk__in=())
    return Q(name__iexact=name, instance__host=host)


def _words(text: str, *columns: str) -> Q:
    found = Q()
    for word in text.split():
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__icontains": word})
        found &= anywhere
    return found
