"""Text search without documents: what a text finds among channels and playlists, and within titles of videos."""

from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from peertube_sync.catalogue.name_search import find_names
from peertube_sync.catalogue.pasted import named_by
from peertube_sync.models import Channel, Playlist

NEWEST_TITLES = 10_000
"""Videos in whose titles a piece of a word is looked for."""
MOST_MATCHING = 500
"""Videos that a piece of a word finds."""
PIECE = 3
"""Characters that a piece of a word has at least."""
PIECES = 5


def channels_matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Keep the channels with all words of `text` in their names, or the one whose address or handle it is."""
    if (named := named_by(Channel, text)) is not None:
        return rows.filter(named)
    text = text.removeprefix("@")
    return rows.filter(_words(text, "name", "display_name") | _as_the_site_finds(rows, text))


def playlists_matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Keep the playlists with all words of `text` in their name, or the one whose address it is."""
    if (named := named_by(Playlist, text)) is not None:
        return rows.filter(named)
    return rows.filter(_words(text, "display_name") | _as_the_site_finds(rows, text))


def within_titles(rows: QuerySet[Any], text: str) -> list[int]:
    """Return the keys of videos, of the newest, that have every piece of `text` somewhere in their titles."""
    pieces = text.split()
    if len(pieces) > PIECES or any(len(piece) < PIECE for piece in pieces):
        return []
    newest = rows.order_by("-published_at", "-pk").values("pk")[:NEWEST_TITLES]
    titled = rows.filter(pk__in=newest).alias(title=Coalesce(NullIf("curation__title", Value("")), "name"))
    matching = titled.filter(_words(text, "title")).order_by("-published_at", "-pk")
    return list(matching.values_list("pk", flat=True)[:MOST_MATCHING])


def _as_the_site_finds(rows: QuerySet[Any], text: str) -> Q:
    """Return the condition for rows that the site's search finds: in other spellings and forms of the words, too.

    Something like a handle is no words.
    """
    if "@" in text:
        return Q(pk__in=())
    return Q(pk__among=[pk for _score, pk in find_names(rows, text)])


def _words(text: str, *columns: str) -> Q:
    all_words = Q()
    for word in text.split():
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__icontains": word})
        all_words &= anywhere
    return all_words
