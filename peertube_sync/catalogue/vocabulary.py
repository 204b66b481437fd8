"""Words of titles, tags and names that are near to those of a query: their forms, what they are a part of, typos.

All of it is looked up in tables of the words of listed videos (`models/vocabulary.py`), so that both databases do it
alike, no worker keeps the words in its memory, and documents needn't be written in more than one form.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import reduce
from operator import or_

from django.core.cache import cache
from django.db.models import F, Q, Sum

from peertube_sync.models import SearchKey, SearchWord
from peertube_sync.models.word_keys import (
    CORRECTED,
    LONGEST_WITH_KEYS,
    PART,
    STEMMERS,
    a_typo_apart,
    has_forms,
    stem_key,
    typo_keys,
)
from peertube_sync.models.words import Alternative, Query, Term

COMPLETED = 8
"""Words that may be meant by a beginning."""
SPELLINGS = 3
"""Languages of which each of these is looked at, at least."""
COMMON = 5_000
"""Videos whose titles have a word that is looked for in no other form: it finds enough. No more are added to others."""
ADDED = 20
"""Words that are looked for beside one that is asked for."""
WIDENED = 6
"""Words of a query of which near ones are looked up; who writes more has said enough."""
CORRECTABLE = 12
"""Words of a query that may have a typo."""
RARE = 3
"""Videos, at the most, that have a word that may be a typo although some have it."""
FREQUENT = 10
"""How many times as many videos have the word that is meant by it, at the least."""
PARTS = 300
"""Words that are looked up for each that is asked for."""
NEAREST = 8
"""Words that may be meant by one with a typo."""
LANGUAGES = 300
"""Seconds for which the languages of the catalogue are kept."""


def widened(query: Query, database: str) -> Query:
    """Return `query` with other forms of its words, and the words that these are a part of, beside them."""
    asked = single_words(query)[:WIDENED]
    if not asked:
        return query
    near = _near(asked, database)
    if not any(near.values()):
        return query
    numbers = _numbers({*asked, *(word for words in near.values() for word in words)}, database)
    return with_others(query, {word: _affordable(word, words, numbers) for word, words in near.items()})


def likelier(query: Query, database: str) -> dict[str, list[str]]:
    """Return the words that may be meant by those of `query` that hardly any title has, the most frequent first."""
    near, numbers = _a_typo_apart_from(query, database)
    likely = {
        word: [other for other in others if numbers[other] >= FREQUENT * max(numbers.get(word, 0), 1)]
        for word, others in near.items()
        if numbers.get(word, 0) <= RARE
    }
    return {word: others for word, others in likely.items() if others}


def tolerant(query: Query, database: str) -> dict[str, list[str]]:
    """Return the words that may be meant by those of `query`, the most frequent first.

    By those that no title has, where there are such; else by any.
    """
    near, numbers = _a_typo_apart_from(query, database)
    unknown = {word for word in near if word not in numbers}
    return {word: near[word] for word in unknown or near}


def _a_typo_apart_from(query: Query, database: str) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Return for each word of `query` those that are a typo apart, the most frequent first; and the words' numbers."""
    asked = [word for word in single_words(query) if CORRECTED - 1 <= len(word) <= LONGEST_WITH_KEYS][:CORRECTABLE]
    keys = list({key for word in asked for key in typo_keys(word)})
    if not keys:
        return {}, {}
    near = defaultdict[str, set[str]](set)
    rows = SearchKey.objects.using(database).filter(key__in=keys).values_list("word", flat=True)
    for found in set(rows):
        for word in asked:
            if found != word and a_typo_apart(word, found):
                near[word].add(found)
    numbers = _numbers({*asked, *(word for words in near.values() for word in words)}, database)
    return {
        word: sorted((other for other in others if other in numbers), key=lambda other: (-numbers[other], other))[
            :NEAREST
        ]
        for word, others in near.items()
    }, numbers


def beginning_with(beginning: str, database: str) -> list[str]:
    """Return the words that most videos have of those that begin so, the most frequent first."""
    rows = SearchWord.objects.using(database).filter(word__begins=beginning, videos__gt=0).order_by("-videos")
    numbers = Counter[str]()
    for word, videos in rows.values_list("word", "videos")[: COMPLETED * SPELLINGS]:
        numbers[word] += videos
    return [word for word, _videos in numbers.most_common(COMPLETED)]


def single_words(query: Query) -> list[str]:
    """Return the wanted words of which near ones will do as well: those that stand alone, not meant to the letter."""
    wanted = (term for alternative in query for term in alternative.wanted)
    return list(dict.fromkeys(term.words[0] for term in wanted if _may_differ(term)))


def _may_differ(term: Term) -> bool:
    return len(term.words) == 1 and not term.quoted and has_forms(term.words[0])


def _near(asked: Collection[str], database: str) -> dict[str, dict[str, bool]]:
    """Return for each word those that are another form of it, as true, or have it as a part, as false."""
    stems = defaultdict[str, set[str]](set)
    for word in asked:
        for language in _stemmed_languages(database):
            stems[stem_key(word, language)].add(word)
    parts = [word for word in asked if PART <= len(word) <= LONGEST_WITH_KEYS]
    wanted = reduce(or_, (Q(key__begins=f">{part}") for part in parts), Q(key__in=list(stems)))
    rows = SearchKey.objects.using(database).filter(wanted).values_list("key", "word")[: PARTS * (len(parts) + 1)]
    near: dict[str, dict[str, bool]] = {word: {} for word in asked}
    for key, other in rows:
        for word in stems.get(key, ()):
            near[word][other] = True
        for part in parts:
            if key.startswith(f">{part}"):
                near[part].setdefault(other, False)
    for word in asked:
        near[word].pop(word, None)
    return near


def _stemmed_languages(database: str) -> list[str]:
    """Return the languages of the catalogue that have a stemmer; kept for some minutes."""
    name = f"peertube_sync.vocabulary:{database}"
    languages = cache.get(name)
    if languages is None:
        rows = SearchWord.objects.using(database).order_by().values_list("language", flat=True).distinct()
        codes = {language.partition("-")[0] for language in rows}
        languages = sorted(code for code in codes if code in STEMMERS or not code)
        cache.set(name, languages, LANGUAGES)
    return list(languages)


def _numbers(asked: Iterable[str], database: str) -> dict[str, int]:
    """Return how many videos have each word, of those that any has."""
    rows = SearchWord.objects.using(database).filter(word__in=list(asked), videos__gt=0).order_by()
    return dict(rows.values("word").annotate(number=Sum(F("videos"))).values_list("word", "number"))


def _affordable(word: str, near: dict[str, bool], numbers: dict[str, int]) -> list[str]:
    """Return as many of the words near to one as can be looked for beside it: forms first, then the most frequent."""
    left, chosen = COMMON - numbers.get(word, 0), list[str]()
    for other in sorted(near, key=lambda other: (not near[other], -numbers.get(other, 0), other)):
        number = numbers.get(other, 0)
        if number and number <= left and len(chosen) < ADDED:
            left -= number
            chosen.append(other)
    return chosen


def with_others(query: Query, others: dict[str, list[str]]) -> Query:
    """Return `query` with `others` beside its words."""

    def with_forms(term: Term) -> Term:
        added = others.get(term.words[0], ()) if _may_differ(term) else ()
        return replace(term, others=(*term.others, *(Term((word,)) for word in added))) if added else term

    return tuple(Alternative(tuple(map(with_forms, alternative.wanted)), alternative.unwanted) for alternative in query)
