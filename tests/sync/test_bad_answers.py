"""Odd servers: nothing disappears, the reason is visible, and the copy recovers when the server does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from peertube_sync.models import (
    Account,
    Channel,
    InstanceState,
    Playlist,
    PlaylistElement,
    SkippedItem,
    SourceState,
    Video,
)
from peertube_sync.testing import Catalogue, Fault
from tests.support.mirror import Mirror

LIST = r"^/api/v1/videos\?"
ELEMENTS = r"^/api/v1/video-playlists/[0-9a-f-]+/videos\?"
ONE = r"^/api/v1/videos/[0-9a-f-]{36}$"


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow each other at once; how long they would wait is no matter here."""
    monkeypatch.setattr("peertube_sync.client.transport.BACKOFF", 0.0)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault("status", LIST, times=None, status=500), InstanceState.SERVER_ERROR),
        (Fault("status", LIST, times=None, status=503, retry_after=1), InstanceState.SERVER_ERROR),
        (Fault("html", LIST, times=None, status=200), InstanceState.BOT_CHECK),
        (Fault("html", LIST, times=None, status=403), InstanceState.BOT_CHECK),
        (Fault("truncated", LIST, times=None), InstanceState.UNREACHABLE),
        (Fault("reset", LIST, times=None), InstanceState.UNREACHABLE),
        (Fault("too_many", LIST, times=None, retry_after=1), InstanceState.RATE_LIMITED),
        (Fault("html", r"nodeinfo", times=None, status=403), None),
    ],
    ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else "",
)
def test_a_failing_list_loses_nothing(mirror: Mirror, fault: Fault, state: InstanceState | None) -> None:
    before = Video.objects.available().count()
    mirror.sandbox.faults.add(fault)
    totals = mirror.sync(full=True)
    assert Video.objects.available().count() == before
    if state:
        assert totals.errors
        assert mirror.instance.state == state
        assert mirror.instance.state_reason
    mirror.sandbox.faults.clear()
    assert mirror.sync(full=True).errors == []
    assert mirror.instance.state == InstanceState.OK
    assert mirror.differences() == ""


@pytest.mark.parametrize("kind", ["empty", "short", "total", "duplicates"])
def test_a_lying_list_loses_nothing(many_mirror: Mirror, kind: str) -> None:
    many_mirror.sandbox.faults.add(Fault(kind, LIST, times=None))  # type: ignore[arg-type]
    many_mirror.sync(full=True)
    assert Video.objects.exclude(removed_at=None).count() == 0
    many_mirror.sandbox.faults.clear()
    assert many_mirror.sync(full=True).errors == []
    assert many_mirror.source.state == SourceState.ACTIVE
    assert many_mirror.differences() == ""


@pytest.mark.parametrize("path", ["video-channels", "video-playlists", r"video-playlists/[0-9a-f-]+/videos", ".*"])
def test_any_list_that_is_suddenly_empty_loses_nothing(many_mirror: Mirror, path: str) -> None:
    def held() -> list[int]:
        actors = [model.objects.available().count() for model in (Video, Channel, Account, Playlist)]
        return [*actors, PlaylistElement.objects.count()]

    before = held()
    many_mirror.sandbox.faults.add(Fault("empty", rf"^/api/v1/{path}\?", times=None))
    Playlist.objects.update(elements_due_at=timezone.now())
    many_mirror.sync(full=True)
    assert held() == before
    many_mirror.sandbox.faults.clear()
    Playlist.objects.update(elements_due_at=timezone.now())
    assert many_mirror.sync(full=True).errors == []
    assert many_mirror.differences() == ""


