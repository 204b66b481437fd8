"""Searching videos for words: the newest finds, the best of them first, within bounds; then the others.

Nobody wants all videos with a word that half of the catalogue contains, so it need not cost more than a rare one.
The newest `RANKED` of those found are kept: relevance sorts these, and facets count these. `RankedVideos` says when a
bound cut something off.

On PostgreSQL a video has one document, `VideoSearch.document`: a `tsvector` of folded words, with the weights A (name),
B (tags), C (channel and account), D (texts), under a GIN index. `NewestSearch` has copies of the documents of the
newest 100,000 videos, under a GIN index too. Which table is searched (`@@` with a `tsquery`), and by which index,
depends on how many documents PostgreSQL expects to have the words (`expected_documents`):

- up to `AFFORDABLE` of all: the words are looked up among all documents by the GIN index;
- more of all, but up to `AFFORDABLE` of the newest: they are looked up among the newest by the GIN index;
- more of both, or more of all where only what was published before some time is wanted: documents are read from the
  newest on until enough of them have the words.

If all of the newest were read and too few have them, all documents are searched after all, unless more than `READ` are
expected. `ts_rank` isn't the final order: it is one of the values by which `by_words` in `catalogue/ranking.py` sorts.

On SQLite it is an FTS5 table with a column for each weight. Triggers of `models/search_triggers.py` (on videos, tags,
instances, channels, accounts, curations, transcripts) put changed videos into the queue `SearchDue`, from which
`ingest/search_documents.py` writes documents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import DateTimeField, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat, Random

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.counting import planned
from peertube_sync.catalogue.keyset import Further
from peertube_sync.catalogue.prepared_queries import PreparedQuery
from peertube_sync.catalogue.ranking import ALL_ALIKE, Find, Languages, by_words
from peertube_sync.catalogue.vocabulary import widened
from peertube_sync.models import NewestSearch, VideoSearch
from peertube_sync.models.constants import PEERTUBES, Constant
from peertube_sync.models.prepared import Placeholder
from peertube_sync.models.search import BACKENDS, ts_rank
from peertube_sync.models.words import Alternative, Facts, Query, as_fact, as_tsquery, parse_query

RANKED = 500
"""The most videos found that are sorted by relevance and counted in facets."""
LOOKED = 5 * RANKED
"""Of how many documents with the words, the newest, the video itself is looked at: other filters may leave it out."""
STEP = 100
"""The least number of documents that one statement looks at."""
AFFORDABLE = 10 * RANKED
"""Up to how many documents with the words, by PostgreSQL's estimate, all are looked up and sorted by time.

If it expects more documents with the last word as it was typed, that word isn't taken for the beginning of others.
"""
SORTED = 2_000
"""Suggestions: up to how many expected documents all are looked up and sorted; if more, only the newest."""
READ = 40 * RANKED
"""Up to how many expected documents all are searched if the newest had too few; if more, those few have to do."""
DEEPEST = 10_000
"""The most videos that can be paged through by number: the database reads all that come before a page."""


UNINDEXED = F("published_at") + timedelta(0)
"""The time as no index has it: so PostgreSQL uses the index of words, and doesn't read all documents by time."""


@dataclass(frozen=True)
class KnownFacts:
    """Conditions that all rows that are searched fulfil, so that other documents needn't be looked at.

    Every video has one fact of each group of `facts`, and was published in these times. With `whole`, lists are not
    narrowed in any other way, but by `flags`: columns of videos that are true or false, which are among the facts too.
    """

    facts: Facts = ()
    since: datetime | None = None
    before: datetime | None = None
    whole: bool = False
    flags: tuple[tuple[str, bool], ...] = ()


ALL_LISTED = KnownFacts(whole=True)
"""The rows are all listed videos; no filter narrows them."""


@dataclass(frozen=True)
class RankedVideos:
    """The newest videos that were found, as relevance and primary key, and whether these are all."""

    ranked: list[tuple[float, int]]
    complete: bool
    few: bool = False
    """Whether all documents were searched by the index of words: few enough have the words to be sorted by time."""

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
        newest = self.others.values_list("pk", flat=True)
        return [*self.ranked[begin:end], *(newest[first:last] if first < last else ())]


