"""Files at paths of this site lead to the one file that is meant, at its home, and nowhere else."""

import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from peertube_sync.ingest.answers import write_answers
from peertube_sync.models import AnswerPart, Channel, Curation, FileName, Instance, Leaving, Playlist, Video
from peertube_sync.testing import Catalogue
from tests.compat.file_paths import is_path, led
from tests.support import builders
from tests.support.catalogue import HOST, richest
from tests.support.mirror import Mirror
from tests.support.worlds import TINY_82

Get = Callable[..., Any]

FILE_ADDRESSES = ("fileUrl", "torrentUrl", "fileDownloadUrl", "torrentDownloadUrl", "playlistUrl")
EVIL = [
    "javascript:alert(1)",
    "//evil.example/x.jpg",
    "@evil.example/x.jpg",
    "https://user@evil.example/x.jpg",
    "https://evil.example\\@good.example/x.jpg",
    "http://127.0.0.1/admin",
    "http://[::1]/x.jpg",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "data:text/html,x",
    "https://a.example/\r\nSet-Cookie: x=1",
    "https://a.example/" + "é" * 900,
    "http://testserver/lazy-static/thumbnails/x.jpg",
]


@pytest.fixture
def rich(mirror: None) -> Video:
    """A video with everything."""
    write_answers()
    return Video.objects.get(uuid=richest())


@pytest.fixture
def open_web(settings: Any) -> None:
    """Nobody may be sent to private hosts."""
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "ALLOW_PRIVATE_HOSTS": False}


def told(value: Any, wanted: Callable[[str, Any], bool]) -> Iterator[str]:
    """Yield the texts in an answer whose key and value are `wanted`."""
    if isinstance(value, list):
        for one in value:
            yield from told(one, wanted)
    elif isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str) and wanted(name, one):
                yield one
            else:
                yield from told(one, wanted)


def paths(value: Any) -> Iterator[str]:
    """Yield all paths of an answer, of files and others."""
    return told(value, lambda name, one: is_path(name, one) or name.endswith("Path"))


def addresses(value: Any) -> Iterator[str]:
    """Yield all addresses of files of an answer."""
    return told(value, lambda name, _one: name in FILE_ADDRESSES)


def everything(get: Get, video: Video) -> list[Any]:
    playlist = Playlist.objects.filter(elements__video=video)[0]
    lists = ("videos", "video-channels", "accounts", "video-playlists", "search/videos", "instances")
    own = (f"videos/{video.uuid}", f"videos/{video.uuid}/captions", f"video-playlists/{playlist.uuid}/videos")
    return [get(path, count=100) for path in lists] + [get(path) for path in own]


def test_every_path_of_every_answer_is_answered_here(client: Client, get: Get, rich: Video) -> None:
    found = set(paths(everything(get, rich)))
    kinds = {path.split("/")[2] for path in found if path.startswith("/lazy-static/")}
    assert kinds == {"thumbnails", "previews", "avatars", "banners", "video-captions"}
    for path in found:
        answer = client.get(path)
        assert answer.status_code in (200, 302), path
        if path.startswith("/lazy-static/"):
            assert led(client, path).startswith(f"http://{HOST}/lazy-static/")
            assert path.rpartition("/")[2] == led(client, path).rpartition("/")[2]


def test_files_are_found_at_the_paths_of_their_home(client: Client, get: Get, rich: Video) -> None:
    found = set(addresses(everything(get, rich)))
    assert len({urlsplit(one).path.split("/")[1] for one in found}) == 3
    for address in found:
        assert led(client, urlsplit(address).path) == address


def test_a_name_that_two_rows_claim_leads_nowhere_but_a_path_that_names_the_row_does(
    client: Client, get: Get, db: None
) -> None:
    good, bad = builders.video(thumbnail_path="/lazy-static/thumbnails/x.jpg"), builders.video()
    images = [{"width": 48, "path": "/lazy-static/avatars/x.png"}]
    Channel.objects.update(avatars=images)
    write_answers()
    assert led(client, "/lazy-static/thumbnails/x.jpg") == f"https://{good.instance.host}/lazy-static/thumbnails/x.jpg"
    Video.objects.filter(pk=bad.pk).update(thumbnail_path=good.thumbnail_path)
    write_answers()
    assert led(client, "/lazy-static/thumbnails/x.jpg") == ""
    assert led(client, "/lazy-static/avatars/x.png") == ""
    for video in (good, bad):
        told = get(f"videos/{video.uuid}")
        assert led(client, told["thumbnailPath"]) == f"https://{video.instance.host}/lazy-static/thumbnails/x.jpg"
        avatar = told["channel"]["avatars"][0]
        assert (
            led(client, avatar["path"]) == avatar["url"] == f"https://{video.instance.host}/lazy-static/avatars/x.png"
        )


def test_a_name_that_many_claim_is_not_looked_for_long(
    client: Client, db: None, django_assert_max_num_queries: Any
) -> None:
    for _ in range(22):
        builders.video(channel=builders.channel(builders.instance()), thumbnail_path="/lazy-static/thumbnails/x.jpg")
    write_answers()
    with django_assert_max_num_queries(6):
        assert led(client, "/lazy-static/thumbnails/x.jpg") == ""


