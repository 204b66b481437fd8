"""The search index: one document per video, and the queue of those whose document is out of date.

Triggers fill the queue (`search_sql.py`), because rows are written in bulk, by several writers, and by the admin:
what a document is made of may change in any of these, and the database sees them all. `ingest/search.py` writes them.
A document's words are folded (`words.py`), so that neither database needs to know of languages or accents.
"""

import json
from typing import Any, NamedTuple

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, FloatField, Func, Value
from django.db.models.lookups import Lookup

from peertube_sync.models.words import Query, as_fts5, as_tsquery

FTS = "peertube_sync_fts"
"""The FTS5 table of SQLite; on PostgreSQL there is none."""
GAP = 2
"""Places between two parts of a document, so that no phrase reaches from one into the other."""


class Document(NamedTuple):
    """Folded words by weight: of the name, of tags, of channel and account, of all other texts."""

    name: list[str]
    tags: list[str]
    actors: list[str]
    texts: list[str]


class DocumentField(models.Field):  # type: ignore[type-arg]  # can't be subscripted at run time
    """A document, only ever written and matched, never read: `tsvector` on PostgreSQL, JSON for triggers on SQLite."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the type of the column."""
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_placeholder(self, _value: Any, _compiler: Any, connection: BaseDatabaseWrapper) -> str:
        """Return what stands for the value in a statement."""
        return "%s::tsvector" if connection.vendor == "postgresql" else "%s"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return the document as the database reads it; what was read from it goes back as it is."""
        if isinstance(value, str):
            return value
        return _as_vector(value) if connection.vendor == "postgresql" else json.dumps([" ".join(one) for one in value])


class EveryColumn(models.TextField):  # type: ignore[type-arg]  # same
    """The hidden column by which an FTS5 table is matched."""


@DocumentField.register_lookup
@EveryColumn.register_lookup
class Matches(Lookup):
    """Rows whose document matches a query in the database's own syntax."""

    lookup_name = "matches"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, _connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the query's place, and the query as it is."""
        return "%s", (value,)

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the condition of SQLite's FTS5."""
        return self._condition("{} MATCH {}", compiler, connection)

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the condition of PostgreSQL."""
        return self._condition("{} @@ {}::tsquery", compiler, connection)

    def _condition(self, form: str, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        (left, given), (right, query) = self.process_lhs(compiler, connection), self.process_rhs(compiler, connection)
        return form.format(left, right), (*given, *query)


class VideoSearch(models.Model):
    """The document by which a video is found."""

    video = models.OneToOneField(
        "peertube_sync.Video", models.CASCADE, primary_key=True, related_name="search", editable=False
    )
    document = DocumentField(editable=False)

    def __str__(self) -> str:
        return f"document {self.pk}"


class SearchDue(models.Model):
    """A video whose document is out of date. Written by triggers; the same video may come several times."""

    video_id = models.BigIntegerField(editable=False)

    def __str__(self) -> str:
        return f"video {self.video_id}"


class OnlyJoined(models.Manager["FullText"]):
    """Keeps a table that isn't there on PostgreSQL, and can't be copied on SQLite, out of `dumpdata`."""

    def get_queryset(self) -> models.QuerySet["FullText"]:
        """Return nothing."""
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


def search_postgresql(rows: Any, query: Query) -> Any:
    """Keep what `query` finds, with its `relevance`."""
    relevance = _ts_rank("search__document", query)
    return rows.filter(search__document__matches=as_tsquery(query)).annotate(relevance=relevance)


def search_sqlite(rows: Any, query: Query) -> Any:
    """Keep what `query` finds, with its `relevance`."""
    return rows.filter(full_text__every__matches=as_fts5(query)).annotate(relevance=-F("full_text__rank"))


BACKENDS = {"postgresql": search_postgresql, "sqlite": search_sqlite}
"""How rows of videos are searched, by the vendor of the database."""


def rank_postgresql(query: Query, pks: list[int]) -> Any:
    """Return the relevance of the documents `pks`, which `query` is known to match: matching again would cost more."""
    return VideoSearch.objects.filter(pk__in=pks).annotate(relevance=_ts_rank("document", query))


def rank_sqlite(query: Query, pks: list[int]) -> Any:
    """Return the relevance of the documents `pks`; bm25 comes with matching alone."""
    found: Any = models.QuerySet(FullText).filter(pk__in=pks, every__matches=as_fts5(query))
    return found.annotate(relevance=-F("rank"))


RANKS = {"postgresql": rank_postgresql, "sqlite": rank_sqlite}
"""How documents that were found are ranked, by the vendor of the database."""


def _ts_rank(document: str, query: Query) -> Func:
    template = "ts_rank(%(expressions)s::tsquery)"
    return Func(F(document), Value(as_tsquery(query)), template=template, output_field=FloatField())


def _as_vector(document: Document) -> str:
    """Return the text of a tsvector: words with the places where they stand, and the weights of these."""
    places: dict[str, list[str]] = {}
    begin = 1
    for weight, part in zip("ABCD", document, strict=True):
        for place, word in enumerate(part, begin):
            places.setdefault(word, []).append(f"{place}{weight}")
        begin += len(part) + GAP
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())