def unranked(found: RankedVideos, matched: QuerySet[Any]) -> QuerySet[Any]:
    """Return those of all `matched` rows that aren't among the `found`, the newest first.

    Looking for the few that are left in the order of time would pass nearly all videos, so these few are fetched and
    sorted.
    """
    time = UNINDEXED if found.few else F("published_at")
    left = matched.none() if found.complete else matched.exclude(pk__among=found.pks)
    return left.order_by(time.desc(), "-pk")


def query_of_text(text: str, database: str) -> Query:
    """Return what is searched for: nothing in a text without words.

    On PostgreSQL a last word is taken for finished if many videos have it as it stands: all that begin with it cost
    too much. Other forms of the words, and words that they are a part of, will do as well.
    """
    return widened(without_costly_prefix(parse_query(text), database), database)


def all_matching(rows: QuerySet[Any], query: Query) -> QuerySet[Any]:
    """Keep all videos that `query` finds."""
    return BACKENDS[connections[rows.db].vendor](rows, query) if query else rows.none()


def search_videos(
    rows: QuerySet[Any], query: Query, known: KnownFacts = KnownFacts(), languages: Languages = ALL_ALIKE
) -> RankedVideos:
    """Find the newest that `query` finds among `rows` of videos, of which all is true that is `known`.

    Of those that fit equally, videos in `languages` are more relevant.
    """
    if not query:
        return RankedVideos([], complete=True)
    finds, complete, few = SEARCHERS[connections[rows.db].vendor](rows, query, known)
    return RankedVideos(by_words(finds, query, languages), complete, few)


def newest_matching(rows: QuerySet[Any], query: Query, facts: Facts, most: int) -> list[int]:
    """Return the keys of `most` of the newest videos that `query` finds, of which `facts` are true; unranked.

    There may be some among them that aren't `rows`. On SQLite, what was mirrored last is the newest.
    """
    if connections[rows.db].vendor != "postgresql":
        return list(all_matching(rows, query).order_by("-full_text__video_id").values_list("pk", flat=True)[:most])
    known = KnownFacts(facts)
    copies, every = matching_documents(query, known, rows.db)
    if expected_documents(VideoSearch, query, known, rows.db) <= SORTED:
        newest = every.order_by(UNINDEXED.desc(), "-pk")
    else:
        few = expected_documents(NewestSearch, query, known, rows.db) <= AFFORDABLE
        newest = copies.order_by((UNINDEXED if few else F("published_at")).desc(), "-pk")
    return list(newest.values_list("pk", flat=True)[:most])


def newest_videos(rows: QuerySet[Any], known: KnownFacts = KnownFacts()) -> RankedVideos:
    """Return the newest of `rows`, as `search_videos` does with words.

    A rare fact is looked up among the documents too.
    """
    if known.facts and connections[rows.db].vendor == "postgresql":
        finds, complete, few = _search_postgresql(rows, (), known)
        return RankedVideos([(0.0, one.pk) for one in finds], complete, few)
    pks = list(rows.order_by("-published_at", "-pk").values_list("pk", flat=True)[: RANKED + 1])
    return RankedVideos([(0.0, pk) for pk in pks[:RANKED]], complete=len(pks) <= RANKED)


FLAGS = ("nsfw", "is_live")
"""Filters for columns that are true or false."""
EXACT = ("q", "as_written", *FLAGS, "published_after", "published_before")
"""Filters that documents have exactly; a fact for another filter may fit more videos, since it is folded like a
word."""


def facts_of_filters(filters: Mapping[str, Any]) -> Facts:
    """Return what the values of `VideoFilters` say of every video that they leave.

    The words are those of `ingest/search_documents.py`.
    """
    groups: list[Sequence[str]] = [[as_fact("tag", tag) for tag in filters.get("tag") or ()]]
    groups += [[as_fact("tag", tag)] for tag in filters.get("tag_all") or ()]
    groups += [group for kind in PEERTUBES for group in _facts_of_constants(kind, filters.get(kind) or ())]
    groups += [[as_fact(name, filters[name])] for name in FLAGS if filters.get(name) is not None]
    groups += [
        [named] for name in ("instance", "channel", "account") if (named := fact_of_owner(name, filters.get(name)))
    ]
    return [group for group in groups if group]


