"""What details cost the database: few statements, each row once, and of a row what changed and nothing else."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from peertube_sync.client.types import RemoteAccount, VideoDetails
from peertube_sync.ingest.actors import KnownActors, ingest_accounts
from peertube_sync.ingest.details import ingest_details
from peertube_sync.ingest.upsert import upsert
from peertube_sync.models import Account as AccountRow
from peertube_sync.models import Instance, SearchDue, Video
from peertube_sync.testing import Catalogue
from tests.support.catalogue import remote
from tests.support.mirror import Mirror

HOST = "sandbox.example"
ROTATION = timedelta(days=7)
BATCH = 20
Capture = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def instance(db: None) -> Instance:
    return Instance.objects.create(host=HOST)


@pytest.fixture
def details() -> list[dict[str, Any]]:
    catalogue = Catalogue.generate(videos=BATCH, seed=1)
    return [catalogue.details(item["uuid"], HOST) for item in catalogue.local_videos(HOST)]


def told(answers: list[dict[str, Any]]) -> list[VideoDetails]:
    return [remote(one, VideoDetails) for one in answers]


def test_details_that_tell_nothing_new_take_three_statements(
    instance: Instance,
    details: list[dict[str, Any]],
    django_capture_on_commit_callbacks: Capture,
    django_assert_num_queries: Capture,
) -> None:
    known = KnownActors()
    with django_capture_on_commit_callbacks(execute=True):
        ingest_details(instance, told(details), ROTATION, known)
    with django_assert_num_queries(3):  # the rows, their stamps, their tags
        ingested = ingest_details(instance, told(details), ROTATION, known)
    assert len(ingested.unchanged) == len(details)
    assert not ingested.updated


@pytest.mark.postgres
def test_an_instance_that_has_just_come_is_not_read_as_a_whole_for_each_batch(instance: Instance) -> None:
    catalogue = Catalogue.generate(videos=20 * BATCH, seed=1)
    details = [catalogue.details(item["uuid"], HOST) for item in catalogue.local_videos(HOST)]
    ingest_details(instance, told(details), ROTATION)
    before = rows_read(Video)
    ingest_details(instance, told(details[:BATCH]), ROTATION)
    assert rows_read(Video) - before <= 5 * BATCH


def rows_read(model: type[Model]) -> int:
    """Return how many rows of a table this transaction has read so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = %s",
            [model._meta.db_table],
        )
        return int(cursor.fetchone()[0])


def test_rows_of_one_batch_change_in_different_columns(mirror: Mirror) -> None:
    uuids = [str(item["uuid"]) for item in mirror.listed()[:5]]
    later = timezone.now() + timedelta(days=3)
    Video.objects.filter(uuid=uuids[3]).update(captions_due_at=later)
    mirror.catalogue.edit_video(uuids[0], name="A 'quoted' \"name\" at 100 %\\n")
    mirror.catalogue.edit_video(uuids[1], description="Long. " * 2_000, support=None)
    mirror.catalogue.edit_video(uuids[2], description=None, duration=7)
    mirror.catalogue.set_tags(uuids[3], ["new 'one'", 'a "second"', "100 %", "日本"])
    mirror.catalogue.set_tags(uuids[4], [])
    Video.objects.update(details_due_at=timezone.now())
    mirror.sync(full=True)
    assert mirror.differences() == ""
    assert {tag.name for tag in mirror.row(uuids[3]).tags.all()} == {"new 'one'", 'a "second"', "100 %", "日本"}
    assert not mirror.row(uuids[4]).tags.exists()
    assert mirror.row(uuids[3]).captions_due_at == later


def test_what_somebody_else_writes_meanwhile_stays_where_nothing_new_is_told(
    instance: Instance, details: list[dict[str, Any]]
) -> None:
    ingest_details(instance, told(details), ROTATION)
    first, second = Video.objects.order_by("uuid")[:2]
    rows = {
        first.uuid: {"name": "Another name", "likes": first.likes},
        second.uuid: {"name": second.name, "likes": second.likes + 1},
    }

    def meanwhile(*_asked: object) -> dict[str, Any]:
        Video.objects.filter(pk=first.pk).update(likes=77)
        return {}

    written = upsert(Video, rows, key="uuid", owner={"instance_id": instance.pk}, also=meanwhile)
    held = dict(Video.objects.filter(uuid__in=rows).values_list("uuid", "likes"))
    assert held == {first.uuid: 77, second.uuid: second.likes + 1}
    assert {uuid: set(change.names) for uuid, change in written.updated.items()} == {
        first.uuid: {"name"},
        second.uuid: {"likes"},
    }
    assert Video.objects.get(pk=first.pk).name == "Another name"


def test_what_was_told_last_of_an_actor_counts(
    instance: Instance, details: list[dict[str, Any]], django_capture_on_commit_callbacks: Capture
) -> None:
    known, name = KnownActors(), details[0]["account"]["name"]
    account = {**details[0]["account"], "displayName": "Between"}
    for tell in (
        lambda: ingest_details(instance, told(details), ROTATION, known),
        lambda: ingest_accounts(instance, [remote(account, RemoteAccount)], ROTATION, known=known),
        lambda: ingest_details(instance, told(details), ROTATION, known),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            tell()
    assert AccountRow.objects.get(name=name).display_name == details[0]["account"]["displayName"]


@pytest.mark.postgres
def test_a_video_is_queued_once_by_a_statement(instance: Instance, details: list[dict[str, Any]]) -> None:
    ingest_details(instance, told(details), ROTATION)
    SearchDue.objects.all().delete()
    for one in details:
        one["tags"] = ["one", "two", "three", "four", "five"]
    ingest_details(instance, told(details), ROTATION)
    entries = Counter(SearchDue.objects.values_list("video_id", flat=True))
    assert set(entries) == set(Video.objects.values_list("pk", flat=True))
    assert max(entries.values()) <= 2  # tags that went, tags that came
