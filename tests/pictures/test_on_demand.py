"""Pictures that somebody wants to see before a slice has fetched them."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from peertube_sync.models import Picture, PictureState, Video
from peertube_sync.sync import pictures_on_demand
from peertube_sync.sync.pictures import want
from peertube_sync.testing import Catalogue, Fault
from tests.pictures.looking import address_of, get
from tests.support.held import Held
from tests.support.mirror import Mirror

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 20
CARDS = 24
"""Of the page with the most."""


def until_nobody_asks() -> None:
    """Wait until no thread fetches for visitors any more."""
    for thread in threading.enumerate():
        if thread.name == "peertube-pictures":
            thread.join(SECONDS)
            assert not thread.is_alive()
    assert not pictures_on_demand._asked


def at_once(number: int, do: Callable[[], Any]) -> list[Any]:
    """Do something in so many threads, which begin together; returns what came of it."""
    begin, found = threading.Barrier(number), []

    def one() -> None:
        begin.wait()
        found.append(do())
        connections.close_all()

    threads = [threading.Thread(target=one) for _number in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    return found


def test_who_comes_first_gets_a_plain_area_and_who_comes_again_the_picture(bare: Mirror) -> None:
    address = address_of(Video.objects.available()[0]).at(480)
    first = get(address)
    assert (first.status_code, first["Content-Type"], first["Cache-Control"]) == (202, "image/svg+xml", "no-store")
    assert b'width="16"' in first.content
    until_nobody_asks()
    assert get(address)["Content-Type"] == "image/webp"


def test_where_no_thread_starts_the_next_visitor_s_does(bare: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    address = address_of(Video.objects.available()[0]).at(480)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        assert get(address).status_code == 202
    assert get(address).status_code == 202
    until_nobody_asks()
    assert get(address).status_code == 200


def test_many_visitors_cause_one_request_for_each_picture(bare: Mirror) -> None:
    videos = list(Video.objects.available())
    places = [address_of(video).at(480) for video in videos]
    before = len(bare.sandbox.log)
    answers = at_once(8, lambda: [get(place).status_code for place in places])
    assert {status for statuses in answers for status in statuses} <= {200, 202}
    until_nobody_asks()
    asked = bare.asked(before)
    assert sorted(asked) == sorted(set(asked))
    assert len(asked) == len(places)
    assert [get(place).status_code for place in places] == [200] * len(places)


@pytest.mark.one_database
def test_twenty_visitors_of_a_cold_page_cause_one_request_for_each_picture_at_the_pace(
    make_mirror: Callable[..., Mirror], configured: Callable[..., Any]
) -> None:
    with configured(PICTURES="source"):
        mirror = make_mirror(Catalogue.generate(videos=CARDS, seed=3))
        mirror.add()
        assert mirror.sync().errors == []
    videos = list(Video.objects.available()[:CARDS])
    places = [address_of(video).at(320) for video in videos]
    before = len(mirror.sandbox.log)
    with configured(PICTURES_PER_SECOND=4.0, PICTURES_BYTES_PER_SECOND=1_000_000):
        began = time.monotonic()
        answers = at_once(20, lambda: [get(place).status_code for place in places])
        until_nobody_asks()
        seconds = time.monotonic() - began
        assert [get(place).status_code for place in places] == [200] * CARDS
    asked = mirror.sandbox.log[before:]
    assert len(answers) == 20
    assert {status for statuses in answers for status in statuses} <= {200, 202}
    assert sorted(one.path for one in asked) == sorted({one.path for one in asked})
    assert len(asked) == CARDS
    assert seconds >= (CARDS - 1) / 4


def test_who_only_waits_longer_writes_nothing(bare: Mirror) -> None:
    video = Video.objects.available()[0]
    want("video", video.pk, video.instance_id, "")
    with CaptureQueriesContext(connection) as asked:
        want("video", video.pk, video.instance_id, "")
    assert [query["sql"].split()[0] for query in asked] == ["SELECT"]


def test_nobody_waits_for_a_host_that_is_slow(bare: Mirror) -> None:
    held = bare.sandbox.faults.add(Held("slow", match="/lazy-static/"))
    places = [address_of(video).at(320) for video in Video.objects.available()]
    assert {get(place).status_code for place in places} == {202}
    assert not held.answered
    held.release()
    until_nobody_asks()
    assert {get(place).status_code for place in places} == {200}


def test_what_was_thrown_away_comes_back_when_somebody_looks(bare: Mirror) -> None:
    assert bare.sync().errors == []
    video = Video.objects.available()[0]
    Picture.objects.filter(of="video", row_id=video.pk).update(state=PictureState.DROPPED, file="", sizes={}, bytes=0)
    before = len(bare.sandbox.log)
    bare.slice()
    assert not [path for path in bare.asked(before) if path.startswith("/lazy-static/")]
    assert get(address_of(video).at(320)).status_code == 202
    until_nobody_asks()
    assert get(address_of(video).at(320)).status_code == 200


def test_a_visitor_causes_no_request_for_what_may_not_be_seen_or_was_refused(bare: Mirror) -> None:
    hidden, failed = Video.objects.available()[:2]
    Video.objects.filter(pk=hidden.pk).update(privacy_id=3)
    bare.sandbox.faults.add(Fault("status", match="/lazy-static/", status=404, times=1))
    assert get(address_of(failed).at(320)).status_code == 202
    until_nobody_asks()
    before = len(bare.sandbox.log)
    assert [get(address_of(video).at(320)).status_code for video in (hidden, failed, failed)] == [404] * 3
    until_nobody_asks()
    assert len(bare.sandbox.log) == before
