"""When words are said in videos, by their captions."""

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from peertube_sync.catalogue.prepared_queries import PreparedQuery
from peertube_sync.models import Transcript
from peertube_sync.models.lookups import Keys
from peertube_sync.models.prepared import Placeholder
from peertube_sync.models.words import Query, Term

MOST_MOMENTS = 3
"""Moments of a video."""


@dataclass(frozen=True)
class Moment:
    """A line of a video's captions, and the second at which it begins."""

    start: int
    language_id: str
    line: str


def find_moments(query: Query, pks: Collection[int]) -> dict[int, list[Moment]]:
    """Return the moments of the videos `pks` at which most of what `query` wants is said, in their order."""
    wanted = [re.compile(pattern(term)) for alternatives in query for term in alternatives.wanted]
    best: dict[int, list[tuple[int, Moment]]] = defaultdict(list)
    rows: Any = _transcripts().run(keys=pks)
    for row in rows:
        lines = row["text"].split("\n")
        for number, terms in _terms_by_line(wanted, row["folded"]).items():
            moment = Moment(row["starts"][number], row["caption__language_id"], lines[number])
            best[row["video"]].append((terms, moment))
    moments_by_video = {}
    for video, moments in best.items():
        # Those with most terms, of equals the earliest.
        chosen = sorted(moments, key=lambda moment: (-moment[0], moment[1].start))[:MOST_MOMENTS]
        moments_by_video[video] = sorted((moment for _terms, moment in chosen), key=lambda moment: moment.start)
    return moments_by_video


@cache
def _transcripts() -> PreparedQuery:
    """Return the query for the transcripts of the videos with some `keys`."""
    rows = Transcript.objects.filter(video__id__among=Placeholder("keys", Keys())).order_by("pk")
    return PreparedQuery(rows.values("video", "caption__language_id", "folded", "text", "starts"))


def pattern(term: Term) -> str:
    """Return what finds a term in folded words, of which only spaces and line ends are the borders."""
    said = (r"\s".join(map(re.escape, way.words)) + ("" if way.prefix else r"(?!\S)") for way in term.all)
    return rf"(?<!\S)(?:{'|'.join(said)})"


def _terms_by_line(wanted: list[re.Pattern[str]], folded: str) -> dict[int, int]:
    """Return how many terms begin in which lines, by their number."""
    terms_by_line: dict[int, int] = defaultdict(int)
    for pattern in wanted:
        number = passed = 0
        lines = set()
        for hit in pattern.finditer(folded):
            number += folded.count("\n", passed, hit.start())
            passed = hit.start()
            lines.add(number)
        for line in lines:
            terms_by_line[line] += 1
    return terms_by_line