GOING: dict[str, Callable[[Video], object]] = {
    "hidden": lambda video: Curation.objects.decide([video], hidden=True),
    "private": lambda video: Video.objects.filter(pk=video.pk).update(privacy_id=3),
    "removed": lambda video: Video.objects.filter(pk=video.pk).update(removed_at=now()),
    "leaving": lambda video: Leaving.objects.create(instance=video.instance, whole=True),
    "a double": lambda video: Video.objects.filter(pk=video.pk).update(double=True),
    "deleted": lambda video: video.delete(),
}


@pytest.mark.parametrize("go", GOING.values(), ids=list(GOING))
def test_what_may_not_be_shown_any_more_is_gone_at_the_next_request(
    client: Client, get: Get, rich: Video, go: Callable[[Video], object]
) -> None:
    told, files = get(f"videos/{rich.uuid}"), get(f"videos/{rich.uuid}/captions")
    own = [told["thumbnailPath"], told["previewPath"], told["embedPath"], files["data"][0]["captionPath"]]
    own += [urlsplit(one).path for one in addresses([told["files"], told["streamingPlaylists"], files])]
    own += [rich.thumbnail_path, f"/w/{rich.short_uuid}", f"/videos/watch/{rich.uuid}"]
    assert all(led(client, path) for path in own)
    go(rich)
    assert {led(client, path) for path in own} == {""}
    write_answers()
    assert {led(client, path) for path in own} == {""}


def test_sensitive_videos_have_no_files_where_the_site_hides_them(
    client: Client, get: Get, rich: Video, settings: Any
) -> None:
    own = [get(f"videos/{rich.uuid}")["thumbnailPath"], rich.thumbnail_path, f"/w/{rich.uuid}"]
    Video.objects.filter(pk=rich.pk).update(nsfw=True)
    assert all(led(client, path) for path in own)
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "hide"}
    assert {led(client, path) for path in own} == {""}


def test_a_picture_that_changed_since_leads_to_the_new_one(client: Client, get: Get, rich: Video) -> None:
    told = get(f"videos/{rich.uuid}")
    Video.objects.filter(pk=rich.pk).update(thumbnail_path="/lazy-static/thumbnails/new.jpg")
    assert led(client, told["thumbnailPath"]) == f"http://{HOST}/lazy-static/thumbnails/new.jpg"
    assert get(f"videos/{rich.uuid}")["thumbnailPath"] != told["thumbnailPath"]
    assert led(client, rich.thumbnail_path) == ""
    write_answers()
    assert led(client, "/lazy-static/thumbnails/new.jpg") == f"http://{HOST}/lazy-static/thumbnails/new.jpg"
    before = FileName.objects.count()
    Video.objects.filter(pk=rich.pk).delete()
    write_answers()
    assert not FileName.objects.filter(kind=1, row_id=rich.pk).exists()
    assert FileName.objects.count() < before


@pytest.mark.usefixtures("open_web")
@pytest.mark.parametrize("address", EVIL)
def test_no_address_of_a_row_leads_into_a_trap(client: Client, db: None, get: Get, address: str) -> None:
    picture = [{"width": 48, "file_url": address, "path": address}]
    video = builders.video(thumbnail_path=address, preview_path=address, thumbnails=picture, embed_path=address)
    home = f"https://{video.instance.host}"
    Channel.objects.update(avatars=picture, banners=picture)
    video.captions.create(language_id="en", file_url=address, caption_path=address)
    write_answers()
    told = [get(f"videos/{video.uuid}"), get(f"videos/{video.uuid}/captions")]
    for path in set(paths(told)):
        assert path.startswith("/")
        assert not path.startswith("//")
        assert led(client, path).startswith(f"{home}/") or led(client, path) == "", path
    for name in ("thumbnails/videos", "previews/videos"):
        where = led(client, f"/lazy-static/{name}/{video.uuid}/x.jpg")
        assert where == "" or where.startswith(f"{home}/")


def test_files_in_an_object_storage_are_led_to(client: Client, db: None, get: Get) -> None:
    stored = "https://storage.example/captions/en.vtt"
    video = builders.video(thumbnails=[{"width": 280, "height": 157, "file_url": "https://storage.example/t.jpg"}])
    video.captions.create(language_id="en", caption_path=stored)
    told = get(f"videos/{video.uuid}/captions")["data"][0]
    assert led(client, told["captionPath"]) == told["fileUrl"] == stored
    Video.objects.update(thumbnail_path=None)
    assert led(client, get(f"videos/{video.uuid}")["thumbnailPath"]) == "https://storage.example/t.jpg"


