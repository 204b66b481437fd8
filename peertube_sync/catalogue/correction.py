"""What is meant where a query finds nothing or little: the nearest words that videos have, found by the same search.

So nothing is told of that isn't found for who asks, with the filters and the policy that hold for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from peertube_sync.catalogue.video_search import RankedVideos, query_of_text
from peertube_sync.catalogue.vocabulary import likelier, tolerant, with_others
from peertube_sync.models import VideoSearch
from peertube_sync.models.folding import words
from peertube_sync.models.words import PART, Query

FEW_FINDS = 3
"""Finds that are few enough for a typo."""


@dataclass(frozen=True)
class Correction:
    """A query in the place of another one, as it would be written and as it is read, and what it finds.

    `beside`: what the other one finds is among it.
    """

    text: str
    query: Query
    found: RankedVideos
    beside: bool = False


def correct(
    text: str, query: Query, database: str, search: Callable[[Query], RankedVideos], found: RankedVideos
) -> Correction | None:
    """Return what is meant by `text`, read as `query`, of which `search` has `found` nothing or little.

    None where it found enough, or finds nothing else.
    """
    if not found.complete or len(found.ranked) > FEW_FINDS:
        return None
    near = likelier(query, database) if found.ranked else tolerant(query, database)
    frequent = {word: others[0] for word, others in near.items() if others}
    if frequent and not found.ranked and [len(one.wanted) for one in query] == [1]:
        # A word that stands alone: no others tell which one is meant.
        meant = _found_by(_rewritten(text, frequent), database, search)
        if meant:
            return meant
    wider = with_others(query, near)
    more, known = search(wider) if near else found, set(found.pks)
    new = [find for find in more.ranked if find[1] not in known]
    if not new:
        return None
    _relevance, best = max(new)
    said = VideoSearch.objects.using(database).filter(pk=best).values_list("said", flat=True)
    there = set(" ".join(said).split())
    # Of several words that may be meant, the one that the best find has. Another one may be in its text; it is named
    # only if a search for all of the words together, which follows, finds it.
    fitting = {word: [one for one in others if one in there] for word, others in near.items()}
    chosen = {word: others[0] for word, others in fitting.items() if others}
    corrected = _rewritten(text, {word: one for word, one in chosen.items() if word not in there})
    if found.ranked:
        return Correction(corrected, wider, more, beside=True) if there.intersection(chosen.values()) else None
    return _found_by(corrected, database, search)


def _found_by(text: str, database: str, search: Callable[[Query], RankedVideos]) -> Correction | None:
    query = query_of_text(text, database)
    found = search(query)
    return Correction(text, query, found) if found.ranked else None


def _rewritten(text: str, chosen: Mapping[str, str]) -> str:
    """Return `text` with other words in the place of some, and all else as it was written."""
    parts = []
    for part in PART.finditer(text):
        sign, _quoted, word = part.groups()
        folded = words(word or "")
        parts.append(f"{sign}{chosen[folded[0]]}" if len(folded) == 1 and folded[0] in chosen and not sign else part[0])
    return " ".join(parts)
