"""Writing the documents by which videos are found, for those that triggers put into the queue.

One process at a time writes documents, and reads what they are made of in the same transaction: so a document is never
older than the last look at its video. A change that commits meanwhile has put an entry of its own into the queue.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from peertube_sync.ingest.vocabulary import count_words
from peertube_sync.models import Curation, NewestSearch, SearchDue, Transcript, Video, VideoSearch
from peertube_sync.models.folding import in_every_spelling, spelt_out, words
from peertube_sync.models.reading import FULL_TEXT, TITLE, full_text, own_or
from peertube_sync.models.search import Document
from peertube_sync.models.words import as_fact

BATCH = 1000
"""Entries of the queue per transaction."""
NEWEST = 100_000
"""Videos whose documents are copied where common words are looked for, at least; a quarter more at times."""
SAID = 15_000
"""Words of a video's captions that go into its document: two hours. PostgreSQL counts no more places than 16,383."""
STANDSTILL = "5min"
"""How long a process may ask nothing of PostgreSQL while it writes documents: it sleeps, or its machine is gone."""
ACTORS = ("channel", "account")
COLUMNS = (
    "pk",
    "published_at",
    *TITLE,
    *FULL_TEXT,
    "category_id",
    "licence_id",
    "language_id",
    "nsfw",
    "is_live",
    "instance__host",
    *(f"{actor}__{name}" for actor in ACTORS for name in ("name", "display_name", "instance__host")),
)
LONGEST_TEXT = 20_000
"""Characters of a text by which it is found; PeerTube takes 10,000, PostgreSQL a mebibyte of words and places."""


def index_due() -> int:
    """Write the documents of all videos in the queue, in small transactions; returns how many were written.

    Where another process is at it, the rest is left to that: it looks into the queue again after each transaction,
    so that whatever was committed before is done by one of the two. Called inside a transaction, it keeps others from
    indexing until the end of that; `transaction.on_commit` is better there.
    """
    written = 0
    while SearchDue.objects.exists() and (number := _index_batch()) is not None:
        written += number
        if number and _keeps_newest():
            forget_old()
    return written


@transaction.atomic
def forget_old(most: int = NEWEST) -> None:
    """Keep the copies of the newest `most` documents, once there are a quarter more.

    Not only when the queue is empty: a table that once had copies of all stays as large as it was, and slow to read.
    While another process writes documents, all stay until the next time.
    """
    copies = NewestSearch.objects.order_by("-published_at", "-video").values("pk")
    if may_write(SearchDue._meta.db_table) and copies[most + most // 4 :].exists():
        NewestSearch.objects.exclude(pk__in=copies[:most]).delete()


def queue_all_documents() -> None:
    """Put every video into the queue."""
    queue, videos = SearchDue._meta.db_table, Video._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {queue} (video_id) SELECT id FROM {videos} ORDER BY id")  # noqa: S608 - our names


@transaction.atomic
def _index_batch() -> int | None:
    """Take the oldest entries out of the queue and write their videos' documents; None where another is at it."""
    if not may_write(SearchDue._meta.db_table):
        return None
    return _index({video for (video,) in take_oldest(SearchDue, BATCH, "video_id")})


@transaction.atomic
def index_now(video_id: int) -> None:
    """Write the document of a video before the others in the queue, so that a person finds at once what they wrote.

    Where another process writes documents, it is left to that.
    """
    if may_write(SearchDue._meta.db_table):
        SearchDue.objects.filter(
            video_id=video_id
        ).delete()  # first, as whoever changes it from here on queues it again
        _index({video_id})


def index_curated(instance: Curation, using: str, **_facts: Any) -> None:
    """Write the document of a video that a person decided about; receives Django's `post_save` and `post_delete`."""
    transaction.on_commit(partial(index_now, instance.video_id), using=using, robust=True)


def _index(due: set[int]) -> int:
    """Write the documents of the videos `due`; returns how many have one."""
    documents = documents_of(Video.objects.listed().filter(pk__in=due))
    before = list(VideoSearch.objects.filter(pk__in=due).values_list("said", flat=True))
    count_words(before, [document["said"] for document in documents])
    columns = ["published_at", "document"]
    _write_documents(VideoSearch, documents, due, [*columns, "said"])
    if _keeps_newest():
        _write_documents(NewestSearch, documents, due, columns)
    return len(documents)


def _write_documents(model: Any, documents: list[dict[str, Any]], due: set[int], columns: list[str]) -> None:
    """Write documents, and delete those of `due` videos that have none any more, or are gone."""
    rows = [model(**{name: document[name] for name in ("video_id", *columns)}) for document in documents]
    model.objects.bulk_create(rows, update_conflicts=True, unique_fields=["video"], update_fields=columns)
    model.objects.filter(pk__in=due - {document["video_id"] for document in documents}).delete()


def may_write(queue: str) -> bool:
    """Take the right to write what is in the table `queue`, until the transaction ends; False where another has it.

    With it, nobody who read before us can write after us. It is asked for before anything is read, and never waited
    for; its holder waits for nothing either, since no other process writes documents. A process that stands still for
    `STANDSTILL` loses its connection, and with it the right. SQLite has one writer at a time anyway.
    """
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, true),"
            " pg_try_advisory_xact_lock(%s::regclass::oid::int, 0)",
            [STANDSTILL, queue],
        )
        return bool(cursor.fetchone()[1])


