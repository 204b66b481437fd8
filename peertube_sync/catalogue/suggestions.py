"""What somebody may be about to type: channels, and titles and tags of the newest videos that have its words.

The last word is taken for a beginning, and completed by the words that most videos have. Then videos and channels are
looked for as the search does, so that nothing is suggested that lists don't show, and nothing else is kept for it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.name_search import search_names
from peertube_sync.catalogue.prepared_queries import ChosenColumns, PreparedQuery
from peertube_sync.catalogue.video_search import newest_matching, without_costly_prefix
from peertube_sync.catalogue.vocabulary import beginning_with
from peertube_sync.client.short_uuid import shorten
from peertube_sync.models import Channel, Video
from peertube_sync.models.folding import in_every_spelling
from peertube_sync.models.lookups import Keys
from peertube_sync.models.prepared import Placeholder
from peertube_sync.models.reading import TITLE, own_or
from peertube_sync.models.word_keys import is_spelt
from peertube_sync.models.words import PREFIX, Alternative, Query, Term, parse_query

Rows = list[dict[str, Any]]
TYPES = ("channel", "tag", "video")
"""In the order in which they are told."""
MOST_SUGGESTIONS = 10
EACH = 3
"""Channels and tags, each, at the most; the others are titles."""
LOOKED = 60
"""Videos of which titles and tags are looked at, and channels."""
COLUMNS = ("uuid", "views", "search__said", *TITLE)
SHORTEST = 2
"""Letters of a beginning that may become other words of titles; names are looked up from three on, as by the search."""
CHANNEL = ("name", "instance__host", "display_name")


@dataclass(frozen=True)
class Suggestion:
    """One of `TYPES`: what people call it, and its short uuid, its handle, or the tag."""

    type: str
    name: str
    id: str


@dataclass(frozen=True)
class _Fit:
    """A suggestion, and how well it fits: whether it begins with what is typed, and how many videos or views it has.

    Of several with the same `key` the best is enough.
    """

    begins: bool
    weight: int
    key: str
    suggestion: Suggestion


def suggest(text: str) -> list[Suggestion]:
    """Return at most `MOST_SUGGESTIONS` for `text`, which is being typed: channels, tags, then titles."""
    rows, read = visibility.listed(), parse_query(text)[-1:]
    if not read:
        return []
    query = _completed(read[0], rows.db)
    pks = newest_matching(rows, query, visibility.facts_of_policy(), LOOKED)
    videos: Rows = ChosenColumns(visibility.listed, COLUMNS).among(pks)
    wanted = _Wanted(query[0])
    tagged = _tags_query(rows.db).run(keys=[video["pk"] for video in videos])
    return [
        *_suggested_channels(read),
        *_best(_fitting_tags(tagged, wanted))[:EACH],
        *_best(_fitting_titles(videos, wanted)),
    ][:MOST_SUGGESTIONS]


@cache
def _tags_query(database: str) -> PreparedQuery:
    links = Video.tags.through._default_manager.using(database)
    return PreparedQuery(links.filter(video__id__among=Placeholder("keys", Keys())).order_by().values("tag__name"))


def _completed(alternative: Alternative, database: str) -> Query:
    """Return an alternative with what its last word may become beside it."""
    *before, last = alternative.wanted
    if last.quoted or len(last.words) > 1 or not is_spelt(last.words[0]):  # words of letters alone are counted
        return without_costly_prefix((alternative,), database)
    typed = [term.words[0] for term in last.all]
    longer = [word for begun in typed if len(begun) >= SHORTEST for word in beginning_with(begun, database)]
    whole = Term((typed[0],), others=tuple(Term((word,)) for word in dict.fromkeys([*typed[1:], *longer])))
    return (Alternative((*before, whole), alternative.unwanted),)


class _Wanted:
    """What a name has to have: of each term one of its phrases."""

    def __init__(self, alternative: Alternative) -> None:
        self.terms = [
            [f" {' '.join(way.words)}{'' if way.prefix else ' '}" for way in term.all] for term in alternative.wanted
        ]

    def fit(self, folded: str) -> bool | None:
        """Return whether a name of these words begins with the first term; None where it lacks one."""
        name = f" {folded} "
        if not all(any(phrase in name for phrase in phrases) for phrases in self.terms):
            return None
        return any(name.startswith(phrase) for phrase in self.terms[0])


def _best(fits: Iterable[_Fit]) -> list[Suggestion]:
    """Return one suggestion for each thing: words that begin a name first, then the most watched or used."""
    ordered = sorted(fits, key=lambda fit: (not fit.begins, -fit.weight, len(fit.suggestion.name)))
    best: dict[str, Suggestion] = {}
    for fit in ordered:
        best.setdefault(fit.key, fit.suggestion)
    return list(best.values())


def _fitting_titles(videos: Rows, wanted: _Wanted) -> Iterator[_Fit]:
    for video in videos:
        folded = (video["search__said"] or "\n").split("\n")[1]
        begins = wanted.fit(folded)
        if begins is not None:
            title = own_or(*(video[column] for column in TITLE)) or ""
            yield _Fit(begins, video["views"] or 0, folded, Suggestion("video", title, shorten(video["uuid"])))


def _suggested_channels(read: Query) -> Iterator[Suggestion]:
    """Yield the channels that are called so, the best first."""
    *before, last = read[0].wanted
    begun = replace(last, prefix=last.prefix or (not last.quoted and len(last.words[-1]) >= PREFIX))
    available = Channel.objects.available
    keys = [pk for _score, pk in search_names(available(), (replace(read[0], wanted=(*before, begun)),), LOOKED)[:EACH]]
    channels: Any = ChosenColumns(available, CHANNEL).among(keys) if keys else ()
    rows = {row["pk"]: row for row in channels}
    for name, host, display_name in ([rows[key][column] for column in CHANNEL] for key in keys if key in rows):
        yield Suggestion("channel", display_name or name, f"{name}@{host}")


def _fitting_tags(tagged: Rows, wanted: _Wanted) -> Iterator[_Fit]:
    for tag, number in Counter(link["tag__name"] for link in tagged).items():
        folded = " ".join(in_every_spelling(tag))
        begins = wanted.fit(folded)
        if begins is not None:
            yield _Fit(begins, number, folded, Suggestion("tag", tag, tag))
