"""The revision of the catalogue: each change that any answer shows raises it, nothing else does, and nobody waits."""

import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, models, transaction
from django.test import Client

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import (
    Account,
    Caption,
    Channel,
    Curation,
    FormerHost,
    Instance,
    Leaving,
    LeavingVideo,
    NewestSearch,
    OptOut,
    Playlist,
    Reason,
    Revision,
    SiteLook,
    Tag,
    Transcript,
    Video,
)
from peertube_sync.models.revision_triggers import ANYWAY, MERGED, SEEN, TABLES, UNSEEN
from tests.support.catalogue import HOST, mirror_one, revision, richest
from tests.support.snapshot import Kept, made_once

OTHERWISE = {"BooleanField": "NOT {0}", "UUIDField": "'00000000-0000-4000-8000-000000000001'"}
"""SQL of another value, by the kind of a column."""


@pytest.fixture
def everything(db: None, kept: Kept) -> Video:
    """A row of each watched table."""
    made_once(kept, "the site's", HOST, mirror_one)
    video = Video.objects.get(uuid=richest())
    caption = Caption.objects.filter(video=video)[0]
    Transcript.objects.create(caption=caption, video=video, path="/a", starts=[1], text="a", folded="a")
    Curation.objects.create(video=video)
    instance = video.instance
    Leaving.objects.create(instance=Instance.objects.create(host="leaves.example"), whole=True)
    LeavingVideo.objects.create(video_id=-1, instance=instance, reason=Reason.OPTED_OUT)
    OptOut.objects.create(host="out.example")
    FormerHost.objects.create(host="former.example", instance=instance)
    SiteLook.objects.create(name="A site")
    index_due()
    if connection.vendor == "sqlite":
        NewestSearch.objects.create(video=video, published_at=video.published_at, document=([], [], [], [], []))
    return video


