"""What would grow for ever stays within bounds: items that could not be read, records of runs, the search queue."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from peertube_sync.client.parse import Unreadable
from peertube_sync.conf import get_settings
from peertube_sync.ingest.skipped import BYTES_KEPT, ITEMS_KEPT, keep_skipped
from peertube_sync.models import Instance, RunKind, RunState, SearchDue, SkippedItem, Source, SyncRun
from peertube_sync.sync.operations.retention import Daily, clean_up_daily

JUNK, PAGE, SYNCS = 50_000, 100, 2
MOST_BYTES = 4_000_000
STATEMENTS = 12
"""Statements for a page of junk: SQLite writes a hundred rows in two."""


@pytest.fixture
def instance(db: None) -> Instance:
    return Instance.objects.create(host="junk.example")


def junk(sync: int, first: int, raw: str = "x" * 5_000) -> list[Unreadable]:
    return [Unreadable("not a video", f"{sync} {number} {raw}") for number in range(first, first + PAGE)]


def told(*options: str) -> str:
    out = StringIO()
    call_command("peertube_purge", *options, stdout=out)
    return out.getvalue()


def held() -> tuple[int, int]:
    rows = SkippedItem.objects.values_list("raw", flat=True)
    return len(rows), sum(len(raw.encode()) for raw in rows)


def size() -> int:
    """Return the bytes that the table takes on PostgreSQL's disk, 0 on SQLite, which uses freed pages again."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [SkippedItem._meta.db_table])
        return int(cursor.fetchone()[0])


def test_junk_is_bounded_while_it_comes_in_and_costs_few_statements(instance: Instance) -> None:
    most = 0
    for sync in range(SYNCS):
        began = timezone.now()
        for first in range(0, JUNK // SYNCS, PAGE):
            with CaptureQueriesContext(connection) as queries:
                keep_skipped(instance, "video", junk(sync, first), began)
            assert len(queries) <= STATEMENTS
            most = max(most, SkippedItem.objects.count())
    rows, length = held()
    assert rows == most == ITEMS_KEPT
    assert length <= ITEMS_KEPT * BYTES_KEPT <= MOST_BYTES
    assert size() <= 3 * MOST_BYTES
    assert SkippedItem.objects.filter(raw__startswith="1 ").count() == ITEMS_KEPT
    assert "0 skipped items" in told()


def test_what_is_new_is_kept_beside_junk_that_always_comes_again(instance: Instance) -> None:
    for sync in range(3):
        began = timezone.now()
        for first in range(0, ITEMS_KEPT, PAGE):
            keep_skipped(instance, "video", junk(0, first), began)
        keep_skipped(instance, "video", [Unreadable("new", f"oddity {sync}")], began)
        assert SkippedItem.objects.filter(raw=f"oddity {sync}").exists() == (sync > 0)
    assert SkippedItem.objects.count() == ITEMS_KEPT


def test_a_raw_item_is_cut_by_bytes_and_still_told_from_others(instance: Instance) -> None:
    long = "ü" * BYTES_KEPT
    keep_skipped(instance, "video", [Unreadable("long", f"{long}a"), Unreadable("long", f"{long}b")], timezone.now())
    assert [len(raw.encode()) for raw in SkippedItem.objects.values_list("raw", flat=True)] == [BYTES_KEPT] * 2


def test_the_purge_brings_what_was_kept_before_within_the_bound(instance: Instance) -> None:
    SkippedItem.objects.bulk_create(
        SkippedItem(instance=instance, kind="video", key=str(n), reason="", raw="") for n in range(3 * ITEMS_KEPT)
    )
    other = Instance.objects.create(host="other.example")
    keep_skipped(other, "video", [Unreadable("odd", "odd")], timezone.now())
    assert f"{2 * ITEMS_KEPT} skipped items deleted" in told()
    assert SkippedItem.objects.filter(instance=instance).count() == ITEMS_KEPT
    assert SkippedItem.objects.filter(instance=other).count() == 1


def test_items_that_nobody_has_seen_for_long_go_with_the_purge(instance: Instance) -> None:
    keep_skipped(instance, "video", [Unreadable("odd", "old")], timezone.now())
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        keep_skipped(instance, "video", [Unreadable("odd", "new")], timezone.now())
        assert json.loads(told("--json")) == {"removed": 0, "scrubbed": 0, "skipped": 1, "runs": 0}
    assert [item.raw for item in SkippedItem.objects.all()] == ["new"]


@pytest.fixture
def run(instance: Instance) -> Callable[..., SyncRun]:
    source = Source.objects.create(instance=instance)

    def make(age: int, **columns: Any) -> SyncRun:
        columns = {"kind": RunKind.HEAD, "state": RunState.DONE, "source": source, **columns}
        made = SyncRun.objects.create(instance=instance, **columns)
        SyncRun.objects.filter(pk=made.pk).update(started_at=timezone.now() - timedelta(days=age))
        return made

    return make


def test_old_runs_go_but_for_those_under_way_and_the_last_of_each_kind(run: Callable[..., SyncRun]) -> None:
    gone = [run(200), run(100, state=RunState.FAILED), run(100, source=None, kind=RunKind.DETAILS)]
    kept = [
        run(100, state=RunState.RUNNING, kind=RunKind.SWEEP, cursor={"start": 100}),
        run(100, kind=RunKind.SWEEP),
        run(95, source=None, kind=RunKind.DETAILS),
        run(89),
        run(1),
    ]
    assert f"{len(gone)} sync runs" in told()
    assert list(SyncRun.objects.order_by("pk")) == kept
    assert clean_up_daily(get_settings()).runs == 0


def test_runs_are_kept_as_long_as_the_setting_says(run: Callable[..., SyncRun], settings: Any) -> None:
    run(3), run(2), run(1)
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "RUN_RETENTION": 86400.0 * 2.5}
    assert "1 sync run " in told()


def test_who_watches_does_it_once_a_day(run: Callable[..., SyncRun]) -> None:
    look = Daily(get_settings())
    gone, kept = run(100), run(99)
    look()
    assert list(SyncRun.objects.all()) == [kept]
    run(1)
    look()
    assert kept in SyncRun.objects.all()
    assert gone not in SyncRun.objects.all()


@pytest.mark.django_db
def test_the_queue_of_the_search_holds_nothing_that_is_gone_after_a_purge() -> None:
    SearchDue.objects.bulk_create(SearchDue(video_id=n) for n in range(3_000))
    told()
    assert not SearchDue.objects.exists()
