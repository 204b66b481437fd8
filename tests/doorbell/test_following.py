"""A sandbox is followed, rings, and is asked; both sides over real HTTP."""

from collections.abc import Callable
from datetime import timedelta
from importlib import reload
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from peertube_sync.doorbell import urls as doorbell_urls
from peertube_sync.models import (
    Account,
    Channel,
    Delivery,
    DoorbellActor,
    Follow,
    FollowState,
    Instance,
    Playlist,
    RemoteKey,
    Ring,
    Source,
    Video,
)
from peertube_sync.sync.doorbell.follows import say_goodbyes
from peertube_sync.sync.operations.optout import opt_out
from peertube_sync.sync.scope import remove_source
from tests.support.mirror import Mirror


def listen(mirror: Mirror) -> None:
    """Let everything be delivered, and answer all that rang, as slices that are due do."""
    mirror.sandbox.federation.deliveries.wait()
    while Ring.objects.filter(waiting=True).exists():
        assert Instance.objects.due().exists()
        assert mirror.slice().error is None
        mirror.sandbox.federation.deliveries.wait()


def follow() -> Follow:
    return Follow.objects.get()


def first(mirror: Mirror) -> str:
    return str(mirror.listed()[0]["uuid"])


def test_an_instance_accepts(bell: Mirror) -> None:
    assert (follow().state, follow().kind) == (FollowState.ACCEPTED, "instance")
    assert follow().next_at > timezone.now() + timedelta(days=5)
    assert [one.state for one in bell.sandbox.federation.follows] == ["accepted"]


def test_what_changes_there_changes_here_without_a_walk(bell: Mirror) -> None:
    uuid, runs = first(bell), len(bell.runs("sweep")) + len(bell.runs("head"))
    Video.objects.update(details_due_at=None, captions_due_at=timezone.now() + timedelta(days=9))
    bell.catalogue.edit_video(uuid, name="Told at once")
    bell.catalogue.set_captions(uuid, ["eo"])
    listen(bell)
    row = bell.row(uuid)
    assert (row.name, [one.language_id for one in row.captions.all()]) == ("Told at once", ["eo"])
    new = bell.catalogue.add_video(name="Just published")
    listen(bell)
    assert bell.row(new).details_fetched_at
    bell.catalogue.delete_video(uuid)
    bell.catalogue.hide(str(bell.listed()[1]["uuid"]))
    listen(bell)
    assert bell.row(uuid).removed_reason == "deleted"
    channel = Channel.objects.filter(videos__removed_at=None).first()
    assert channel
    bell.catalogue.rename_channel(channel.name, "Renamed")
    account = Account.objects.get(pk=channel.owner_account_id)
    bell.catalogue.rename_account(account.name, "Somebody")
    listen(bell)
    channel.refresh_from_db()
    account.refresh_from_db()
    assert (channel.display_name, account.display_name) == ("Renamed", "Somebody")
    playlist = bell.catalogue.add_playlist([new], name="A list")
    listen(bell)

    assert Playlist.objects.get(uuid=playlist).elements.count() == 1
    bell.catalogue.delete_playlist(playlist)
    listen(bell)
    assert Playlist.objects.get(uuid=playlist).removed_at
    assert len(bell.runs("sweep")) + len(bell.runs("head")) == runs
    assert bell.differences() == ""


def test_of_what_no_source_wants_nothing_is_written(bell: Mirror) -> None:
    Source.objects.update(rules={"exclude_tags": ["unwanted"]})
    uuid = bell.catalogue.add_video(name="Unwanted", tags=["unwanted"])
    listen(bell)
    assert not Video.objects.filter(uuid=uuid).exists()


def test_heartbeats(bell: Mirror) -> None:
    before = follow().answered_at
    Follow.objects.update(next_at=timezone.now())
    bell.slice()
    bell.sandbox.federation.deliveries.wait()
    assert follow().answered_at > before
    assert follow().state == FollowState.ACCEPTED
    Follow.objects.update(next_at=timezone.now(), answered_at=before - timedelta(days=7))
    bell.slice()
    assert "no longer answers" in follow().doubt
    bell.sandbox.federation.deliveries.wait()
    assert follow().state == FollowState.ACCEPTED


def test_a_rejection_ends_asking(bell: Mirror) -> None:
    bell.sandbox.federation.reject()
    bell.sandbox.federation.deliveries.wait()
    assert (follow().state, follow().next_at) == (FollowState.REJECTED, None)