ODD = [
    "/lazy-static/thumbnails/%00",
    "/lazy-static/thumbnails/videos/%00/x.jpg",
    "/lazy-static/avatars/channels/a%00@b.example/48/x.png",
    "/lazy-static/avatars/channels/@/48/x.png",
    "/lazy-static/avatars/channels/é@é.example/48/é.png",
    f"/lazy-static/avatars/channels/x@y.example/{'9' * 9}/x.png",
    f"/lazy-static/avatars/channels/x@y.example/{'9' * 400}/x.png",
    "/lazy-static/avatars/instances/video.example%00/48/x.png",
    "/lazy-static/video-captions/x/%00/x.vtt",
    f"/lazy-static/thumbnails/{'x' * 5000}.jpg",
    f"/lazy-static/thumbnails/videos/{'x' * 5000}/x.jpg",
    "/lazy-static/" + "/" * 900,
    "/lazy-static/thumbnails/../../etc/passwd",
    "/lazy-static/thumbnails/..%2f..%2fetc/passwd",
    "/lazy-static/thumbnails//evil.example/x.jpg",
    "/download/https://evil.example/x.mp4",
    "/download//evil.example/x.mp4",
    "/static/web-videos/%F0%9F%8E%89.mp4",
    "/static/web-videos/%ff%fe.mp4",
    "/lazy-static/thumbnails/x.jpg?url=https://evil.example&next=//evil.example",
    f"/static/streaming-playlists/hls/{'/'.join([str(UUID(int=1))] * 20)}/x.m3u8",
]


@pytest.mark.parametrize("path", ODD)
def test_odd_paths_are_refused(client: Client, db: None, path: str) -> None:
    assert led(client, path) == ""


def test_nothing_is_asked_elsewhere(client: Client, get: Get, rich: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [*paths(get(f"videos/{rich.uuid}")), rich.thumbnail_path, f"/w/{rich.uuid}", f"/videos/embed/{rich.uuid}"]

    def refuse(*_given: Any) -> None:
        raise AssertionError

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert all(client.get(path).status_code in (200, 302) for path in told)


def test_other_methods_are_refused_and_others_sites_may_ask(client: Client, db: None) -> None:
    for path in ("/lazy-static/thumbnails/x.jpg", "/download/torrents/x.torrent", "/static/web-videos/x.mp4"):
        assert client.post(path).status_code == 400
        answer = client.options(path, HTTP_ORIGIN="https://player.example")
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, "*")
        assert client.get(path)["Access-Control-Allow-Origin"] == "*"


def test_files_and_pages_are_counted(client: Client, get: Get, rich: Video, settings: Any) -> None:
    path = get(f"videos/{rich.uuid}")["thumbnailPath"]
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "COMPAT_RATE_LIMIT": 1}
    for one in (path, rich.thumbnail_path, f"/w/{rich.uuid}", f"/videos/embed/{rich.uuid}", "/.well-known/host-meta"):
        cache.clear()
        assert 429 in [client.get(one).status_code for _ in range(3)][1:]  # the second may begin a new window


def test_paths_begin_where_the_site_stands(client: Client, get: Get, rich: Video, settings: Any) -> None:
    plain = set(paths(everything(get, rich)))
    settings.FORCE_SCRIPT_NAME = "/mirror"
    write_answers()
    below = set(paths(everything(get, rich)))
    assert below == {f"/mirror{path}" for path in plain}
    AnswerPart.objects.all().delete()
    assert set(paths(everything(get, rich))) == below
    for path in below:
        assert client.get(path.removeprefix("/mirror")).status_code in (200, 302)
    page = client.get(f"/w/{rich.uuid}")["Location"]
    assert page == f"/mirror/videos/{rich.uuid}/"
    settings.FORCE_SCRIPT_NAME = None
    assert set(paths(everything(get, rich))) == plain


def test_the_widest_picture_comes_first_and_a_wide_one_last(get: Get, rich: Video) -> None:
    for avatars in (get("video-channels/cooking")["avatars"], get(f"videos/{rich.uuid}")["account"]["avatars"]):
        widths = [one["width"] for one in avatars]
        assert widths[0] == max(widths)
        assert widths[-1] == sorted(widths)[-2]


def test_pictures_of_instances_lead_home(client: Client, db: None, get: Get) -> None:
    pictures = [{"width": 48, "path": "/lazy-static/avatars/i.png"}]
    Instance.objects.create(
        host="video.example", version="6.3.0", config={"instance": {"avatars": pictures}}
    ).sources.create()
    told = get("instances")["data"][0]["avatars"][0]
    assert led(client, told["path"]) == told["url"] == "https://video.example/lazy-static/avatars/i.png"


def test_a_sync_makes_files_known(
    client: Client,
    make_mirror: Callable[..., Mirror],
    get: Get,
) -> None:
    mirror = make_mirror(Catalogue.load(TINY_82))
    mirror.add()
    mirror.sync(full=True)
    for video in Video.objects.all()[:10]:
        told = [get(f"videos/{video.uuid}"), get(f"videos/{video.uuid}/captions")]
        for path in paths(told):
            assert led(client, path).startswith(mirror.sandbox.url) or client.get(path).status_code == 200, path
        for address in addresses(told):
            assert led(client, urlsplit(address).path) == address
    channel = Channel.objects.exclude(avatars=[])[0]
    for image in channel.avatars:
        assert led(client, urlsplit(image["file_url"]).path) == image["file_url"]
