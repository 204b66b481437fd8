"""How fast hosts are asked for pictures, and what their trouble costs: nothing but pictures."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from peertube_sync.models import HostBudget, Instance, InstanceState, OptOut, Picture, PictureState, Video
from peertube_sync.sync.picture_storages import MISSES
from peertube_sync.sync.pictures import TurnEnded, asking, want
from peertube_sync.testing import Fault
from tests.pictures import hostile
from tests.pictures.looking import address_of, get, picture_name
from tests.pictures.test_hostile import fetch, publish
from tests.support.held import Held
from tests.support.mirror import Mirror

FILES = "/lazy-static/"


def sent(mirror: Mirror, since: int = 0) -> list[Any]:
    """Return what the sandbox was asked of files, in the order of time."""
    return sorted(
        (one for one in mirror.sandbox.log[since:] if one.path.startswith(FILES)), key=lambda one: one.started
    )


@pytest.mark.one_database
def test_files_are_asked_for_at_their_pace_one_at_a_time(bare: Mirror, configured: Callable[..., Any]) -> None:
    with configured(PICTURES_PER_SECOND=10.0):
        fetch()
    asked = sent(bare)
    assert len(asked) > 10
    gaps = [later.started - earlier.started for earlier, later in pairwise(asked)]
    assert asked[-1].started - asked[0].started >= (len(asked) - 1) / 10 - 0.06
    assert min(gaps) >= 0.1 / 2 - 0.01
    assert all(earlier.ended <= later.started for earlier, later in pairwise(asked))


@pytest.mark.one_database
def test_bytes_are_paid_for_in_time(bare: Mirror, configured: Callable[..., Any]) -> None:
    body = hostile.drawn("JPEG", (1280, 720), quality=60)
    for video in Video.objects.available():
        publish(bare, video, body)
    rate = 5 * len(body)
    with configured(PICTURES_BYTES_PER_SECOND=rate):
        fetch()
    asked = [one for one in sent(bare) if "avatar" not in one.path and "banner" not in one.path]
    assert asked[-1].started - asked[0].started >= (len(asked) - 3) * len(body) / rate


@pytest.mark.one_database
def test_a_429_stops_pictures_and_not_the_sync(bare: Mirror) -> None:
    bare.sandbox.faults.add(Fault("status", match=FILES, status=429, retry_after=120, times=None))
    result = bare.slice()
    assert result.error is None
    assert len(sent(bare)) == 1
    instance = bare.instance
    assert (instance.state, instance.failures) == (InstanceState.OK, 0)
    assert instance.pictures_due_at is not None
    before = len(bare.sandbox.log)
    assert bare.slice().error is None
    assert fetch()["not_asked"]
    assert not sent(bare, before)
    budgets = dict(HostBudget.objects.values_list("host", "opens_at"))
    assert budgets[f"pictures:{instance.host}"] > budgets[instance.host] + 100


@pytest.mark.one_database
@pytest.mark.parametrize("kind", ["reset", "status"])
def test_a_host_that_fails_is_left_alone_for_a_while(bare: Mirror, kind: Any) -> None:
    bare.sandbox.faults.add(Fault(kind, match=FILES, status=500, times=None))
    assert bare.slice().error is None
    assert bare.slice().error is None
    assert len(sent(bare)) == (2 if kind == "reset" else 1)  # a kept connection that was lost is opened again at once
    failed = Picture.objects.get(state=PictureState.FAILED)
    assert failed.reason
    assert failed.tries == 1
    HostBudget.objects.filter(host__startswith="pictures:").delete()  # as if the minute were over
    Instance.objects.update(pictures_due_at=timezone.now())
    assert bare.slice().error is None
    due = bare.instance.pictures_due_at
    assert due is not None
    assert due > timezone.now() + timedelta(seconds=100)


@pytest.mark.one_database
def test_one_that_lacks_costs_the_others_nothing_and_is_tried_again_later(bare: Mirror) -> None:
    video = Video.objects.available()[0]
    name = picture_name(video)
    bare.sandbox.faults.add(Fault("status", match=name, status=404, times=1))
    counts = fetch()
    assert (counts["failed"], counts["not_asked"]) == (1, [])
    assert get(address_of(video).at(320)).status_code == 404
    fetch()
    assert get(address_of(video).at(320)).status_code == 404
    fetch("--again")
    assert get(address_of(video).at(320)).status_code == 200


@pytest.mark.one_database
def test_robots_txt_counts(bare: Mirror) -> None:
    Instance.objects.update(robots="User-agent: *\nDisallow: /lazy-static/\n")
    fetch()
    assert not sent(bare)
    assert "robots" in Picture.objects.filter(of="video", state=PictureState.FAILED)[0].reason


def keep_elsewhere(video: Video, host: str) -> None:
    """Let the picture of a video be on another host than its home."""
    address = f"http://{host}{video.preview_path or video.thumbnail_path}"
    Video.objects.filter(pk=video.pk).update(thumbnails=[{"width": 1280, "file_url": address}])


@pytest.mark.one_database
@pytest.mark.parametrize("elsewhere", [False, True])
def test_one_picture_has_so_many_seconds(
    bare: Mirror, make_mirror: Callable[..., Mirror], monkeypatch: pytest.MonkeyPatch, *, elsewhere: bool
) -> None:
    asked, video = make_mirror().sandbox if elsewhere else bare.sandbox, Video.objects.available()[0]
    if elsewhere:
        keep_elsewhere(video, asked.host)
    held = asked.faults.add(Held("slow", match=FILES))
    want("video", video.pk, video.instance_id, "")
    monkeypatch.setattr("peertube_sync.sync.pictures.LONGEST_FETCH", 1.0)
    (picture,) = Picture.objects.all()
    with asking(bare.instance, bare.settings()) as asker, suppress(TurnEnded):
        asker.fetch(picture)
    assert not held.answered
    held.release()
    picture.refresh_from_db()
    assert (picture.state, picture.tries, picture.claim) == (PictureState.FAILED, 1, "")


@pytest.mark.one_database
def test_a_storage_that_may_not_be_asked_yet_has_not_failed(bare: Mirror, make_mirror: Callable[..., Mirror]) -> None:
    storage, video = make_mirror().sandbox, Video.objects.available()[0]
    keep_elsewhere(video, storage.host)
    HostBudget.objects.create(host=f"pictures:{storage.host}", opens_at=time.time() + 300)
    fetch()
    picture = Picture.objects.get(of="video", row_id=video.pk)
    assert (picture.state, picture.tries) == (PictureState.WANTED, 0)
    assert picture.due_at is not None
    assert picture.due_at > timezone.now() + timedelta(seconds=200)


@pytest.mark.one_database
def test_an_object_storage_is_asked_at_its_own_pace_within_its_own_rules(
    bare: Mirror, make_mirror: Callable[..., Mirror]
) -> None:
    storage = make_mirror().sandbox
    stored, opted_out = Video.objects.available()[:2]
    for video in (stored, opted_out):
        host = storage.host if video == stored else "127.0.0.1:9"
        address = f"http://{host}{video.preview_path or video.thumbnail_path}"
        Video.objects.filter(pk=video.pk).update(thumbnails=[{"width": 1280, "file_url": address}])
        video.refresh_from_db()
    OptOut.objects.create(host="127.0.0.1:9")
    fetch()
    assert [one.path for one in storage.log] == ["/robots.txt", stored.preview_path or stored.thumbnail_path]
    assert HostBudget.objects.filter(host=f"pictures:{storage.host}").exists()
    assert get(address_of(stored).at(320)).status_code == 200
    assert "opted out" in Picture.objects.get(of="video", row_id=opted_out.pk).reason


@pytest.mark.one_database
def test_an_instance_names_only_a_few_hosts_as_its_storages(
    bare: Mirror, make_mirror: Callable[..., Mirror], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peertube_sync.sync.picture_storages.MOST_HOSTS", 2)
    others = [make_mirror().sandbox for _number in range(4)]
    for video, storage in zip(Video.objects.available(), others, strict=False):
        keep_elsewhere(video, storage.host)
    for _slice in range(3):
        assert bare.slice().error is None
        fetch("--again")
    assert sum(bool(storage.log) for storage in others) == 2
    reasons = Picture.objects.filter(of="video", state=PictureState.FAILED).values_list("reason", flat=True)
    assert sum("more than 2 other hosts" in reason for reason in reasons) == 2


@pytest.mark.one_database
@pytest.mark.parametrize("kind", ["html", "status"])
def test_a_host_that_never_gives_a_picture_is_left_alone_for_a_day(
    bare: Mirror, make_mirror: Callable[..., Mirror], kind: Any
) -> None:
    storage = make_mirror().sandbox
    storage.faults.add(Fault(kind, match=FILES, status=404, times=None))
    for video in Video.objects.available():
        keep_elsewhere(video, storage.host)
    for _slice in range(3):
        assert bare.slice().error is None
        fetch("--again")
    asked = [one for one in storage.log if one.path.startswith(FILES)]
    assert len(asked) == MISSES < Video.objects.available().count()
    assert "before tomorrow" in Picture.objects.filter(state=PictureState.FAILED).latest("pk").reason
    storage.faults.clear()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        fetch("--again")
    assert Picture.objects.filter(of="video", state=PictureState.HERE).exists()
