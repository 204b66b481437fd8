"""How many videos there are in all: exact to `COUNTED`, beyond that at least so many, whatever sorts them.

Counting has bounds, so that a word which half of the catalogue contains costs no more than a rare one. What was
counted is kept for a moment, by what was asked: who asks says what selects the rows, and nothing that only sorts them.
"""

from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.db import connections
from django.db.models import Count as Number
from django.db.models import OuterRef, QuerySet, Subquery

from peertube_sync.catalogue.counting import Count
from peertube_sync.catalogue.search import Found, matching, told_by_documents
from peertube_sync.models import VideoSearch
from peertube_sync.models.words import Facts, Query

COUNTED = 10_000
"""The greatest total; who has more has at least so many."""
LOOKED = 10 * COUNTED
"""Documents with the words of which the video is looked at: a phrase or a filter may want few of them."""
KEPT = 1
"""Seconds for which a total is kept, and may count what was hidden a moment ago: who walks through a list asks anew."""


def total(rows: QuerySet[Any]) -> Count:
    """Count `rows`."""
    return _told(rows.order_by().values("pk")[: COUNTED + 1].count())


def total_matching(
    rows: QuerySet[Any], query: Query, facts: Facts = (), since: Any = None, before: Any = None
) -> Count:
    """Count those of `rows` that `query` finds; the rest is as `search.find` takes it."""
    if not query or connections[rows.db].vendor != "postgresql":
        return total(matching(rows, query))
    documents = VideoSearch.objects.using(rows.db).filter(**told_by_documents(query, facts, since, before))
    return _count_documents(documents, rows)


def total_found(found: Found, counted: Callable[[], Count]) -> Count:
    """Return how many there are of what a search has found: all of them are there, or they are to be `counted`."""
    if found.complete:
        return Count(len(found.ranked))
    number = counted()
    return replace(number, number=max(number.number, len(found.ranked)))


def kept(asked: str, count: Callable[[], Count]) -> Count:
    """Return what `count` returns, or the number of a moment ago.

    `asked` has all that selects the rows; for an answer that may be kept, the revision of the catalogue too.
    """
    key = f"peertube_sync.total:{blake2b(asked.encode(), digest_size=16).hexdigest()}"
    return cache.get_or_set(key, count, KEPT)  # type: ignore[return-value]


def _count_documents(documents: QuerySet[Any], rows: QuerySet[Any]) -> Count:
    """Count the `documents` whose video is one of `rows`: at first as many as are needed if all of them are.

    Of each the video is looked at by its key, in no order: who joins has PostgreSQL read all rows, or all documents.
    """
    row = Subquery(rows.filter(pk=OuterRef("pk")).order_by().values("pk")[:1])
    number = 0
    for most in (COUNTED + 1, LOOKED):
        seen = documents.order_by().values("pk", kept=row)[:most].aggregate(looked=Number("pk"), number=Number("kept"))
        number = seen["number"]
        if number > COUNTED or seen["looked"] < most:
            return _told(number)
    return Count(number, exact=False, least=True)


def _told(counted: int) -> Count:
    more = counted > COUNTED
    return Count(min(counted, COUNTED), exact=not more, least=more)