def columns(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """Yield the columns of a table that aren't keys, and SQL of another value for each."""
    for field in model._meta.concrete_fields:
        if field.primary_key:
            continue
        kind = "null" if field.null else field.get_internal_type()
        yield field.column, {"null": "NULL", **OTHERWISE}.get(kind, "").format(field.column)


def change(table: str, column: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {value}")


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_rows_that_come_and_go_raise_it(everything: Video, model: Any) -> None:
    row = model._default_manager.order_by("pk")[0]
    before = revision()
    with connection.cursor() as cursor, connection.constraint_checks_disabled():
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE {model._meta.pk.column} = -5")
        assert revision() == before
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        with transaction.atomic():
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE {model._meta.pk.column} = %s", [row.pk])
            deleted = revision()
            assert deleted != before
            if model not in ANYWAY:  # documents are written, never read
                model._default_manager.bulk_create([row])
                assert revision() not in {before, deleted}
            transaction.set_rollback(True)
    assert revision() == before


@pytest.mark.parametrize(
    ("model", "column", "value"),
    [
        (Video, "name", "'other'"),
        (Video, "views", "views + 1"),
        (Video, "privacy_id", "3"),
        (Video, "removed_at", "published_at"),
        (Video, "delisted_at", "published_at"),
        (Video, "double", "NOT double"),
        (Video, "tags", ""),
        (Channel, "display_name", "'other'"),
        (Account, "avatars", "'[1]'"),
        (Playlist, "videos_length", "77"),
        (Caption, "file_url", "'https://elsewhere.example'"),
        (Tag, "name", "name || 'x'"),
        (Curation, "hidden", "NOT hidden"),
        (Instance, "host", "host || 'x'"),
        (Instance, "name", "'other'"),
    ],
)
def test_what_an_answer_shows_raises_it(everything: Video, model: Any, column: str, value: str) -> None:
    before = revision()
    if value:
        change(model._meta.db_table, column, value)
    else:
        everything.tags.clear()
    assert revision() != before


@pytest.mark.parametrize("model", [model for model in TABLES if model not in ANYWAY], ids=lambda model: model.__name__)
def test_a_row_that_is_written_as_it_was_raises_nothing(everything: Video, model: Any) -> None:
    before = revision()
    for column, _value in columns(model):
        change(model._meta.db_table, column, column)
    assert revision() == before


@pytest.mark.parametrize("model", [*SEEN, *UNSEEN], ids=lambda model: model.__name__)
def test_of_some_tables_columns_that_nobody_sees_raise_nothing(everything: Video, model: Any) -> None:
    seen, tried = SEEN.get(model, ()), 0
    for column, value in columns(model):
        counts = column in seen if seen else column not in UNSEEN[model]
        if not counts and value:
            before, tried = revision(), tried + 1
            change(model._meta.db_table, column, value)
            assert revision() == before, column
    assert tried


def test_documents_of_the_search_raise_it(everything: Video) -> None:
    Curation.objects.decide([everything], title="Zygomorphic")
    before = revision()
    assert index_due()
    assert revision() != before


def test_what_is_taken_back_is_another_state_than_what_comes_then(everything: Video) -> None:
    seen = {revision()}
    for _ in range(5):
        with transaction.atomic():
            Video.objects.update(views=999_999)
            seen.add(revision())
            transaction.set_rollback(True)
    Video.objects.update(views=999_998)
    seen.add(revision())
    assert len(seen) == 7


def test_many_steps_stay_few_rows_and_none_is_lost(everything: Video) -> None:
    before = last = int(revision())
    for number in range(3 * MERGED):
        Curation.objects.update(title=f"Title {number}")
        assert int(revision()) > last
        last = int(revision())
    assert last - before >= 3 * MERGED
    assert Revision.objects.count() <= MERGED


class Writer(threading.Thread):
    """Changes a row in a transaction of its own, which ends when it may."""

    def __init__(self, video: Video, **changed: Any) -> None:
        super().__init__()
        self.video, self.changed = video, changed
        self.written, self.may_end = threading.Event(), threading.Event()
        self.start()
        assert self.written.wait(30)

    def run(self) -> None:
        try:
            with transaction.atomic():
                Video.objects.filter(pk=self.video.pk).update(**self.changed)
                self.written.set()
                assert self.may_end.wait(30)
        finally:
            connections.close_all()

    def end(self) -> None:
        self.may_end.set()
        self.join(30)
        assert not self.is_alive()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestWriters:
    def test_who_began_first_and_commits_last_is_seen_too_and_nobody_waited(self) -> None:
        mirror_one()
        first, second = Video.objects.order_by("pk")[:2]
        seen = [revision()]
        early, late = Writer(first, views=77_777), Writer(second, views=88_888)
        assert revision() == seen[0]
        for writer in (late, early):
            writer.end()
            seen.append(revision())
        assert len(set(seen)) == 3

    def test_rows_that_somebody_merges_are_waited_for_by_nobody(self) -> None:
        mirror_one()
        first, second = Video.objects.order_by("pk")[:2]
        merging = Writer(first, views=77_777)
        before = int(revision())
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
            for number in range(3 * MERGED):
                Video.objects.filter(pk=second.pk).update(views=100_000 + number)
            cursor.execute("RESET lock_timeout")
        alone = int(revision())
        assert alone > before
        merging.end()
        assert int(revision()) > alone
        assert Revision.objects.count() <= MERGED + 1

    def test_many_at_once_lose_nothing(self) -> None:
        mirror_one()
        pks = [*Video.objects.values_list("pk", flat=True)[:4]]
        failed: list[BaseException] = []

        def write(pk: int) -> None:
            try:
                last = 0
                for number in range(2 * MERGED):
                    Video.objects.filter(pk=pk).update(views=200_000 + number)
                    now = int(revision())
                    assert now > last
                    last = now
            except BaseException as error:
                failed.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=write, args=(pk,)) for pk in pks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failed == []
        assert Revision.objects.count() <= 2 * MERGED


@pytest.mark.django_db(transaction=True)
def test_a_table_that_was_migrated_back_to_before_itself_is_watched_again(client: Client) -> None:
    call_command("migrate", "peertube_sync", "0022", verbosity=0)
    assert SiteLook._meta.db_table not in connection.introspection.table_names()
    call_command("migrate", "peertube_sync", verbosity=0, stdout=StringIO())
    before = revision()
    SiteLook.objects.create(name="A site")
    assert revision() not in {before, None}


@pytest.mark.django_db(transaction=True)
def test_while_tables_change_there_is_none_and_then_another(client: Client) -> None:
    before = revision()
    call_command("migrate", "peertube_sync", "0009", verbosity=0)
    try:
        assert Revision._meta.db_table not in connection.introspection.table_names()
    finally:
        call_command("migrate", "peertube_sync", verbosity=0, stdout=StringIO())
    assert revision() not in {before, None}
    before = revision()
    mirror_one()
    assert revision() != before
    before = revision()
    call_command("migrate", "peertube_sync", verbosity=0, stdout=StringIO())
    assert revision() not in {before, None}
    Revision.objects.all().delete()
    assert revision() is None
    first = client.get("/api/videos/")
    assert client.get("/api/videos/", headers={"if-none-match": first["ETag"]}).status_code == 304
