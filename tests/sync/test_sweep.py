"""Sweeps that are cut short, and lists that shift under them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peertube_sync.models import Instance, RunState, Video
from peertube_sync.sync.lease import Lease, LeaseLost
from peertube_sync.sync.schedule import make_due
from peertube_sync.testing import Catalogue
from tests.support.mirror import Mirror

INSTANT = 1e-9
"""A slice of this many seconds ends after its first page."""


@pytest.fixture
def listed(make_synced: Callable[..., Mirror]) -> Mirror:
    """A mirror of 450 videos, lists only."""
    return make_synced(450, seed=5, details=False)


def sweep_page_by_page(mirror: Mirror, between: Callable[[int], None] = lambda _page: None) -> int:
    """Run slices of one page each until the sweep is over; returns how many."""
    make_due(mirror.instance.sources.all(), full=True)
    swept, slices = mirror.source.sweep_at, 0
    while mirror.source.sweep_at == swept:
        mirror.slice(details=False, slice_seconds=INSTANT)
        between(slices)
        slices += 1
        assert slices < 100
    return slices


def uuids(mirror: Mirror) -> set[str]:
    return {item["uuid"] for item in mirror.listed()}


def held() -> set[str]:
    return {str(uuid) for uuid in Video.objects.listed().values_list("uuid", flat=True)}


def test_a_sweep_resumes_where_the_last_slice_stopped(listed: Mirror) -> None:
    before = len(listed.sandbox.log)
    assert sweep_page_by_page(listed) == 5
    starts = [int(one.query["start"][0]) for one in listed.sandbox.log[before:]]
    assert starts == [0, 99, 198, 297, 396]
    assert listed.runs("sweep")[-1].unchanged == 450


def test_an_unchanged_catalogue_is_read_and_never_written(listed: Mirror) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        listed.sync(full=True, details=False)
    tables = ("video", "channel", "account", "tag", "playlist")
    writes = [
        query["sql"]
        for query in queries
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
        and any(f'"peertube_sync_{table}"' in query["sql"].partition("SET")[0] for table in tables)
    ]
    assert writes == []


def test_what_goes_while_a_sweep_runs_never_hides_others(listed: Mirror) -> None:
    by_age = sorted(listed.listed(), key=lambda item: item["createdAt"])

    def delete_before_the_cursor(page: int) -> None:
        for item in by_age[page * 20 : page * 20 + 10]:
            listed.catalogue.delete_video(item["uuid"])

    fresh = listed.catalogue.add_video(name="Fresh", created="2031-01-01T00:00:00.000Z")
    sweep_page_by_page(listed, delete_before_the_cursor)
    assert fresh in held()
    assert Video.objects.exclude(delisted_at=None).count() == 0
    listed.sync(full=True, details=False, mass_loss_share=1.0)
    assert held() == uuids(listed)
    assert Video.objects.exclude(delisted_at=None).count() == 0


def test_a_list_that_loses_a_few_at_every_page_is_walked_once(listed: Mirror) -> None:
    by_age = sorted(listed.listed(), key=lambda item: item["createdAt"])

    def delete_a_few(page: int) -> None:
        for item in by_age[page * 10 : page * 10 + 3]:
            listed.catalogue.delete_video(item["uuid"])

    assert sweep_page_by_page(listed, delete_a_few) <= 2 * 5
    assert {run.state for run in listed.runs("sweep")} == {RunState.DONE}
    assert {item["uuid"] for item in by_age[100:]} <= held()


def test_a_list_that_shrinks_behind_the_cursor_is_walked_again(listed: Mirror) -> None:
    by_age = sorted(listed.listed(), key=lambda item: item["createdAt"])

    def delete_most(page: int) -> None:
        if page == 3:
            for item in by_age[:380]:
                listed.catalogue.delete_video(item["uuid"])

    sweep_page_by_page(listed, delete_most)
    assert Video.objects.exclude(delisted_at=None).count() == 0
    assert {item["uuid"] for item in by_age[380:]} <= held()


def test_a_list_that_loses_all_behind_the_cursor_is_walked_to_its_end(listed: Mirror) -> None:
    by_age = sorted(listed.listed(), key=lambda item: item["createdAt"])

    def delete_all_behind(page: int) -> None:
        if page == 1:
            for item in by_age[:250]:
                listed.catalogue.delete_video(item["uuid"])

    sweep_page_by_page(listed, delete_all_behind)
    assert {item["uuid"] for item in by_age[250:]} <= held()


def test_more_videos_of_one_moment_than_fit_on_a_page(make_mirror: Callable[..., Mirror]) -> None:
    catalogue = Catalogue.generate(videos=120, seed=6)
    moment = datetime(2020, 1, 1, tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    same = [catalogue.add_video(created=moment, published=moment) for _ in range(250)]
    mirror = make_mirror(catalogue)
    mirror.add()
    mirror.sync(details=False)
    assert held() == uuids(mirror)
    for uuid in (same[0], same[99], same[100], same[249]):
        catalogue.delete_video(uuid)
    totals = mirror.sync(full=True, details=False)
    assert totals.removed == 4
    assert held() == uuids(mirror)
    assert Video.objects.exclude(delisted_at=None).count() == 0


def test_only_one_process_works_on_an_instance(mirror: Mirror) -> None:
    lease = Lease.acquire(mirror.instance, 60)
    assert lease is not None
    assert mirror.slice(details=False).held
    lease.release()
    assert not mirror.slice(details=False).held


def test_an_abandoned_lease_runs_out(mirror: Mirror) -> None:
    assert Lease.acquire(mirror.instance, -1) is not None
    assert not mirror.slice(details=False).held


def test_who_lost_the_lease_can_write_nothing(mirror: Mirror) -> None:
    late = Lease.acquire(mirror.instance, -1)
    assert late is not None
    assert Lease.acquire(mirror.instance, 60) is not None
    with pytest.raises(LeaseLost), late.transaction():
        Instance.objects.update(name="written by the late one")
    assert mirror.instance.name != "written by the late one"
    late.release(name="released by the late one")
    assert mirror.instance.name != "released by the late one"
    assert mirror.instance.lease_token is not None


def test_runs_of_a_process_that_died_are_closed(mirror: Mirror) -> None:
    run = mirror.instance.runs.create(kind="details")
    mirror.slice(details=False)
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.FAILED, "interrupted")
