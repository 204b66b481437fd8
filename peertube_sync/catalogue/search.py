"""What words find among videos: the newest finds, the best of them first, within bounds; then the others.

Of a word that half of the catalogue contains nobody wants all finds, so that it need not cost more than a rare one.
Of what is found the newest `RANKED` are kept, by which relevance sorts and facets count. On PostgreSQL they
are first looked for among the newest videos, which have an index of their own, where common words have enough; only
what is rare there is looked for in all. `Found` says when a bound cut something off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import connections
from django.db.models import DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Value

from peertube_sync.catalogue.counting import estimate
from peertube_sync.catalogue.keyset import Further
from peertube_sync.models import NewestSearch, VideoSearch
from peertube_sync.models.constants import PEERTUBES, Constant
from peertube_sync.models.search import BACKENDS, ts_rank
from peertube_sync.models.words import Alternative, Facts, Query, as_fact, as_tsquery, parse_query

RANKED = 500
"""Finds that are sorted and counted."""
LOOKED = 5 * RANKED
"""Documents with the words, the newest, of which the video itself is looked at: other filters may not want it."""
STEP = 100
"""Documents that are looked at together at the least."""
AFFORDABLE = 10 * RANKED
"""Documents that are read of all the catalogue; where the planner expects more, the newest videos have to do."""
DEEPEST = 10_000
"""Places of what is found that can be asked for by number: the database passes all those before."""


@dataclass(frozen=True)
class Found:
    """The newest videos that were found, as relevance and primary key, and whether these are all."""

    ranked: list[tuple[float, int]]
    complete: bool

    @property
    def pks(self) -> list[int]:
        """The primary keys, the newest first."""
        return [pk for _relevance, pk in self.ranked]


@dataclass(frozen=True)
class BestFirst:
    """Primary keys by place: those of the `ranked` videos in their order, then of all `others`, the newest first."""

    ranked: Sequence[int]
    others: QuerySet[Any]

    def __getitem__(self, places: slice) -> list[int]:
        """Return the keys from one place to another; there are none from `DEEPEST` on."""
        begin, end = places.start, min(places.stop, DEEPEST)
        first, last = max(begin - len(self.ranked), 0), end - len(self.ranked)
        newest = self.others.order_by("-published_at", "-pk").values_list("pk", flat=True)
        return [*self.ranked[begin:end], *(newest[first:last] if first < last else ())]


def others(found: Found, matched: QuerySet[Any]) -> QuerySet[Any]:
    """Return those of all `matched` rows that aren't among the `found`, unsorted."""
    return matched.none() if found.complete else matched.exclude(pk__among=found.pks)


def read_words(text: str, database: str) -> Query:
    """Return what is searched for: nothing in a text without words.

    On PostgreSQL a last word is taken for finished if many videos have it as it stands: all that begin with it cost
    too much.
    """
    query = parse_query(text)
    return _finished(query, database) if query and connections[database].vendor == "postgresql" else query


def matching(rows: QuerySet[Any], query: Query) -> QuerySet[Any]:
    """Keep all videos that `query` finds."""
    return BACKENDS[connections[rows.db].vendor](rows, query) if query else rows.none()


def find(rows: QuerySet[Any], query: Query, facts: Facts = (), since: Any = None, before: Any = None) -> Found:
    """Find the newest that `query` finds among `rows` of videos.

    `facts` and the times of publication are true of all rows; telling them saves looking at others.
    """
    if not query:
        return Found([], complete=True)
    return FINDERS[connections[rows.db].vendor](rows, query, facts, since, before)


def newest(rows: QuerySet[Any], facts: Facts = (), since: Any = None, before: Any = None) -> Found:
    """Return the newest of `rows`, as `find` does with words; a rare fact is looked up among the documents too."""
    if facts and connections[rows.db].vendor == "postgresql":
        return _look_up(rows, (), facts, since, before)
    pks = list(rows.order_by("-published_at", "-pk").values_list("pk", flat=True)[: RANKED + 1])
    return Found([(0.0, pk) for pk in pks[:RANKED]], complete=len(pks) <= RANKED)


def facts_of(filters: Mapping[str, Any]) -> Facts:
    """Return what the values of `VideoFilters` say of every video that they leave.

    The words are those of `ingest/search.py`.
    """
    groups: list[Sequence[str]] = [[as_fact("tag", one) for one in filters.get("tag") or ()]]
    groups += [[as_fact("tag", one)] for one in filters.get("tag_all") or ()]
    groups += [group for kind in PEERTUBES for group in _facts_of_constants(kind, filters.get(kind) or ())]
    groups += [[as_fact(name, filters[name])] for name in ("nsfw", "is_live") if filters.get(name) is not None]
    groups += [[named] for name in ("instance", "channel", "account") if (named := fact_of(name, filters.get(name)))]
    return [group for group in groups if group]


