"""Channels and playlists that words find by their names, the best first.

The words of a query are read as for videos, with their other forms and the words that they are a part of. What a name
says in the words that were asked for comes first; of equals, the most followed channel, the playlist changed last.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import F, Q, QuerySet

from peertube_sync.catalogue.pasted import named_by
from peertube_sync.catalogue.ranking import Ranked, Wanted, phrases, worth_of_words
from peertube_sync.catalogue.vocabulary import widened
from peertube_sync.models import Channel, Kind, NameKey
from peertube_sync.models.folding import in_every_spelling
from peertube_sync.models.word_keys import LONGEST_WITH_KEYS, PART, has_forms, stem_key
from peertube_sync.models.words import Alternative, Query, Term, parse_query

FOUND = 500
"""Finds that are ranked: the most followed channels, or the playlists that changed last."""
ON_A_PAGE = 100
"""Finds that are ranked where a page shows only a few of them."""
LOOKED_UP, WORDS = 12, 4
"""Terms of a query, and words of a phrase, that are looked up; names that have them are compared with all."""
ALTERNATIVES = 8
"""Alternatives of a query that are looked for: rows that one of several finds are looked for in the whole table."""


def find_names(rows: QuerySet[Any], text: str, ranked: int = FOUND, videos: Query = ()) -> Ranked:
    """Return those of `rows`, of channels or playlists, that `text` finds: relevance and primary key, best first.

    Of an address or a handle, the one that it names. `videos` is what `text` searches videos for, where somebody knows
    that already: then other forms of its words needn't be looked up again.
    """
    if (named := named_by(rows.model, text)) is not None:
        return [(1.0, pk) for pk in rows.filter(named).order_by("pk").values_list("pk", flat=True)[:1]]
    asked = parse_query(text)
    return search_names(rows, _begun_as(asked, videos) if videos else widened(asked, rows.db), ranked)


def _begun_as(asked: Query, videos: Query) -> Query:
    """Return `videos` with the last word as it was `asked`: in names, which are few, it may always be a beginning."""
    *others, last = videos[-1].wanted
    last = replace(last, prefix=asked[-1].wanted[-1].prefix)
    return (*videos[:-1], replace(videos[-1], wanted=(*others, last)))


def search_names(rows: QuerySet[Any], query: Query, ranked: int = FOUND) -> Ranked:
    """Return those of `rows`, of channels or playlists, that `query` finds: relevance and primary key, best first.

    Of more than `ranked`, the most followed, or those that changed last.
    """
    if not query:
        return []
    is_channel = rows.model is Channel
    kind, columns = (Kind.CHANNEL, ("display_name", "name")) if is_channel else (Kind.PLAYLIST, ("display_name",))
    order = F("followers_count").desc(nulls_last=True) if is_channel else F("updated_at").desc()
    query = query[:ALTERNATIVES]
    has = {f"has_{number}": _having(kind, alternative) for number, alternative in enumerate(query)}
    named = rows.filter(reduce(or_, has.values())).annotate(**has if len(query) > 1 else {}).order_by(order, "-pk")
    columns_read = (*columns, *(has if len(query) > 1 else ()))
    worth = []
    for place, (pk, *values) in enumerate(named.values_list("pk", *columns_read)[:ranked]):
        names, which = values[: len(columns)], values[len(columns) :] or [True]
        folded = " ".join(word for name in dict.fromkeys(names) for word in in_every_spelling(name))
        if any(here and _has_phrases(folded, alternative) for here, alternative in zip(which, query, strict=True)):
            worth.append(
                (worth_of_words(folded, "", [Wanted.of(alternative) for alternative in query]) - place / 1e6, pk)
            )
    return sorted(worth, reverse=True)


def _having(kind: Kind, alternative: Alternative) -> Q:
    """Return the condition for rows that have all wanted terms and none of the unwanted, as far as words go."""
    wanted = [_saying(kind, term) for term in alternative.wanted[:LOOKED_UP]]
    unwanted = [~_among(kind, Q(key=term.words[0])) for term in alternative.unwanted if len(term.words) == 1]
    return reduce(and_, [*wanted, *unwanted])


def _saying(kind: Kind, term: Term) -> Q:
    """Return the condition for rows that have all words of one of the ways to say `term`."""
    single = [way for way in term.all if len(way.words) == 1]
    longer = [_all_words(kind, way) for way in term.all if len(way.words) > 1]
    return reduce(or_, [*longer, *([_among(kind, _has_any_key(term, single))] if single else [])])


def _all_words(kind: Kind, phrase: Term) -> Q:
    *before, last = dict.fromkeys(phrase.words[:WORDS])
    begins = phrase.prefix and len(phrase.words) <= WORDS and last == phrase.words[-1]
    keys = [Q(key=word) for word in before] + [Q(key__begins=last) if begins else Q(key=last)]
    return reduce(and_, (_among(kind, key) for key in keys))


def _has_any_key(term: Term, single: Sequence[Term]) -> Q:
    """Return the condition for keys of any of the words, and of other forms of the one that was asked for."""
    keys = Q(key__in=[way.words[0] for way in single])
    for way in single:
        keys |= Q(key__begins=way.words[0]) if way.prefix else Q()
    asked = term.words[0]
    if term in single and not term.quoted and has_forms(asked):
        keys |= Q(key=stem_key(asked, ""))
        if PART <= len(asked) <= LONGEST_WITH_KEYS:
            keys |= Q(key__begins=f">{asked}")
    return keys


def _among(kind: Kind, keys: Q) -> Q:
    return Q(pk__in=NameKey.objects.filter(keys, kind=kind).values("row_id"))


def _has_phrases(folded: str, alternative: Alternative) -> bool:
    """Return whether a name has what isn't looked up of an alternative: phrases, and those of very many terms."""
    name = f" {folded} "

    def has(term: Term) -> bool:
        return any(phrase in name for phrase in phrases(term))

    left = [term for place, term in enumerate(alternative.wanted) if len(term.words) > 1 or place >= LOOKED_UP]
    return all(map(has, left)) and not any(map(has, alternative.unwanted))
