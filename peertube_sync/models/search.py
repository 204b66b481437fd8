"""The search index: one document per video, and the queue of those whose document is out of date.

Triggers fill the queue (`search_triggers.py`), because rows are written in bulk, by several writers, and by the admin:
the sources of a document may change in any of these, and the database sees them all. `ingest/search_documents.py`
writes documents. Their words are folded (`words.py`), so that neither database needs to know languages or accents.
`catalogue/video_search.py` says how they are searched.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, FloatField, Func, Value

from peertube_sync.models.lookups import FormedLookup
from peertube_sync.models.words import Query, as_fts5, as_tsquery

FTS = "peertube_sync_fts"
"""The FTS5 table of SQLite; on PostgreSQL there is none."""
WEIGHTS = "ABCD"
"""PostgreSQL's names for the weights of a document's parts."""
LARGEST_DOCUMENT = 500_000
"""Bytes of words in a document: PostgreSQL refuses more than a megabyte with the places."""
LAST = 16_383
"""The last place that PostgreSQL tells from others."""
GAP = 2
"""Places between two parts of a document, so that no phrase reaches from one into the other."""


class Document(NamedTuple):
    """Folded words by weight: of the name, of tags, of channel and account, of all other texts; and `facts`.

    Facts are what lists are narrowed to, each as one word (`as_fact`) that no text contains, without place or weight:
    so the index of words finds the French ones among a million that say "video". SQLite has no use for them.
    """

    name: list[str]
    tags: list[str]
    actors: list[str]
    texts: list[str]
    facts: list[str]


class DocumentField(models.Field):  # type: ignore[type-arg]  # can't be subscripted at run time
    """A document, only ever written and matched, never read: `tsvector` on PostgreSQL, JSON for triggers on SQLite."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_placeholder(self, _value: Any, _compiler: Any, connection: BaseDatabaseWrapper) -> str:
        """Return what stands for the value in a statement; Django asks so up to 6.0."""
        return "%s::tsvector" if connection.vendor == "postgresql" else "%s"

    def get_placeholder_sql(self, value: Any, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, object]:
        """Return what stands for the value in a statement, and the value; Django asks so from 6.1 on."""
        return self.get_placeholder(value, compiler, connection), (value,)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> object:  # noqa: FBT001, FBT002 - Django's
        """Return the document as the database reads it; what was read from it goes back as it is."""
        if isinstance(value, str):
            return value
        if connection.vendor == "postgresql":
            return _as_vector(value)
        return json.dumps([" ".join(part) for part in value[: len(WEIGHTS)]])


class EveryColumn(models.TextField):  # type: ignore[type-arg]  # same
    """The hidden column by which an FTS5 table is matched."""