def _facts_of_constants(kind: str, constants: Sequence[Constant]) -> Facts:
    """Return that a video has one of their ids, and is of one of their instances if all of them are an instance's."""
    hosts = {one.host for one in constants}
    ids = [as_fact(kind, one.id) for one in constants]
    return [ids, [] if "" in hosts else [as_fact("instance", host) for host in sorted(hosts)]]


def fact_of(name: str, by: Q | None) -> str:
    """Return the fact that a video belongs to what `lookups` named; "" without a name."""
    found = {str(key).partition("__")[0]: value for key, value in by.children} if by else {}  # type: ignore[misc]
    return as_fact(name, *(found[key] for key in ("name", "instance", "host") if key in found)) if found else ""


def told_by_documents(query: Query, facts: Facts, since: Any, before: Any) -> dict[str, Any]:
    """Return the conditions for documents of PostgreSQL that have the words, the facts and the times."""
    times = {"published_at__gte": since, "published_at__lt": before}
    return {"document__matches": as_tsquery(query, facts), **{name: at for name, at in times.items() if at}}


def _look_up(rows: QuerySet[Any], query: Query, facts: Facts, since: Any, before: Any) -> Found:
    """Look among the newest, which most words need no more than; before some time the newest are others."""
    narrow = told_by_documents(query, facts, since, before)
    copies, every = (model.objects.using(rows.db).filter(**narrow) for model in (NewestSearch, VideoSearch))
    found, all_seen = _newest(rows, query, every if before else copies, F("published_at"))
    if not all_seen or estimate(every) > AFFORDABLE:
        return Found(found, complete=False)
    return Found(*_newest(rows, query, every, UNINDEXED))


def _finished(query: Query, database: str) -> Query:
    *others, last = query[-1].wanted if query else (None,)
    if last is None or not last.prefix:
        return query
    whole = Alternative((replace(last, prefix=False),), ())
    having = VideoSearch.objects.using(database).filter(document__matches=as_tsquery((whole,)))
    if estimate(having) <= AFFORDABLE:
        return query
    return (*query[:-1], replace(query[-1], wanted=(*others, *whole.wanted)))


UNINDEXED = F("published_at") + timedelta(0)
"""No index has this order, so that the planner takes the words' and doesn't read on and on for a last find."""


def _newest(
    rows: QuerySet[Any], query: Query, documents: QuerySet[Any], time: Any
) -> tuple[list[tuple[float, int]], bool]:
    """Return the newest of `rows` that have one of `documents`, and whether these are all; `time` is what sorts them.

    At first so many documents are looked at as are needed if all of their videos are among the rows; then, beyond the
    last one, as many as it takes if of these as many are as before, and some more. Subqueries, since PostgreSQL works
    them out after sorting, for these documents alone.
    """
    alone = documents.model.objects.using(documents.db).filter(pk=OuterRef("pk"))
    relevance = Subquery(alone.values_list(ts_rank("document", query)))
    # No EXISTS, of which PostgreSQL may make a table of all rows.
    row = Subquery(rows.filter(pk=OuterRef("pk")).order_by().values("pk")[:1])
    looked = documents.order_by(time.desc(), "-pk").values_list(relevance, "pk", row, "published_at")
    found: list[tuple[float, int]] = []
    seen, number = 0, RANKED + 1
    while number > 0:
        some = list(looked[:number])
        found += [(score, pk) for score, pk, kept, _at in some if kept]
        if len(found) > RANKED or len(some) < number:
            return found[:RANKED], len(found) <= RANKED
        _score, last, _kept, at = some[-1]
        looked = looked.filter(Further(time, F("pk"), Value(at, DateTimeField()), Value(last), sign="<"))
        seen += number
        enough = (RANKED + 1 - len(found)) * seen // (len(found) or 1)
        number = min(LOOKED - seen, max(STEP, enough + enough // 4))
    return found, False


def _find_sqlite(rows: Any, query: Query, *_narrower: Any) -> Found:
    newest = matching(rows, query).order_by("-published_at", "-pk").values_list("relevance", "pk")
    found = list(newest[: RANKED + 1])
    return Found(found[:RANKED], complete=len(found) <= RANKED)


FINDERS = {"postgresql": _look_up, "sqlite": _find_sqlite}
"""How videos are found, by the vendor of the database."""