def flags_of_filters(filters: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    """Return the `FLAGS` among the values of filters."""
    return tuple((name, filters[name]) for name in FLAGS if filters.get(name) is not None)


def _facts_of_constants(kind: str, constants: Sequence[Constant]) -> Facts:
    """Return that a video has one of their ids, and is of one of their instances if all of them are an instance's."""
    hosts = {constant.host for constant in constants}
    ids = [as_fact(kind, constant.id) for constant in constants]
    return [ids, [] if "" in hosts else [as_fact("instance", host) for host in sorted(hosts)]]


def fact_of_owner(name: str, by: Q | None) -> str:
    """Return the fact that a video belongs to what `lookups` named; "" without a name."""
    parts = {str(key).partition("__")[0]: value for key, value in by.children} if by else {}  # type: ignore[misc]
    return as_fact(name, *(parts[key] for key in ("name", "instance", "host") if key in parts)) if parts else ""


def expected_documents(model: type[VideoSearch | NewestSearch], query: Query, known: KnownFacts, database: str) -> int:
    """Return how many of the documents that `matching_documents` returns PostgreSQL expects, by its statistics."""
    wanted: dict[str, object] = {"document @@ %s::tsquery": as_tsquery(query, known.facts)}
    wanted |= {"published_at >= %s": known.since} if known.since else {}
    wanted |= {"published_at < %s": known.before} if known.before else {}
    sql = f"SELECT FROM {model._meta.db_table} WHERE {' AND '.join(wanted)}"
    return planned(sql, [*wanted.values()], database)


def matching_documents(query: Query, known: KnownFacts, database: str) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Return the documents of PostgreSQL that have the words and what is `known`: copies of the newest, and all."""
    times = {"published_at__gte": known.since, "published_at__lt": known.before}
    wanted = {"document__matches": as_tsquery(query, known.facts), **{name: at for name, at in times.items() if at}}
    copies, every = (model._default_manager.using(database).filter(**wanted) for model in (NewestSearch, VideoSearch))
    return copies, every


def _search_postgresql(rows: QuerySet[Any], query: Query, known: KnownFacts) -> tuple[list[Find], bool, bool]:
    """Look among all documents for what is rare, else among the newest; before some time the newest are others."""
    copies, every = matching_documents(query, known, rows.db)
    expected = expected_documents(VideoSearch, query, known, rows.db)
    if expected > AFFORDABLE:
        newest = every if known.before else copies
        few = not known.before and expected_documents(NewestSearch, query, known, rows.db) <= AFFORDABLE
        found, all_seen = _newest_matching(rows, query, known, newest, UNINDEXED if few else F("published_at"))
        if not all_seen or expected > READ:
            return found, False, False
    return *_newest_matching(rows, query, known, every, UNINDEXED), True


def without_costly_prefix(query: Query, database: str) -> Query:
    """Return `query` with its last word taken for finished where PostgreSQL expects too many that begin with it."""
    *others, last = query[-1].wanted if query else (None,)
    if last is None or not last.prefix or connections[database].vendor != "postgresql":
        return query
    whole = Alternative((replace(last, prefix=False),), ())
    if expected_documents(VideoSearch, (whole,), KnownFacts(), database) <= AFFORDABLE:
        return query
    return (*query[:-1], replace(query[-1], wanted=(*others, *whole.wanted)))


def _newest_matching(
    rows: QuerySet[Any], query: Query, known: KnownFacts, documents: QuerySet[Any], time: Any
) -> tuple[list[Find], bool]:
    """Return the newest of `rows` that have one of `documents`, and whether these are all; `time` is what sorts them.

    At first so many documents are looked at as are needed if all of their videos are among the rows; then, beyond the
    last one, as many as it takes if of these as many are as before, and some more.
    """
    finds: list[Find] = []
    seen = number = RANKED + 1
    some = _first_documents(rows, query, known, documents, time)
    while True:
        finds += [Find(fitting, pk, at, said, *map(int, its.split())) for pk, fitting, at, said, its in some if its]
        if len(finds) > RANKED or len(some) < number:
            return finds[:RANKED], len(finds) <= RANKED
        enough = (RANKED + 1 - len(finds)) * seen // (len(finds) or 1)
        number = min(LOOKED - seen, max(STEP, enough + enough // 4))
        if number <= 0:
            return finds, False
        last, _fitting, at, _said_there, _its = some[-1]
        begin = Value(DateTimeField().to_python(at), DateTimeField())
        beyond = documents.filter(Further(time, F("pk"), begin, Value(last), sign="<"))
        some = [*_looked_at(rows, beyond, time, Value(as_tsquery(query)), ranked=bool(query))[:number]]
        seen += number


def _first_documents(
    rows: QuerySet[Any], query: Query, known: KnownFacts, documents: QuerySet[Any], time: Any
) -> list[tuple[Any, ...]]:
    """Return the newest of `documents`; where the whole list is searched by the index of words, sooner.

    A plan that is made for any words looks them up by this index, whatever `time` is. So where documents are to be
    read from the newest on, the statement is planned with the words.
    """
    if time is UNINDEXED and known.whole and not (known.since or known.before):
        statement = _any_words(documents.model, rows.db, known.flags, RANKED + 1, bool(query))
        return statement.tuples(asked=as_tsquery(query), wanted=as_tsquery(query, known.facts))
    return [*_looked_at(rows, documents, time, Value(as_tsquery(query)), ranked=bool(query))[: RANKED + 1]]


@visibility.prepared_by_policy
def _any_words(
    model: Any,
    database: str,
    flags: tuple[tuple[str, bool], ...],
    most: int,
    ranked: bool,  # noqa: FBT001 - as it is kept
) -> PreparedQuery:
    """Return the statement that reads the newest documents with the words that are `wanted`, of all listed videos."""
    asked, wanted = (Placeholder(name, TextField()) for name in ("asked", "wanted"))
    documents = model._default_manager.using(database).filter(document__matches=wanted)
    rows = visibility.listed().filter(**dict(flags))
    return PreparedQuery(_looked_at(rows, documents, UNINDEXED, asked, ranked=ranked)[:most])


def _looked_at(
    rows: QuerySet[Any], documents: QuerySet[Any], time: Any, asked: Any, *, ranked: bool
) -> QuerySet[Any, Any]:
    """Sort `documents`, the newest first, and read of each what a find is made of; its last value is NULL if none is.

    PostgreSQL works out after sorting, for these documents alone, what is a subquery or has a random part.
    """
    # No EXISTS, of which PostgreSQL may make a table of all rows.
    its = Concat(Cast("views", TextField()), Value(" ", TextField()), Cast("channel_id", TextField()))
    newest = documents.order_by(time.desc(), "-pk")
    return newest.values_list(
        "pk",
        ts_rank("document", asked) + 0 * Random(),
        Cast("published_at", TextField()),  # of all these times one is read, at the most
        _said(documents) if ranked else Value("", TextField()),
        Subquery(rows.filter(pk=OuterRef("pk")).order_by().annotate(its=its).values("its")[:1]),
    )


def _said(documents: QuerySet[Any]) -> Any:
    """Return what a video says, for its rank; copies of documents leave that to the table of all."""
    if documents.model is VideoSearch:
        return F("said")
    return Subquery(VideoSearch.objects.using(documents.db).filter(pk=OuterRef("pk")).values("said")[:1])


def _search_sqlite(rows: Any, query: Query, _known: KnownFacts) -> tuple[list[Find], bool, bool]:
    newest = all_matching(rows, query).order_by("-published_at", "-pk")
    facts = ("relevance", "pk", Cast("published_at", TextField()), "search__said", "views", "channel_id")
    finds = [Find(*one) for one in newest.values_list(*facts)[: RANKED + 1]]
    return finds[:RANKED], len(finds) <= RANKED, False


SEARCHERS = {"postgresql": _search_postgresql, "sqlite": _search_sqlite}
"""The function that searches videos, by the vendor of the database."""
