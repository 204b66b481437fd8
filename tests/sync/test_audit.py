"""Verifying: an equal copy has no difference, what was found is kept, and only who has the lease works."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from peertube_sync.models import Instance, Playlist, RunKind, RunState, SyncRun
from peertube_sync.sync.audit.instance import ask_for_audits, audit
from peertube_sync.sync.lease import Lease
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror, any_row
from tests.support.sandboxes import MORE_THAN_A_PAGE, VIDEOS
from tests.sync.auditing import told, verify

pytestmark = pytest.mark.one_database

LISTS = 3
"""A page of videos, one of channels, one of playlists."""


def test_a_fresh_copy_has_no_difference(mirror: Mirror) -> None:
    result = verify(mirror)
    assert (told(result), result.error) == ([], "")
    assert (result.checked, result.details_checked) == (VIDEOS, VIDEOS)
    assert result.requests == len(mirror.sandbox.log[-result.requests :])
    assert result.requests == LISTS + 3 * VIDEOS + Playlist.objects.count()


def test_a_sample_of_a_longer_list_asks_for_so_many_details(long_mirror: Mirror) -> None:
    before = len(long_mirror.sandbox.log)
    result = verify(long_mirror, sample=7)
    assert (told(result), result.checked, result.details_checked) == ([], MORE_THAN_A_PAGE, 7)
    assert result.requests == LISTS + 1 + 3 * 7 + Playlist.objects.count()
    assert len(long_mirror.sandbox.log) - before == result.requests


def test_a_sample_of_none_asks_for_lists_alone(mirror: Mirror) -> None:
    assert verify(mirror, sample=0).requests == LISTS


def test_nothing_mirrored_is_written(mirror: Mirror) -> None:
    any_row(name="Another name")
    with CaptureQueriesContext(connection) as queries:
        assert verify(mirror).total == 1
    written = {
        query["sql"].partition("SET")[0].split('"')[1]
        for query in queries
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
    }
    assert written == {f"peertube_sync_{name}" for name in ("instance", "syncrun", "tally", "hostbudget")}


def test_it_is_recorded(mirror: Mirror) -> None:
    any_row(name="Another name")
    began = timezone.now()
    result = verify(mirror, sample=5)
    run = SyncRun.objects.get(kind=RunKind.AUDIT)
    assert (run.state, run.requests, run.error) == (RunState.DONE, result.requests, "")
    assert run.result == {"checked": VIDEOS, "details_checked": 5, "missing": 0, "ghosts": 0, "differing": 1}
    assert mirror.instance.audited_at is not None
    assert mirror.instance.audited_at > began
    assert mirror.instance.audit_differences == 1


def test_it_waits_for_nobody_and_keeps_others_out(mirror: Mirror) -> None:
    lease = Lease.acquire(mirror.instance, 60)
    assert lease is not None
    result = verify(mirror)
    assert "another process is at work" in result.error
    assert result.requests == 0
    lease.release()
    held: list[bool] = []
    audit(mirror.instance, mirror.settings(), sample=1, progress=lambda *_: held.append(mirror.slice().held))
    assert held
    assert all(held)
    assert not mirror.slice().held


def test_who_lost_the_lease_stops(mirror: Mirror) -> None:
    def take_over(*_: object) -> None:
        Instance.objects.update(lease_token="11111111-2222-4333-8444-555555555555")

    result = audit(mirror.instance, mirror.settings(), progress=take_over)
    assert result.error == "another process took over"


def test_a_server_that_fails_leaves_it_incomplete_and_the_instance_as_it_was(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peertube_sync.client.transport.BACKOFF", 0.0)
    before = mirror.instance
    mirror.sandbox.faults.add(Fault("status", r"/captions", times=None, status=500))
    result = verify(mirror)
    assert "answered 500" in result.error
    run = SyncRun.objects.get(kind=RunKind.AUDIT)
    assert (run.state, run.result["checked"]) == (RunState.FAILED, VIDEOS)
    after = mirror.instance
    assert (after.state, after.next_due_at, after.audited_at) == (before.state, before.next_due_at, None)
    assert not mirror.slice().held


def test_an_anti_bot_page_proves_no_ghost(mirror: Mirror) -> None:
    any_row()
    mirror.catalogue.delete_video(mirror.listed()[0]["uuid"])
    mirror.sandbox.faults.add(Fault("html", r"^/api/v1/videos/[0-9a-f-]{36}$", times=None, status=403))
    result = verify(mirror)
    assert (result.ghosts, bool(result.error)) == (0, True)


def test_an_audit_that_was_asked_for_follows_the_next_slice_once(mirror: Mirror) -> None:
    mirror.sync()
    ask_for_audits([mirror.instance])
    mirror.sync()
    instance = Instance.objects.get()
    assert (instance.audit_due_at, instance.audit_differences) == (None, 0)
    assert instance.runs.filter(kind=RunKind.AUDIT).count() == 1
    mirror.sync()
    assert instance.runs.filter(kind=RunKind.AUDIT).count() == 1