def test_one_unreadable_member_costs_its_playlist_nothing_else(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    uuids = [item["uuid"] for item in mirror.listed()[:3]]
    mirror.add(f"{mirror.sandbox.url}/w/p/{mirror.catalogue.add_playlist(uuids)}")
    mirror.sandbox.faults.add(Fault("facts", f"^/api/v1/videos/{uuids[0]}$", times=None, facts={"channel": None}))
    mirror.sync()
    assert {str(uuid) for uuid in Video.objects.available().values_list("uuid", flat=True)} == set(uuids[1:])
    assert SkippedItem.objects.get().key == uuids[0]


def test_a_playlist_that_went_before_its_first_sync_is_left_alone_for_a_while(
    make_mirror: Callable[..., Mirror],
) -> None:
    mirror = make_mirror()
    playlist = mirror.catalogue.add_playlist([mirror.listed()[0]["uuid"]])
    mirror.add(f"{mirror.sandbox.url}/w/p/{playlist}")
    mirror.catalogue.delete_playlist(playlist)
    assert not mirror.slice().more
    assert "no public playlist" in mirror.source.last_error


def test_a_mirrored_playlist_that_is_suddenly_empty_loses_nothing(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    uuids = [item["uuid"] for item in mirror.listed()[:3]]
    source = mirror.add(f"{mirror.sandbox.url}/w/p/{mirror.catalogue.add_playlist(uuids)}")
    mirror.sync()
    mirror.sandbox.faults.add(Fault("empty", ELEMENTS, times=None))
    mirror.sync(full=True)
    source.refresh_from_db()
    assert Video.objects.available().count() == 3
    assert "yet shows none" in source.last_error
    mirror.sandbox.faults.clear()
    assert mirror.sync(full=True).errors == []
    assert Video.objects.available().count() == 3


def test_an_empty_list_parks_the_source_with_its_reason(many_mirror: Mirror) -> None:
    many_mirror.sandbox.faults.add(Fault("empty", LIST, times=None))
    totals = many_mirror.sync(full=True)
    assert many_mirror.source.state == SourceState.SUSPICIOUS
    assert "missing" in many_mirror.source.last_error
    assert totals.errors


@pytest.mark.parametrize("status", [200, 403])
def test_an_anti_bot_page_for_single_videos_proves_nothing(mirror: Mirror, status: int) -> None:
    mirror.sandbox.faults.add(Fault("html", ONE, times=None, status=status))
    mirror.catalogue.delete_video(mirror.listed()[0]["uuid"])
    mirror.everything_due()
    totals = mirror.sync(full=True)
    assert totals.errors
    assert Video.objects.exclude(removed_at=None).count() == 0
    mirror.sandbox.faults.clear()
    mirror.sync(full=True)
    assert mirror.differences() == ""


def test_a_host_that_fails_is_not_hammered(mirror: Mirror) -> None:
    mirror.sandbox.faults.add(Fault("status", LIST, times=None, status=500))
    before = len(mirror.sandbox.log)
    mirror.sync(full=True)
    assert len(mirror.sandbox.log) - before <= 16


def test_too_many_requests_are_counted_and_end_the_slice(mirror: Mirror) -> None:
    mirror.sandbox.faults.add(Fault("too_many", LIST, times=1, retry_after=1))
    totals = mirror.sync(full=True)
    assert (totals.rate_limited, totals.errors) == (1, [])


def test_a_malformed_item_is_kept_with_its_reason_and_the_page_goes_on(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    mirror.add()
    fault = mirror.sandbox.faults.add(Fault("malformed", LIST, times=None))
    totals = mirror.sync()
    skipped = SkippedItem.objects.filter(kind="video")
    assert totals.created >= len(mirror.listed()) - skipped.count() - 1
    assert all("Expected" in item.reason and item.raw for item in skipped)
    assert fault.times is None
    mirror.sandbox.faults.clear()
    mirror.sync(full=True)
    assert mirror.differences() == ""


def test_a_server_that_claims_the_videos_of_others_is_not_believed(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    mirror.add()
    with mirror.catalogue.lock:
        mirror.sandbox.stop()
    liar = make_mirror(
        mirror.catalogue, host_name="elsewhere.example", port=int(mirror.sandbox.host.rpartition(":")[2])
    )
    totals = liar.sync()
    assert "calls itself elsewhere.example" in totals.errors[0]
    assert liar.instance.state == InstanceState.MOVED
    assert Video.objects.count() == 0


def test_a_host_that_is_down_says_so(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror(Catalogue.generate(videos=5, seed=1))
    mirror.add()
    mirror.sandbox.stop()
    totals = mirror.sync()
    assert "refuses connections" in totals.errors[0]
    assert mirror.instance.state == InstanceState.CONNECTION_REFUSED
    mirror.sandbox.start = lambda: mirror.sandbox  # type: ignore[method-assign]


EVERYTHING = [
    (Fault("status", "", times=None, status=500), InstanceState.SERVER_ERROR, "answered 500"),
    (Fault("too_many", "", times=None, retry_after=1), InstanceState.RATE_LIMITED, "answered 429"),
    (Fault("html", "", times=None, status=403), InstanceState.BOT_CHECK, "keeps robots out"),
    (Fault("reset", "", times=None), InstanceState.UNREACHABLE, "closed the connection"),
    (Fault("other_software", "", times=None), InstanceState.NOT_PEERTUBE, "runs mastodon"),
]


@pytest.mark.parametrize(("fault", "state", "reason"), EVERYTHING, ids=lambda value: getattr(value, "kind", None))
def test_a_server_in_trouble_for_an_hour_is_asked_ever_less_and_recovers_alone(
    mirror: Mirror, fault: Fault, state: InstanceState, reason: str
) -> None:
    shown = Video.objects.available().count()
    mirror.sandbox.faults.add(fault)
    mirror.everything_due()
    asked, began = [], timezone.now()
    with time_machine.travel(began) as clock:
        while timezone.now() < began + timedelta(hours=1):
            before = len(mirror.sandbox.log)
            mirror.slice()
            asked.append(len(mirror.sandbox.log) - before)
            clock.move_to(mirror.instance.next_due_at)
        assert len(asked) <= 8
        assert max(asked[1:]) <= 4
        assert Video.objects.available().count() == shown
        instance = mirror.instance
        assert (instance.state, instance.failures) == (state, len(asked))
        assert reason in instance.state_reason
        assert began <= instance.failing_since < began + timedelta(minutes=1)
        mirror.sandbox.faults.clear()
        mirror.slice()
        instance = mirror.instance
        assert (instance.state, instance.failures, instance.failing_since) == (InstanceState.OK, 0, None)
        assert mirror.sync(full=True).errors == []
    assert mirror.differences() == ""


def test_a_host_that_bears_few_questions_at_a_time_never_waits_for_long(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror(Catalogue.generate(videos=40, seed=1))
    mirror.add()
    with time_machine.travel(timezone.now()) as clock:
        while Video.objects.exclude(details_fetched_at=None).count() < len(mirror.listed()):
            mirror.sandbox.faults.clear()
            mirror.sandbox.faults.add(Fault("too_many", "", times=None, after=12))
            mirror.slice()
            assert mirror.instance.next_due_at < timezone.now() + timedelta(minutes=15)
            clock.move_to(mirror.instance.next_due_at)


def test_a_host_that_was_down_is_probed_by_one_cheap_question(mirror: Mirror) -> None:
    mirror.sandbox.faults.add(Fault("status", "", times=None, status=502))
    mirror.everything_due()
    mirror.slice()
    before = len(mirror.sandbox.log)
    mirror.slice()
    assert mirror.asked(before) == ["/api/v1/config"]
