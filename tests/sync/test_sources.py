"""Sources narrower than an instance, and what can't be added."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import override_settings

from peertube_sync.client.errors import ForbiddenHost, InvalidTarget, PeerTubeError, Unreachable
from peertube_sync.client.short_uuid import shorten
from peertube_sync.conf import get_settings
from peertube_sync.models import Channel, Instance, Playlist, Source, SourceKind, Video
from peertube_sync.sync.operations.add import plan_source
from peertube_sync.testing import Catalogue
from tests.support.mirror import Mirror


@pytest.fixture
def mirror(varied: Mirror) -> Mirror:
    return varied


def held() -> set[str]:
    return {str(uuid) for uuid in Video.objects.listed().values_list("uuid", flat=True)}


@pytest.mark.parametrize(
    "form", ["{name}@{host}", "@{name}@{host}", "{url}/c/{name}/videos", "{url}/video-channels/{name}"]
)
def test_a_channel(mirror: Mirror, form: str) -> None:
    name = mirror.listed()[0]["channel"]["name"]
    source = mirror.add(form.format(name=name, host=mirror.sandbox.host, url=mirror.sandbox.url))
    assert (source.kind, source.name) == (SourceKind.CHANNEL, name)
    assert mirror.sync().errors == []
    assert held() == {item["uuid"] for item in mirror.listed() if item["channel"]["name"] == name}
    assert list(Channel.objects.values_list("name", flat=True)) == [name]


def test_an_account(mirror: Mirror) -> None:
    name = mirror.listed()[0]["account"]["name"]
    source = mirror.add(f"{mirror.sandbox.url}/a/{name}")
    assert (source.kind, source.name) == (SourceKind.ACCOUNT, name)
    assert mirror.sync().errors == []
    assert held() == {item["uuid"] for item in mirror.listed() if item["account"]["name"] == name}


def test_a_playlist(mirror: Mirror) -> None:
    uuids = [item["uuid"] for item in mirror.listed()[:5]]
    playlist = mirror.catalogue.add_playlist(uuids)
    source = mirror.add(f"{mirror.sandbox.url}/w/p/{playlist}")
    assert (source.kind, source.name) == (SourceKind.PLAYLIST, playlist)
    assert mirror.sync().errors == []
    assert held() == set(uuids)
    row = Playlist.objects.get(uuid=playlist)
    assert [str(one.video.uuid) for one in row.elements.all() if one.video] == uuids
    mirror.catalogue.edit_playlist(playlist, videos=uuids[2:])
    mirror.catalogue.edit_video(uuids[2], name="Renamed")
    mirror.sync(full=True)
    assert [str(one.video_uuid) for one in row.elements.all()] == uuids[2:]
    assert mirror.row(uuids[2]).name == "Renamed"


def test_a_single_video(mirror: Mirror) -> None:
    uuid = mirror.listed()[0]["uuid"]
    source = mirror.add(f"{mirror.sandbox.url}/w/{uuid}")
    assert (source.kind, source.name) == (SourceKind.VIDEO, uuid)
    assert mirror.sync().created == 1
    assert held() == {uuid}
    mirror.catalogue.delete_video(uuid)
    mirror.sync(full=True)
    assert held() == set()


def test_two_sources_of_one_instance_share_it(mirror: Mirror) -> None:
    names = sorted({item["channel"]["name"] for item in mirror.listed()})[:2]
    for name in names:
        mirror.add(f"{name}@{mirror.sandbox.host}")
    assert Instance.objects.count() == 1
    mirror.sync()
    assert held() == {item["uuid"] for item in mirror.listed() if item["channel"]["name"] in names}


def test_a_source_that_its_server_refuses_costs_the_others_nothing(mirror: Mirror) -> None:
    names = sorted({item["channel"]["name"] for item in mirror.listed()})[:2]
    for name in names:
        mirror.add(f"{name}@{mirror.sandbox.host}")
    mirror.catalogue.delete_channel(names[0])
    totals = mirror.sync()
    assert names[0] in totals.errors[0]
    assert held() == {item["uuid"] for item in mirror.listed() if item["channel"]["name"] == names[1]}


def test_adding_twice_is_adding_once(mirror: Mirror) -> None:
    assert mirror.add() == mirror.add(mirror.sandbox.host)
    assert Source.objects.count() == 1


def test_the_plan_says_what_it_will_cost(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror(Catalogue.generate(videos=150, seed=9))
    planned = plan_source(mirror.sandbox.url, get_settings())
    assert (planned.kind, planned.videos, planned.list_requests, planned.version) == ("instance", 150, 2, "6.3.0")
    assert planned.requests == 2 + 3 * 150
    assert planned.seconds == pytest.approx(planned.requests / 2.5)


def test_a_short_uuid_names_a_video(mirror: Mirror) -> None:
    row = mirror.listed()[0]
    planned = plan_source(f"{mirror.sandbox.url}/w/{row['shortUUID']}", get_settings())
    assert planned.name == row["uuid"]


@pytest.mark.parametrize(
    ("what", "error", "words"),
    [
        ("{url}/w/{missing}", InvalidTarget, "has no public video"),
        ("nobody@{host}", InvalidTarget, "neither a channel nor an account"),
        ("{url}/c/nobody", InvalidTarget, "has no public channel 'nobody'"),
        ("127.0.0.1:1", Unreachable, "refuses connections"),
        ("nowhere.invalid", Unreachable, "has no address"),
        ("https://{host}", Unreachable, "TLS"),
    ],
)
def test_what_can_not_be_added_says_why(mirror: Mirror, what: str, error: type[PeerTubeError], words: str) -> None:
    missing = shorten(uuid4())
    text = what.format(url=mirror.sandbox.url, host=mirror.sandbox.host, missing=missing)
    with pytest.raises(error, match=f"(?i){words}"):
        plan_source(text, get_settings())
    assert Source.objects.count() == 0


def test_private_hosts_need_permission(mirror: Mirror) -> None:
    with override_settings(PEERTUBE_SYNC={}):
        for text in (mirror.sandbox.host, mirror.sandbox.url, "10.0.0.1", "https://192.168.1.1", "[::1]:9000"):
            with pytest.raises(ForbiddenHost, match="ALLOW_PRIVATE_HOSTS"):
                plan_source(text, get_settings())
    assert mirror.sandbox.log == []
