"""Which finds come first: those that say in their title what was asked for, in its words and in its order.

What the database says of how well texts fit, how new and how often seen a video is decide between finds that are as
good as each other; one channel gives way to others where it would fill a page.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from math import log10
from typing import Any

from peertube_sync.models import VideoSearch
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
FIRST, LAST = datetime(2010, 1, 1, tzinfo=UTC).timestamp(), datetime(2040, 1, 1, tzinfo=UTC).timestamp()
VIEWS = 7
"""Digits of a number of views that is as good as any greater one."""
OF_ONE_CHANNEL = 3
"""Finds of a channel that stand where their words put them; each further one is worth `FURTHER` of the one before."""
FURTHER = 0.96
AT_MOST = 8
"""How many times a find gives way: less than to be in a language that is preferred outweighs."""

Ranked = list[tuple[float, int]]


def by_words(ranked: Ranked, query: Query, database: str) -> Ranked:
    """Return finds, relevance and primary key, in the order in which they came, with their relevance to `query`."""
    if len(ranked) < 2:
        return ranked
    best = max(score for score, _pk in ranked) or 1.0
    columns = ("said", "published_at", "video__views", "video__channel_id")
    rows: dict[int, Any] = {
        pk: facts
        for pk, *facts in VideoSearch.objects.using(database)
        .filter(pk__in=[pk for _score, pk in ranked])
        .values_list("pk", *columns)
    }
    scores, channels = {}, {}
    for fitting, pk in ranked:
        said, published, views, channels[pk] = rows.get(pk) or ("", None, 0, None)
        new = (published.timestamp() - FIRST) / (LAST - FIRST) if published else 0.0
        scores[pk] = (
            _worth(said, query)
            + FITTING * fitting / best
            + NEW * min(max(new, 0.0), 1.0)
            + SEEN * min(log10((views or 0) + 1) / VIEWS, 1.0)
        )
    _give_way(scores, channels)
    return [(scores[pk], pk) for _score, pk in ranked]


def _give_way(scores: dict[int, float], channels: dict[int, int | None]) -> None:
    """Make further finds of a channel worth less, the best of them the least."""
    seen = Counter[int | None]()
    for pk in sorted(scores, key=lambda pk: (-scores[pk], -pk)):
        further = seen[channels[pk]] - OF_ONE_CHANNEL + 1
        if further > 0:
            scores[pk] *= FURTHER ** min(further, AT_MOST)
        seen[channels[pk]] += 1


def _worth(said: str, query: Query) -> float:
    """Return what the words of a video are worth, as `VideoSearch.said` has them."""
    _language, title, *names = [f" {line} " for line in said.split("\n")] if said else ("", "")
    return max(_fit(title, " ".join(names), one) for one in query)


def _fit(title: str, names: str, alternative: Alternative) -> float:
    wanted = alternative.wanted
    worth = sum(_term(title, names, term) for term in wanted) / len(wanted)
    phrase = " ".join(word for term in wanted for word in term.words)
    if f" {phrase} " in title:
        worth += IN_ORDER + NOTHING_ELSE * len(phrase) / len(title)
    return worth


def _term(title: str, names: str, term: Term) -> float:
    said = _phrases(term)
    for text, worth in ((title, TITLE), (names, NAMES)):
        if said[0] in text:
            return worth
        if any(one in text for one in said[1:]):
            return worth * OTHER
    return TEXT


def _phrases(term: Term) -> Sequence[str]:
    """Return how a term stands in a text: as it was asked for, then in other ways."""
    whole = [f" {' '.join(one.words)} " for one in term.all]
    return [*whole, whole[0].rstrip()] if term.prefix else whole