@DocumentField.register_lookup
@EveryColumn.register_lookup
class Matches(FormedLookup):
    """Rows whose document matches a query in the database's own syntax."""

    lookup_name = "matches"
    forms: ClassVar[Mapping[str, str]] = {"postgresql": "{} @@ {}::tsquery", "sqlite": "{} MATCH {}"}

    def get_db_prep_lookup(self, value: Any, _connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the query's place, and the query as it is."""
        return "%s", (value,)


class VideoSearch(models.Model):
    """The document by which a video is found, if lists show it, and the time by which the newest are found.

    Written and deleted by `ingest/search_documents.py` alone: that of a video that is deleted goes with the next look
    into the queue. So deleting videos and writing documents never wait for each other.
    """

    video = models.OneToOneField(
        "peertube_sync.Video",
        models.DO_NOTHING,
        primary_key=True,
        related_name="search",
        editable=False,
        db_constraint=False,
    )
    published_at = models.DateTimeField(editable=False)
    document = DocumentField(editable=False)
    said = models.TextField(editable=False, default="")
    """The folded words of the document's first parts, a line each, below one with the language: what is counted as
    its words (`ingest/vocabulary.py`), and what finds are compared with."""

    class Meta:
        indexes = (models.Index(fields=["-published_at", "-video"], name="search_newest"),)

    def __str__(self) -> str:
        return f"document {self.pk}"


class NewestSearch(models.Model):
    """A copy of the documents of the newest videos, and of those that were written lately; on PostgreSQL alone.

    For a common word only the newest finds are looked at, and those are here: an index of the words of 100,000 videos
    is quick, that of millions isn't.
    """

    video = models.OneToOneField(
        "peertube_sync.Video",
        models.DO_NOTHING,
        primary_key=True,
        related_name="newest_search",
        editable=False,
        db_constraint=False,
    )
    published_at = models.DateTimeField(editable=False)
    document = DocumentField(editable=False)

    class Meta:
        indexes = (models.Index(fields=["-published_at", "-video"], name="newest_search_newest"),)

    def __str__(self) -> str:
        return f"copy {self.pk}"


class SearchDue(models.Model):
    """A video whose document is out of date. Written by triggers; the same video may come several times."""

    video_id = models.BigIntegerField(editable=False)

    def __str__(self) -> str:
        return f"video {self.video_id}"


class SearchMark(models.Model):
    """Up to which entry the queue had grown at `marked_at`: what is left of these has waited at least since then."""

    entry = models.BigIntegerField(editable=False)
    marked_at = models.DateTimeField(editable=False)

    def __str__(self) -> str:
        return f"entry {self.entry}"


class OnlyJoined(models.Manager["FullText"]):
    """Keeps a table that isn't there on PostgreSQL, and can't be copied on SQLite, out of `dumpdata`."""

    def get_queryset(self) -> models.QuerySet["FullText"]:
        """Return no rows: the table is only joined with others."""
        return super().get_queryset().none()


class FullText(models.Model):
    """The FTS5 table as SQLite shows it: `every` stands for all its columns; `rank` is bm25, the less the better."""

    video = models.OneToOneField(
        "peertube_sync.Video",
        models.DO_NOTHING,
        primary_key=True,
        db_column="rowid",
        related_name="full_text",
        db_constraint=False,
    )
    every = EveryColumn(db_column=FTS)
    rank = models.FloatField()

    objects = OnlyJoined()

    class Meta:
        managed = False
        base_manager_name = "objects"
        db_table = FTS

    def __str__(self) -> str:
        return f"full text {self.pk}"


def search_postgresql(rows: Any, query: Query) -> object:
    """Keep what `query` finds, with its `relevance`."""
    asked = as_tsquery(query)
    return rows.filter(search__document__matches=asked).annotate(relevance=ts_rank("search__document", Value(asked)))


def search_sqlite(rows: Any, query: Query) -> Any:
    """Keep what `query` finds, with its `relevance`."""
    return rows.filter(full_text__every__matches=as_fts5(query)).annotate(relevance=-F("full_text__rank"))


BACKENDS = {"postgresql": search_postgresql, "sqlite": search_sqlite}
"""How rows of videos are searched, by the vendor of the database."""


def ts_rank(document: str, asked: Any) -> Func:
    """Return the relevance on PostgreSQL of the column `document`, which is known to match: asking would cost more.

    `asked` is a `tsquery` as text, as an expression.
    """
    return Func(F(document), asked, template="ts_rank(%(expressions)s::tsquery)", output_field=FloatField())


def _as_vector(document: Document) -> str:
    """Return the text of a tsvector: words with the places where they stand, and the weights of these."""
    places: dict[str, list[str]] = {}
    begin, left = 1, LARGEST_DOCUMENT
    for weight, part in zip(WEIGHTS, document, strict=False):
        for place, word in enumerate(part, begin):
            left -= len(word.encode()) if word not in places else 0
            if left >= 0:
                places.setdefault(word, []).append(f"{min(place, LAST)}{weight}")
        begin += len(part) + GAP
    placed = (f"'{word}':{','.join(at)}" for word, at in places.items())
    return " ".join([*placed, *(f"'{fact}'" for fact in document.facts)])
