"""Two workers index at once, on PostgreSQL: whatever the order of their statements, no document is out of date."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from peertube_sync.ingest import search_documents
from peertube_sync.ingest.search_documents import documents_of, index_due
from peertube_sync.models import (
    PUBLIC,
    Account,
    Channel,
    Curation,
    Instance,
    NewestSearch,
    Reason,
    SearchDue,
    Tag,
    Transcript,
    Video,
    VideoSearch,
)
from peertube_sync.sync.tombstones import make_tombstones
from tests.api.indexers import indexers
from tests.support.catalogue import HOST, make_videos

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PRIVATE = 3
STATEMENTS = range(1, 11)
"""After which an indexer halts, from its look into the queue to the next.

With two of them, and a writer that commits in two ways, these are 200 interleavings.
"""


def rows(video: Video) -> Any:
    return Video.objects.filter(pk=video.pk)


CHANGES: tuple[Callable[[Video, str], Any], ...] = (
    lambda video, word: rows(video).update(name=word),
    lambda video, word: rows(video).update(published_at=timezone.now()),
    lambda video, word: rows(video).update(privacy_id=PRIVATE),
    lambda video, word: rows(video).update(delisted_at=timezone.now()),
    lambda video, word: make_tombstones([video.pk], Reason.DELETED),
    lambda video, word: rows(video).delete(),
    lambda video, word: Curation.objects.decide([video], hidden=True),
    lambda video, word: Curation.objects.decide([video], title=word),
    lambda video, word: video.tags.add(Tag.objects.create(name=word)),
    lambda video, word: Transcript.objects.filter(video=video).update(folded=word),
    lambda video, word: Channel.objects.filter(videos=video).update(display_name=word),
    lambda video, word: Account.objects.filter(videos=video).update(display_name=word),
)
"""Each is made to another video."""
DOOMED = 5
"""The one that is deleted."""
SHOWN = {"privacy_id": PUBLIC, "delisted_at": None, "removed_at": None, "removed_reason": ""}


@pytest.fixture
def videos() -> list[Video]:
    """A video for each change, and one that comes back, each with actors of its own and a caption."""
    Instance.objects.create(host=HOST)
    made = make_videos(len(CHANGES) + 1)
    for number, video in enumerate(made):
        rows(video).update(
            account=Account.objects.create(instance_id=video.instance_id, name=f"a{number}", remote_id=number),
            channel=Channel.objects.create(instance_id=video.instance_id, name=f"c{number}", remote_id=number),
        )
        caption = video.captions.create(language_id="oc")
        Transcript.objects.create(caption=caption, video=video, path="", starts=[0], text="adieu", folded="adieu")
    return made


def stale() -> list[int]:
    """Return the videos whose document, or whose copy of it, isn't what would be written now."""
    field = VideoSearch._meta.get_field("document")
    made = {one["video_id"]: one for one in documents_of(Video.objects.listed())}
    wanted = {pk: field.get_db_prep_value(one["document"], connection) for pk, one in made.items()}
    return sorted({pk for model in (VideoSearch, NewestSearch) for pk in _differing(model, made, wanted)})


def _differing(model: Any, made: dict[int, Any], wanted: dict[int, str]) -> Iterator[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT video_id, published_at, document::text FROM {model._meta.db_table}")
        held = {pk: facts for pk, *facts in cursor.fetchall()}
        for pk in held.keys() | wanted.keys():
            cursor.execute("SELECT %s::tsvector::text", [wanted.get(pk)])
            if held.get(pk) != (wanted.get(pk) and [made[pk]["published_at"], cursor.fetchone()[0]]):
                yield pk


def prepare(videos: list[Video], word: str) -> None:
    """Show all videos but the last, index them, and let all be in the queue again."""
    *changing, hidden = videos
    Video.objects.update(**SHOWN)
    Curation.objects.decide(changing, hidden=False)
    Curation.objects.decide([hidden], hidden=True)
    index_due()
    assert stale() == []
    Video.objects.update(name=f"before {word}")


def change(videos: list[Video], word: str) -> None:
    """Make all changes, in one transaction of one writer."""
    *changing, hidden = videos
    for make, video in zip(CHANGES, changing, strict=True):
        make(video, word)
    Curation.objects.decide([hidden], hidden=False)


def interleave(videos: list[Video], one: int, other: int, *, early: bool) -> list[str]:
    """Let two indexers halt after their statements number `one` and `other`; returns what went wrong.

    What commits while the first stands still was written before it began (`early`) or after it halted.
    """
    word = f"x{uuid4().hex}"
    prepare(videos, word)
    with indexers() as start:
        with transaction.atomic():
            if early:
                change(videos, word)
            first = start(one)
            waited = not first.stands_still()
            if not early:
                change(videos, word)
        second = start(other)
        waited = not second.stands_still() or waited
        for indexer in (first, second) if early else (second, first):
            indexer.ends()
    left = SearchDue.objects.count()
    found = {"waited for another": waited, f"stale: {stale()}": stale(), f"in the queue: {left}": left}
    return [fault for fault, there in found.items() if there]


@pytest.mark.parametrize("one", STATEMENTS)
def test_no_order_of_statements_leaves_a_document_out_of_date(videos: list[Video], one: int) -> None:
    faults = {}
    for other, early in product(STATEMENTS, (True, False)):
        doomed = videos[DOOMED]
        doomed.pk, doomed.uuid = None, uuid4()
        doomed.save(force_insert=True)
        if found := interleave(videos, one, other, early=early):
            faults[other, early] = found
    assert faults == {}


def test_what_a_killed_indexer_had_taken_is_done_by_the_next(videos: list[Video]) -> None:
    prepare(videos, "killed")
    with indexers() as start:
        first = start(8)
        assert first.stands_still()
        assert index_due() == 0
        with connection.cursor() as cursor:
            here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND {here}")
        with pytest.raises(DatabaseError):
            first.ends()
    assert index_due() == len(videos) - 1
    assert stale() == []


def test_an_indexer_that_stands_still_loses_the_right_to_write(
    videos: list[Video], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(videos, "asleep")
    monkeypatch.setattr(search_documents, "STANDSTILL", "100ms")
    with indexers() as start:
        first = start(8)
        assert first.stands_still()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s::regclass::oid::int, 0)", [SearchDue._meta.db_table])
        assert index_due() == len(videos) - 1
        with pytest.raises(DatabaseError):
            first.ends()
    assert stale() == []