def take_oldest(queue: type[Model], number: int, *columns: str) -> list[tuple[Any, ...]]:
    """Take so many entries out of a queue, and return their `columns`; as it writes first, SQLite lets none between."""
    table = queue._meta.db_table
    oldest = f"SELECT id FROM {table} ORDER BY id LIMIT {number}"  # noqa: S608 - our names
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id IN ({oldest}) RETURNING {', '.join(columns)}")  # noqa: S608 - our names
        return list(cursor.fetchall())


def _keeps_newest() -> bool:
    return connection.vendor == "postgresql"


def documents_of(videos: QuerySet[Video]) -> list[dict[str, Any]]:
    """Return the documents of `videos`, by primary key in order.

    They are made of what people see: the site's own title and text stand in the place of the source's.
    """
    rows: list[Any] = list(videos.order_by("pk").values(*COLUMNS))
    pks = [row["pk"] for row in rows]
    tags: dict[int, list[str]] = defaultdict(list)
    links = Video.tags.through._default_manager.filter(video__in=pks).order_by("tag__name")
    for video, name in links.values_list("video", "tag__name"):
        tags[video].append(name)
    said: dict[int, list[str]] = defaultdict(list)
    for video, folded in Transcript.objects.filter(video__in=pks).order_by("pk").values_list("video", "folded"):
        said[video] = (said[video] + folded.split())[:SAID]
    documents = []
    for row in rows:
        pk, actors = row["pk"], [row[f"{actor}__{name}"] for actor in ACTORS for name in ("name", "display_name")]
        document = Document(
            name=in_every_spelling(own_or(*(row[column] for column in TITLE)) or ""),
            tags=in_every_spelling(" ".join(tags[pk])[:LONGEST_TEXT]),
            actors=in_every_spelling(" ".join(dict.fromkeys(actors))),
            texts=_with_spellings((full_text(*(row[column] for column in FULL_TEXT)) or "")[:LONGEST_TEXT]) + said[pk],
            facts=document_facts(row, tags[pk]),
        )
        lines = "\n".join([row["language_id"] or "", *(" ".join(part) for part in document[:3])])
        documents.append({"video_id": pk, "published_at": row["published_at"], "document": document, "said": lines})
    return documents


def _with_spellings(text: str) -> list[str]:
    """Return the words of a long text, then those alone that are spelt out in another way."""
    plain = words(text)
    known = {*plain}
    return plain + [word for word in dict.fromkeys(spelt_out(text)) if word not in known]


def document_facts(row: Mapping[str, Any], tags: list[str]) -> list[str]:
    """Return what lists narrow by; `catalogue/video_search.py` asks for the same words."""
    plain = ("category", "licence", "language")
    facts = [as_fact(name, row[f"{name}_id"]) for name in plain if row[f"{name}_id"] is not None]
    facts += [as_fact(name, row[name]) for name in ("nsfw", "is_live")]
    facts += [as_fact("tag", tag) for tag in tags]
    facts += [as_fact(actor, row[f"{actor}__name"], row[f"{actor}__instance__host"]) for actor in ACTORS]
    return [*dict.fromkeys([*facts, as_fact("instance", row["instance__host"])])]