@pytest.mark.parametrize("how", ["command", "source", "opt-out", "pause"])
def test_who_isnt_mirrored_isnt_followed(bell: Mirror, how: str, settings: Any) -> None:
    if how == "command":
        call_command("peertube_doorbell", "--off")
        bell.slice()
    elif how == "source":
        remove_source(bell.source)
    elif how == "pause":
        Source.objects.update(state="paused")
    else:
        opt_out(bell.sandbox.host)
    assert say_goodbyes(bell.settings()) == []
    assert bell.sandbox.federation.follows == []
    assert not Follow.objects.exists()


def test_for_good(bell: Mirror, client: Any) -> None:
    call_command("peertube_doorbell", "--off", "--for-good")
    assert bell.sandbox.federation.follows == []
    assert client.get("/ap/actor").status_code == 410


def test_turned_off_in_the_settings_it_takes_its_leave(bell: Mirror) -> None:
    assert say_goodbyes(bell.settings(doorbell=False)) == []
    assert bell.sandbox.federation.follows == []
    assert bell.slice().error is None


def test_off_it_leaves_no_trace(mirror: Mirror, client: Any) -> None:
    assert not mirror.settings().doorbell
    assert mirror.sync(full=True).errors == []
    say_goodbyes(mirror.settings())
    assert not any(model.objects.exists() for model in (DoorbellActor, Follow, Ring, RemoteKey, Delivery))
    assert not {one.path.split("/")[1] for one in mirror.sandbox.log} & {"accounts", "inbox", "video-channels"}
    assert reload(doorbell_urls).urlpatterns == []  # as in a process that begins with it off
    for path in ("/ap/actor", "/ap/actor/followers", "/.well-known/webfinger?resource=acct:doorbell@testserver"):
        assert client.get(path).status_code == 404, path
    assert client.post("/ap/inbox", {}, content_type="application/activity+json").status_code == 404


def prove(mirror: Mirror) -> None:
    """Let a walk that begins after the acceptance find nothing that hadn't rung."""
    mirror.sync(full=True)
    assert Follow.objects.proven().exists()


def walk(mirror: Mirror) -> None:
    """Walk through the list, and judge what hadn't rung when a ring could have come."""
    mirror.sync(full=True)
    Ring.objects.filter(missed_at__isnull=False).update(missed_at=timezone.now() - timedelta(minutes=3))
    mirror.slice()


def test_a_proven_bell_is_relied_on(bell: Mirror) -> None:
    week = timedelta(days=7)
    Source.objects.update(head_due_at=timezone.now())
    prove(bell)
    assert Source.objects.get().head_due_at > timezone.now() + timedelta(hours=20)
    due = [row.captions_due_at - timezone.now() for row in Video.objects.all()]
    assert max(due) > 2 * week
    walk(bell)
    assert Follow.objects.proven().exists()


@pytest.mark.parametrize("how", ["edited", "published", "deleted", "captioned"])
def test_silence_makes_it_doubtful(bell: Mirror, how: str) -> None:
    prove(bell)
    uuid, week = first(bell), timedelta(days=7)
    bell.sandbox.federation.deliveries.lost = 1.0
    if how == "edited":
        bell.catalogue.edit_video(uuid, name="In silence")
    elif how == "published":
        bell.catalogue.add_video()
    elif how == "deleted":
        bell.catalogue.delete_video(uuid)
    else:
        bell.catalogue.set_captions(uuid, ["eo", "de", "fr"])
        Follow.objects.update(accepted_at=timezone.now() - week, proven_at=timezone.now())
        bell.everything_due()
    bell.sandbox.federation.deliveries.wait()
    walk(bell)
    assert "hadn't rung" in follow().doubt
    assert not Follow.objects.proven().exists()
    assert max(row.captions_due_at for row in Video.objects.filter(removed_at=None)) < timezone.now() + 1.5 * week
    assert bell.differences() == ""
    bell.sandbox.federation.deliveries.lost = 0.0
    bell.sandbox.federation.deliveries.wait()
    bell.slice()
    bell.sandbox.federation.deliveries.wait()
    prove(bell)


def test_a_ring_that_comes_late_is_no_silence(bell: Mirror) -> None:
    prove(bell)
    bell.sandbox.federation.deliveries.late = 1.0
    bell.catalogue.edit_video(first(bell), name="Found before it rang")
    bell.sync(full=True)
    listen(bell)
    assert not Ring.objects.filter(missed_at__isnull=False).exists()
    walk(bell)
    assert Follow.objects.proven().exists()


def test_silence_is_judged_only_where_rings_are_answered(bell: Mirror) -> None:
    prove(bell)
    bell.sandbox.federation.deliveries.lost = 1.0
    bell.catalogue.edit_video(first(bell), name="In silence")
    bell.sync(full=True)
    Ring.objects.filter(missed_at__isnull=False).update(missed_at=timezone.now() - timedelta(minutes=3))
    assert not bell.slice(details=False).more
    assert Follow.objects.proven().exists()
    assert bell.slice().error is None
    assert "hadn't rung" in follow().doubt


