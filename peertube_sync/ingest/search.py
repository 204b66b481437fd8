"""Writing the documents by which videos are found, for those that triggers put into the queue."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from peertube_sync.models import SearchDue, Video, VideoSearch
from peertube_sync.models.search import Document
from peertube_sync.models.words import words

BATCH = 1000
"""Entries of the queue per transaction."""
LONGEST = 20_000
"""Characters of a text by which it is found; PeerTube takes 10,000, PostgreSQL a mebibyte of words and places."""


def index_due() -> int:
    """Write the documents of all videos in the queue, in small transactions; returns how many were written.

    Several processes may do so at once: on PostgreSQL each takes what no other has.
    """
    written = 0
    while (number := _index_batch()) is not None:
        written += number
    return written


def make_all_due() -> None:
    """Put every video into the queue."""
    queue, videos = SearchDue._meta.db_table, Video._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {queue} (video_id) SELECT id FROM {videos} ORDER BY id")  # noqa: S608 - our names


@transaction.atomic
def _index_batch() -> int | None:
    """Index a batch, oldest first, and take it out of the queue; None when that is empty."""
    skip = connection.features.has_select_for_update_skip_locked
    queue = SearchDue.objects.order_by("pk")
    queue = queue.select_for_update(skip_locked=True) if skip else queue
    if not (due := dict(queue.values_list("pk", "video_id")[:BATCH])):
        return None
    rows = [VideoSearch(video_id=pk, document=document) for pk, document in _documents(due.values())]
    VideoSearch.objects.bulk_create(rows, update_conflicts=True, unique_fields=["video"], update_fields=["document"])
    SearchDue.objects.filter(pk__in=list(due)).delete()
    return len(rows)


def _documents(pks: Iterable[int]) -> list[tuple[int, Document]]:
    """Return the documents of those videos that are there, by primary key in order."""
    rows = list(
        Video.objects.filter(pk__in=set(pks))
        .order_by("pk")
        .values_list(
            "pk",
            "name",
            "description",
            "truncated_description",
            "curation__title",
            "curation__text",
            "channel__name",
            "channel__display_name",
            "account__name",
            "account__display_name",
        )
    )
    tags = _tags([row[0] for row in rows])
    return [(row[0], _document(row, tags.get(row[0], []))) for row in rows]


def _document(row: Any, tags: list[str]) -> Document:
    """Make the document of what people see: the site's own title and text stand in the place of the source's."""
    _pk, name, description, truncated, title, text, *actors = row
    return Document(
        name=words(title or name),
        tags=words(" ".join(tags)[:LONGEST]),
        actors=words(" ".join(dict.fromkeys(actors))),
        texts=words((text or description or truncated or "")[:LONGEST]),
    )


def _tags(pks: list[int]) -> dict[int, list[str]]:
    links = Video.tags.through._default_manager.filter(video__in=pks).order_by("tag__name")
    found: dict[int, list[str]] = {}
    for pk, name in links.values_list("video", "tag__name"):
        found.setdefault(pk, []).append(name)
    return found
