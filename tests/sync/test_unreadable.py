"""A source that can't be read is not healthy: it says so wherever it is shown, and recovers by itself."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from peertube_sync.models import Channel, InstanceState, Playlist, PlaylistElement, SourceState, Video
from peertube_sync.sync.audit.instance import audit
from peertube_sync.sync.operations.status import SourceStatus, status
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror
from tests.sync.explaining import SOME, found_video

JSON = dict[str, Any]
LIST = r"^/api/v1/videos\?"
HEAD = r"^/api/v1/videos\?.*sort=-publishedAt"


@pytest.fixture(autouse=True)
def eager(settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "RATE_LIMIT_SHARE": 1.0}


def without_accounts(page: JSON) -> None:
    """Spoil each item by one field that no item can do without."""
    page["data"] = [item | {"account": None} for item in page["data"]]


def unreadable(mirror: Mirror, match: str = LIST) -> None:
    mirror.sandbox.faults.add(Fault("rewrite", match, times=None, rewrite=without_accounts))


def told(mirror: Mirror) -> SourceStatus:
    (found,) = status([mirror.instance])
    return found


def command(*options: str) -> JSON:
    """Return what `peertube_sync --json` prints; its exit status is not 0 where `errors` has any."""
    out, failed = StringIO(), False
    try:
        call_command("peertube_sync", "--json", *options, stdout=out)
    except CommandError:
        failed = True
    totals: JSON = json.loads(out.getvalue())
    assert failed == bool(totals["errors"])
    return totals


def test_items_none_of_which_can_be_read_are_told_everywhere(mirror: Mirror, client: Client) -> None:
    before, number = told(mirror), len(mirror.listed())
    assert (before.healthy, before.coverage) == (True, 1.0)
    unreadable(mirror)
    totals = command("--full")
    assert f"{number} of the {number} items that its list showed could not be read" in totals["errors"][0]
    assert "account" in totals["errors"][0]
    after = told(mirror)
    assert (after.state, after.healthy, after.unread, after.coverage) == (SourceState.UNREADABLE, False, number, 0.0)
    assert (after.mirrored, after.sweep_at, after.head_at) == (number, before.sweep_at, before.head_at)
    assert "could not be read" in after.last_error
    assert client.get("/api/health/").json()["status"] == "troubled"
    assert client.get("/api/health/?max_troubled=0").status_code == 503
    shown = StringIO()
    call_command("peertube_status", stdout=shown)
    assert {"unreadable", "0.0%"} <= {*shown.getvalue().split()}
    assert "could not be read" in found_video(mirror, SOME, offline=True)["source_unreadable"]
    assert Video.objects.exclude(removed_at=None, missing_since=None).count() == 0


def test_the_lag_is_that_since_the_last_good_look(mirror: Mirror) -> None:
    unreadable(mirror)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        mirror.sync()
        assert (told(mirror).lag_seconds or 0) > 47 * 3600
        mirror.sandbox.faults.clear()
        mirror.sync(full=True)
        assert (told(mirror).lag_seconds or 3600) < 60


def test_a_head_poll_that_cannot_be_read_is_enough(mirror: Mirror) -> None:
    unreadable(mirror)
    assert "could not be read" in command()["errors"][0]
    assert (told(mirror).state, told(mirror).coverage) == (SourceState.UNREADABLE, 0.0)
    mirror.sandbox.faults.clear()
    assert command()["errors"] == []
    assert (told(mirror).state, told(mirror).coverage, told(mirror).healthy) == (SourceState.ACTIVE, 1.0, True)


def test_a_source_that_can_be_read_again_recovers_alone_with_what_is_new(mirror: Mirror, client: Client) -> None:
    unreadable(mirror)
    fresh = mirror.catalogue.add_video(name="Fresh")
    with time_machine.travel(timezone.now()) as clock:
        for _ in range(3):
            mirror.slice()
            clock.shift(timedelta(days=2))
        assert not Video.objects.filter(uuid=fresh).exists()
        assert told(mirror).state == SourceState.UNREADABLE
        mirror.sandbox.faults.clear()
        mirror.slice()
        assert Video.objects.filter(uuid=fresh).exists()
        assert (told(mirror).state, told(mirror).last_error, told(mirror).unread) == (SourceState.ACTIVE, "", 0)
        assert client.get("/api/health/").json()["troubled"] == 0


def test_walks_that_keep_failing_where_the_newest_can_be_read_become_seldom(mirror: Mirror) -> None:
    unreadable(mirror, r"^/api/v1/videos\?.*sort=createdAt")
    with time_machine.travel(timezone.now()) as clock:
        mirror.sync(full=True, head_interval_max=600.0)
        began, before = timezone.now(), len(mirror.runs("sweep"))
        while timezone.now() < began + timedelta(hours=20):
            mirror.slice(head_interval_max=600.0)
            clock.move_to(mirror.instance.next_due_at)
        assert 3 < len(mirror.runs("sweep")) - before < 12
        mirror.sandbox.faults.clear()
        mirror.sync(full=True)
        assert told(mirror).state == SourceState.ACTIVE


def test_a_first_sync_that_can_read_nothing_says_so(unsynced: Mirror) -> None:
    unsynced.add()
    unreadable(unsynced)
    assert command()["errors"]
    found = told(unsynced)
    assert (found.state, found.coverage, found.lag_seconds) == (SourceState.UNREADABLE, 0.0, None)
    unsynced.sandbox.faults.clear()
    assert command()["errors"] == []
    assert unsynced.differences() == ""


def test_a_few_odd_items_trouble_nobody_but_are_counted(many_mirror: Mirror) -> None:
    chosen = {item["uuid"] for item in many_mirror.listed()[:2]}

    def rewrite(page: JSON) -> None:
        page["data"] = [item | {"account": None} if item["uuid"] in chosen else item for item in page["data"]]

    many_mirror.sandbox.faults.add(Fault("rewrite", LIST, times=None, rewrite=rewrite))
    assert many_mirror.sync(full=True).errors == []
    found, number = told(many_mirror), len(many_mirror.listed())
    assert (found.state, found.unread, found.coverage) == (SourceState.ACTIVE, 2, round((number - 2) / number, 4))


def test_a_paused_source_stays_paused_however_its_last_walk_ended(mirror: Mirror) -> None:
    unreadable(mirror)
    mirror.sync(full=True)
    mirror.instance.sources.update(state=SourceState.PAUSED)
    mirror.sync(full=True)
    assert told(mirror).state == SourceState.PAUSED


@pytest.mark.parametrize("path", ["video-channels", "video-playlists", r"video-playlists/[0-9a-f-]+/videos"])
def test_other_lists_that_cannot_be_read_lose_nothing_and_say_so(mirror: Mirror, path: str) -> None:
    def held() -> list[int]:
        return [
            Channel.objects.available().count(),
            Playlist.objects.available().count(),
            PlaylistElement.objects.count(),
        ]

    def rewrite(page: JSON) -> None:
        page["data"] = [{"id": "twelve", "uuid": None} for _ in page["data"]]

    before, asked = held(), len(mirror.sandbox.log)
    mirror.sandbox.faults.add(Fault("rewrite", rf"^/api/v1/{path}\?", times=None, rewrite=rewrite))
    Playlist.objects.update(elements_due_at=timezone.now())
    totals = mirror.sync(full=True)
    assert held() == before
    if not path.endswith("/videos"):
        assert "could not be read" in totals.errors[0]
        assert not told(mirror).healthy
        assert [one for one in mirror.asked(asked) if one.startswith(f"/api/v1/{path}/") and "/videos" not in one] == []
    mirror.sandbox.faults.clear()
    Playlist.objects.update(elements_due_at=timezone.now())
    assert mirror.sync(full=True).errors == []
    assert (told(mirror).healthy, held()) == (True, before)


@pytest.mark.parametrize("options", [(), ("--full",)], ids=["head poll", "sweep"])
def test_an_instance_that_calls_itself_otherwise_has_moved_at_once(
    make_mirror: Callable[..., Mirror], options: tuple[str, ...], client: Client
) -> None:
    mirror = make_mirror()
    mirror.add()
    assert mirror.sync().errors == []
    before, port = told(mirror), int(mirror.sandbox.host.rpartition(":")[2])
    mirror.sandbox.stop()
    renamed = make_mirror(mirror.catalogue, host_name="new.example", port=port)
    assert "calls itself new.example" in command(*options)["errors"][0]
    found = told(renamed)
    assert (found.instance_state, found.healthy) == (InstanceState.MOVED, False)
    assert (found.head_at, found.sweep_at) == (before.head_at, before.sweep_at)
    assert "calls itself new.example" in audit(renamed.instance, renamed.settings()).error
    assert client.get("/api/health/").json()["status"] == "troubled"
    assert Video.objects.exclude(removed_at=None, missing_since=None).count() == 0
    renamed.sandbox.stop()
    make_mirror(mirror.catalogue, port=port)
    assert command("--full")["errors"] == []
    assert told(renamed).healthy


def test_items_of_another_host_on_an_instance_that_has_not_moved_are_unreadable(mirror: Mirror) -> None:
    def rewrite(page: JSON) -> None:
        page["data"] = json.loads(json.dumps(page["data"]).replace(mirror.sandbox.host, "new.example"))

    mirror.sandbox.faults.add(Fault("rewrite", LIST, times=None, rewrite=rewrite))
    assert "new.example" in command("--full")["errors"][0]
    assert (told(mirror).state, told(mirror).coverage) == (SourceState.UNREADABLE, 0.0)
    assert mirror.instance.state == InstanceState.OK


def test_an_instance_that_lists_what_it_follows_is_well(mirror: Mirror) -> None:
    def rewrite(page: JSON) -> None:
        remote = json.loads(json.dumps(page["data"]).replace(mirror.sandbox.host, "far.example"))
        added = [
            {**item, "isLocal": False, "uuid": f"{number:08}-0000-4000-8000-000000000000"}
            for number, item in enumerate(remote)
        ]
        page["data"], page["total"] = added + page["data"], page["total"] + len(added)

    mirror.sandbox.faults.add(Fault("rewrite", LIST, times=None, rewrite=rewrite))
    assert command("--full")["errors"] == []
    assert (told(mirror).state, mirror.instance.state) == (SourceState.ACTIVE, InstanceState.OK)


def test_a_failing_host_is_told_by_its_sources(mirror: Mirror, client: Client) -> None:
    mirror.sandbox.faults.add(Fault("status", LIST, times=None, status=500))
    mirror.sync(full=True)
    found = told(mirror)
    assert (found.healthy, found.instance_state) == (False, InstanceState.SERVER_ERROR)
    shown = StringIO()
    call_command("peertube_status", stdout=shown, force_color=True)
    line = shown.getvalue().splitlines()[1]
    assert "server_error" in line
    assert "active" not in line
    assert line.startswith("\x1b[")
    assert client.get("/api/health/").json()["troubled"] == 1


def test_a_list_of_another_shape_is_unreadable_and_recovers_alone(mirror: Mirror) -> None:
    mirror.sandbox.faults.add(Fault("rewrite", HEAD, times=None, rewrite=lambda page: page.update(data={"videos": []})))
    assert "unexpected" in command()["errors"][0]
    assert (told(mirror).state, told(mirror).healthy) == (SourceState.UNREADABLE, False)
    mirror.sandbox.faults.clear()
    assert command()["errors"] == []
    assert (told(mirror).state, told(mirror).healthy) == (SourceState.ACTIVE, True)


@pytest.mark.parametrize("kind", ["playlist", "video"])
def test_a_source_that_names_its_videos_is_unreadable_like_all_others(
    make_mirror: Callable[..., Mirror], kind: str
) -> None:
    mirror = make_mirror()
    uuids = [item["uuid"] for item in mirror.listed()[:3]]
    made = f"p/{mirror.catalogue.add_playlist(uuids)}" if kind == "playlist" else uuids[0]
    source = mirror.add(f"{mirror.sandbox.url}/w/{made}")
    assert mirror.sync().errors == []
    members = told(mirror).mirrored
    mirror.sandbox.faults.add(Fault("facts", r"^/api/v1/videos/[0-9a-f-]{36}$", times=None, facts={"channel": 7}))
    assert "could not be read" in mirror.sync(full=True).errors[0]
    source.refresh_from_db()
    assert (source.state, told(mirror).coverage, told(mirror).mirrored) == (SourceState.UNREADABLE, 0.0, members)
    mirror.sandbox.faults.clear()
    assert mirror.sync(full=True).errors == []
    assert told(mirror).healthy
