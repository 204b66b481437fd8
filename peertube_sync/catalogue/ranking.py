"""Which finds come first: those that say in their title what was asked for, in its words and in its order.

What the database says of how well texts fit, how new and how often seen a video is decide between finds that are as
good as each other; one channel gives way to others where it would fill a page.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log10
from operator import itemgetter
from typing import NamedTuple

from peertube_sync.models.words import Alternative, Query, Term

TITLE, NAMES, TEXT = 1.0, 0.5, 0.2
"""What a word is worth by where it stands; NAMES are tags, the channel and the account."""
OTHER = 0.8
"""What another form is worth to the word itself."""
IN_ORDER = 0.3
"""What it is worth that all words follow each other in a title as they were asked for."""
NOTHING_ELSE = 0.2
"""What it is worth that a title has no other words."""
FITTING, NEW, SEEN = 0.05, 0.03, 0.03
"""What the database's own relevance, the time of publication and views are worth at the most."""
PREFERRED = 0.12
"""What it is worth to be in a language that who searches prefers: as much as the three together."""
FIRST, LAST = 2010, 2040
"""The years between which a time is new or old."""
MONTH = len("2026-11")
"""Characters of a time that tell year and month."""
VIEWS = 7
"""Digits of a number of views that is as good as any greater one."""
OF_ONE_CHANNEL = 3
"""Finds of a channel that stand where their words put them; each further one is worth `FURTHER` of the one before."""
FURTHER = 0.96
AT_MOST = 8
"""How many times a find gives way: less than to be in a language that is preferred outweighs."""

Ranked = list[tuple[float, int]]
Languages = Mapping[str, float]
"""How much languages are preferred, from 0 to 1, by their codes without a country."""
ALL_ALIKE: Languages = {}


class Find(NamedTuple):
    """A video that was found: how well the database says that it fits, its key, and what it is ranked by.

    `at` is its time as databases write it, as text, which takes less to read than a time.
    """

    fitting: float
    pk: int
    at: str = ""
    said: str | None = ""
    """As `VideoSearch.said` has it."""
    views: int = 0
    channel: int | None = None


def by_words(finds: Sequence[Find], query: Query, languages: Languages) -> Ranked:
    """Return the relevance to `query` and the primary keys of finds, in the order in which they came."""
    if len(finds) < 2:
        return [(one.fitting, one.pk) for one in finds]
    best = max(one.fitting for one in finds) or 1.0
    wanted = [Wanted.of(alternative) for alternative in query]
    scores = {}
    for fitting, pk, at, said, views, _channel in finds:  # for hundreds of them: calls are what takes time here
        language, title, *names = said.split("\n", 2) if said else ("", "")
        scores[pk] = (
            worth_of_words(title, names[0].replace("\n", "  ") if names else "", wanted)
            + PREFERRED * (languages.get(language.partition("-")[0], 0.0) if languages else 0.0)
            + FITTING * fitting / best
            + NEW * _newness(at[:MONTH])
            + SEEN * (min(log10(views + 1) / VIEWS, 1.0) if views > 0 else 0.0)
        )
    _give_way(scores, {one.pk: one.channel for one in finds})
    return [(scores[one.pk], one.pk) for one in finds]


@lru_cache(maxsize=1_000)
def _newness(month: str) -> float:
    """Return how new a month is, from 0 to 1, as databases write it: 2026-11."""
    months = 12 * (int(month[:4]) - FIRST) + int(month[5:]) - 1 if month else 0
    return min(max(months / (12 * (LAST - FIRST)), 0.0), 1.0)


def _give_way(scores: dict[int, float], channels: dict[int, int | None]) -> None:
    """Make further finds of a channel worth less, the best of them the least."""
    seen: dict[int | None, int] = {}
    for pk, score in sorted(scores.items(), key=itemgetter(1, 0), reverse=True):
        channel = channels[pk]
        seen[channel] = number = seen.get(channel, 0) + 1
        if number > OF_ONE_CHANNEL:
            scores[pk] = score * FURTHER ** min(number - OF_ONE_CHANNEL, AT_MOST)


class Wanted(NamedTuple):
    """An alternative of a query as texts that a title may have: all of it, and how each of its terms may stand."""

    phrase: str
    terms: Sequence[Sequence[str]]
    """Of each term first how it was asked for."""

    @classmethod
    def of(cls, alternative: Alternative) -> "Wanted":
        phrase = " ".join(word for term in alternative.wanted for word in term.words)
        return cls(f" {phrase} ", [phrases(term) for term in alternative.wanted])


def worth_of_words(title: str, names: str, wanted: Sequence[Wanted]) -> float:
    """Return what the folded words of a title and of the names beside it are worth."""
    title, names, most = f" {title} ", f" {names} ", 0.0
    for phrase, terms in wanted:
        worth = 0.0
        for said in terms:
            worth += TITLE if said[0] in title else _worth_of_term(title, names, said)
        worth /= len(terms)
        if phrase in title:
            worth += IN_ORDER + NOTHING_ELSE * (len(phrase) - 2) / len(title)
        most = max(most, worth)
    return most


def _worth_of_term(title: str, names: str, said: Sequence[str]) -> float:
    """Return what a term is worth that isn't in a title as it was asked for."""
    first, *others = said
    if others and any(other in title for other in others):
        return TITLE * OTHER
    if first in names:
        return NAMES
    return NAMES * OTHER if others and any(other in names for other in others) else TEXT


def phrases(term: Term) -> Sequence[str]:
    """Return how a term stands in a text: as it was asked for, then in other ways."""
    whole = [f" {' '.join(way.words)} " for way in term.all]
    return [*whole, whole[0].rstrip()] if term.prefix else whole
