"""How many videos there are in all: exact to `COUNTED`, beyond that at least so many, whatever sorts them.

Counting has bounds, so that a word which half of the catalogue contains costs no more than a rare one. Where documents
know all that is asked for, they alone are counted: the video itself is looked at only if its document may be older.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.db import connections
from django.db.models import Count as Number
from django.db.models import OuterRef, QuerySet, Subquery

from peertube_sync.catalogue.counting import Count
from peertube_sync.catalogue.video_search import (
    KnownFacts,
    RankedVideos,
    all_matching,
    expected_documents,
    matching_documents,
)
from peertube_sync.models import Leaving, LeavingVideo, NewestSearch, SearchDue, Video
from peertube_sync.models.words import Query

COUNTED = 10_000
"""The greatest total; if there are more, there are at least so many."""
LOOKED = 10 * COUNTED
"""Documents with the words of which the video is looked at: a phrase or a filter may want few of them."""
DOUBTED = 1_000
"""Videos whose documents may be out of date, and that are looked at one by one; if there are more, it isn't known which
they are."""
KEPT = 1
"""Seconds for which a total is kept: the next page of a list needs the total again. That of a list may for so long
count a video that was hidden a moment ago, that of a search doesn't."""


def total(rows: QuerySet[Any]) -> Count:
    return _bounded(rows.order_by().values("pk")[: COUNTED + 1].count())


def total_matching(rows: QuerySet[Any], query: Query, known: KnownFacts, asked: str) -> Count:
    """Count those of `rows` that `query` finds, of which all is true that is `known`.

    `asked` is as `cached_total` takes it.
    """
    if not query:
        return Count(0)
    documents = _DocumentState.now(rows.db)

    def count() -> Count:
        if connections[rows.db].vendor != "postgresql":
            return total(all_matching(rows, query))
        copies, every = matching_documents(query, known, rows.db)
        doubted = documents.doubted if known.whole else None
        if doubted is None:
            return _count_videos(every, rows)
        # For common words the newest documents are enough, which are much quicker to count.
        newest = expected_documents(NewestSearch, query, known, rows.db)
        if newest > COUNTED and (enough := _count_documents(copies, rows, doubted)).least:
            return enough
        return _count_documents(every, rows, doubted)

    return cached_total(f"{asked} {known} {documents}", count) if documents.known else count()


def total_found(found: RankedVideos, counted: Callable[[], Count]) -> Count:
    """Return how many there are of what a search has found: all of them are there, or they are to be `counted`."""
    if found.complete:
        return Count(len(found.ranked))
    number = counted()
    return replace(number, number=max(number.number, len(found.ranked)))


def cached_total(asked: str, count: Callable[[], Count]) -> Count:
    """Return what `count` returns, or the number of a moment ago.

    `asked` has all that selects the rows; for an answer that may be kept, the revision of the catalogue too.
    """
    key = f"peertube_sync.total:{blake2b(asked.encode(), digest_size=16).hexdigest()}"
    return cache.get_or_set(key, count, KEPT)  # type: ignore[return-value]


@dataclass(frozen=True)
class _DocumentState:
    """The state of documents, as far as totals depend on it: while it stays the same, totals stay the same.

    `doubted` are videos that may be other than their documents say, None for very many: whatever changes a video puts
    it into the queue with the same commit, and what leaves has marks. `entry` is the last of the queue that was given
    out, None while somebody may hold one that nobody else can see yet.
    """

    doubted: list[int] | None
    entry: int | None

    @property
    def known(self) -> bool:
        """Whether another look would tell if anything has changed."""
        return self.doubted is not None and self.entry is not None

    @classmethod
    def now(cls, database: str) -> "_DocumentState":
        vendor, queue = connections[database].vendor, {"queue": SearchDue._meta.db_table}
        with connections[database].cursor() as cursor:
            cursor.execute(ENTRIES[vendor], queue)
            entry = cursor.fetchone()[0]
            cursor.execute(WRITERS[vendor], queue)
            written = bool(cursor.fetchall())
            cursor.execute(IN_DOUBT)
            keys = sorted(pk for (pk,) in cursor.fetchall())
        return cls(keys if len(keys) <= DOUBTED else None, None if written else entry)


ENTRIES = {
    "postgresql": """
        SELECT CASE WHEN has_sequence_privilege(name, 'USAGE, SELECT')
        THEN coalesce(pg_sequence_last_value(name), 0) END
        FROM CAST(pg_get_serial_sequence(%(queue)s, 'id') AS regclass) AS name
    """,
    "sqlite": "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = %(queue)s), 0)",
}
"""The statement that reads the last entry of the queue that was given out."""
WRITERS = {
    "postgresql": """
        SELECT 1 FROM pg_locks WHERE relation = CAST(%(queue)s AS regclass) AND mode <> 'AccessShareLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND pid IS DISTINCT FROM pg_backend_pid()
    """,
    "sqlite": "SELECT 1 WHERE %(queue)s IS NULL",
}
"""The statement that finds transactions that write into the queue: PostgreSQL gives them entries before their commit.
To be asked after the last entry, whose writer would be there still, or has committed."""
IN_DOUBT = f"""
    SELECT video_id FROM (SELECT video_id FROM {SearchDue._meta.db_table} ORDER BY id LIMIT {DOUBTED + 1}) AS queued
    UNION ALL SELECT video_id FROM {LeavingVideo._meta.db_table}
    UNION ALL SELECT id FROM (
        SELECT id FROM {Video._meta.db_table}
        WHERE instance_id IN (SELECT instance_id FROM {Leaving._meta.db_table} WHERE whole) LIMIT {DOUBTED + 1}
    ) AS leaving
    LIMIT {DOUBTED + 1}
"""  # noqa: S608 - our names
"""The statement that reads the videos whose document may say what is no longer so.

The queue is read by its key: one that was long once stays a large table without rows, which would be read as a whole.
Each part is told how little is wanted, or PostgreSQL prepares to read all videos.
"""


def _count_documents(documents: QuerySet[Any], rows: QuerySet[Any], doubted: list[int]) -> Count:
    """Count the `documents` whose video is one of `rows`; the video itself is looked at only if it is `doubted`."""
    number = documents.filter(video__id__outside=doubted).order_by().values("pk")[: COUNTED + 1].count()
    if doubted and number <= COUNTED:
        number += rows.filter(pk__in=documents.filter(video__id__among=doubted).values("pk")).count()
    return _bounded(number)


def _count_videos(documents: QuerySet[Any], rows: QuerySet[Any]) -> Count:
    """Count the `documents` whose video is one of `rows`: at first as many as are needed if all of them are.

    Each video is looked up by its key, in no order: with a join, PostgreSQL reads all rows, or all documents.
    """
    row = Subquery(rows.filter(pk=OuterRef("pk")).order_by().values("pk")[:1])
    number = 0
    for most in (COUNTED + 1, LOOKED):
        seen = documents.order_by().values("pk", kept=row)[:most].aggregate(looked=Number("pk"), number=Number("kept"))
        number = seen["number"]
        if number > COUNTED or seen["looked"] < most:
            return _bounded(number)
    return Count(number, exact=False, least=True)


def _bounded(counted: int) -> Count:
    return Count(counted) if counted <= COUNTED else Count(COUNTED, exact=False, least=True)