def test_another_key_is_read_anew_and_what_waited_counts(bell: Mirror) -> None:
    bell.catalogue.edit_video(first(bell), name="By the first key")
    listen(bell)
    bell.sandbox.federation.change_keys()
    RemoteKey.objects.update(asked_at=timezone.now() - timedelta(hours=2))
    bell.catalogue.edit_video(first(bell), name="By another key")
    listen(bell)
    assert bell.row(first(bell)).name == "By another key"


@pytest.mark.parametrize("scheduled", [False, True], ids=["rang", "left to the schedule"])
def test_a_live_that_stopped_is_listed_no_more(bell: Mirror, scheduled: bool) -> None:
    live = bell.catalogue.add_video(name="Live", is_live=True)
    bell.catalogue.start_live(live)
    listen(bell)
    assert Video.objects.listed().filter(uuid=live).exists()
    bell.sandbox.federation.deliveries.lost = float(scheduled)
    bell.catalogue.stop_live(live)
    if scheduled:
        Video.objects.filter(uuid=live).update(details_due_at=timezone.now())
        assert [bell.slice().error for _time in range(2)] == [None, None]
    listen(bell)
    assert not Video.objects.listed().filter(uuid=live).exists()
    assert bell.row(live).removed_at is None


@pytest.fixture
def bell_of(
    transactional_db: None, live_server: Any, doorbell: None, make_mirror: Callable[..., Mirror], settings: Any
) -> Callable[[str], Mirror]:
    """A mirror of one video or one playlist of a sandbox."""
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "SITE_URL": live_server.url}

    def mirrored(kind: str) -> Mirror:
        mirror = make_mirror()
        uuid = str(mirror.listed()[0]["uuid"])
        if kind == "playlist":
            uuid = mirror.catalogue.add_playlist([str(item["uuid"]) for item in mirror.listed()[:3]])
        mirror.add(f"{mirror.sandbox.url}/w/{'p/' * (kind == 'playlist')}{uuid}")
        assert mirror.sync().errors == []
        mirror.hear_answers()
        return mirror

    return mirrored


def test_for_a_video_its_channel_is_followed_and_nothing_else_of_it_is_asked_for(
    bell_of: Callable[[str], Mirror],
) -> None:
    mirror = bell_of("video")
    video = Video.objects.get()
    assert [one.followed for one in mirror.sandbox.federation.follows] == [f"/video-channels/{video.channel.name}"]
    mirror.catalogue.edit_video(str(video.uuid), name="Told")
    unwanted = mirror.catalogue.add_video(video.channel.name, name="Of no interest")
    asked = len(mirror.sandbox.log)
    listen(mirror)
    video.refresh_from_db()
    assert video.name == "Told"
    assert f"/api/v1/videos/{unwanted}" not in mirror.asked(asked)
    assert not Follow.objects.proven().exists()
    other = next(name for name in mirror.catalogue.channels if name[0] != video.channel.name)
    mirror.catalogue.move_video(str(video.uuid), mirror.catalogue.channels[other].name)
    listen(mirror)
    mirror.slice()
    assert say_goodbyes(mirror.settings()) == []
    mirror.sandbox.federation.deliveries.wait()
    followed = [one.followed for one in mirror.sandbox.federation.follows]
    assert followed == [f"/video-channels/{mirror.catalogue.channels[other].name}"]
    remove_source(mirror.source)
    assert say_goodbyes(mirror.settings()) == []
    assert mirror.sandbox.federation.follows == []


def test_for_a_playlist_its_owner_is_followed_and_its_videos_come_and_go(bell_of: Callable[[str], Mirror]) -> None:
    mirror = bell_of("playlist")
    name = mirror.source.name
    assert [one.kind for one in Follow.objects.all()] == ["account"]
    assert say_goodbyes(mirror.settings()) == []
    held = {str(uuid) for uuid in Video.objects.listed().values_list("uuid", flat=True)}
    new = next(str(item["uuid"]) for item in mirror.listed() if str(item["uuid"]) not in held)
    gone = sorted(held)[0]
    mirror.catalogue.edit_playlist(name, videos=[new, *sorted(held)[1:]])
    listen(mirror)
    now = {str(uuid) for uuid in Video.objects.listed().values_list("uuid", flat=True)}
    assert now == (held | {new}) - {gone}
    assert mirror.row(new).captions_fetched_at
