"""What words find among videos that aren't public: their documents are read and searched here, by the same words.

No index has them, so that nothing of them can show in what the public finds, not even in how it is ranked. They are
few; of very many, the newest are searched.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from peertube_sync.catalogue.moments import pattern
from peertube_sync.catalogue.video_search import RankedVideos, newest_videos
from peertube_sync.catalogue.vocabulary import single_words, with_others
from peertube_sync.ingest.search_documents import documents_of
from peertube_sync.ingest.vocabulary import words_said
from peertube_sync.models import Video
from peertube_sync.models.word_keys import PART, stem_key
from peertube_sync.models.words import Alternative, Query, Term, parse_query

WEIGHTS = (1.0, 0.4, 0.2, 0.1)
"""Of name, tags, channel and account, other texts: PostgreSQL's."""


def find_unindexed(rows: QuerySet[Any], text: str) -> RankedVideos:
    """Find `text` among the newest of `rows`, as many as `newest_videos` takes."""
    query, recent = parse_query(text), newest_videos(rows)
    scores = {}
    for document in documents_of(Video.objects.filter(pk__among=recent.pks)):
        parts = [" ".join(part) for part in document["document"][: len(WEIGHTS)]]
        wanted = with_others(query, _near_in_document(query, document["said"]))
        scores[document["video_id"]] = sum(_relevance(parts, alternative) for alternative in wanted)
    return RankedVideos([(scores[pk], pk) for pk in recent.pks if scores.get(pk)], recent.complete)


def _near_in_document(query: Query, said: str) -> dict[str, list[str]]:
    """Return for each word of `query` those of a document that are other forms of it, or have it as a part."""
    there = list(words_said(said))
    return {
        asked: [
            word
            for word, language in there
            if word != asked
            and ((len(asked) >= PART and asked in word) or stem_key(asked, language) == stem_key(word, language))
        ]
        for asked in single_words(query)
    }


def _relevance(parts: Sequence[str], alternative: Alternative) -> float:
    """Return how well an alternative fits, 0 if it doesn't."""
    if any(_hits(parts, term) for term in alternative.unwanted):
        return 0.0
    hits = [_hits(parts, term) for term in alternative.wanted]
    return sum(hits) if all(hits) else 0.0


def _hits(parts: Sequence[str], term: Term) -> float:
    wanted = re.compile(pattern(term))
    return sum(weight * len(wanted.findall(part)) for weight, part in zip(WEIGHTS, parts, strict=True))
