"""PeerTube's pages, players and well-known addresses: where they lead, and what they tell."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import include, path

from peertube_sync.models import Account, Channel, Curation, Playlist, Video
from tests.compat.file_paths import led
from tests.support import builders
from tests.support.catalogue import HOST, richest

Get = Callable[..., Any]
HOME = f"http://{HOST}"

WATCH = ("/w/{id}", "/videos/watch/{id}")
LISTS = ("/w/p/{id}", "/videos/watch/playlist/{id}", "/video-playlists/{id}")

urlpatterns = [path("", include("peertube_sync.peertube_api.urls"))]
"""A project without the site."""


@pytest.fixture
def video(mirror: None) -> Video:
    return Video.objects.get(uuid=richest())


@pytest.fixture
def playlist(video: Video) -> Playlist:
    found: Playlist = Playlist.objects.filter(elements__video=video)[0]
    return found


@pytest.fixture
def alone(settings: Any) -> None:
    """PeerTube's addresses without the site."""
    settings.ROOT_URLCONF = __name__


def test_videos_and_playlists_have_their_page_on_the_site(client: Client, video: Video, playlist: Playlist) -> None:
    for row, ways, page in ((video, WATCH, "videos"), (playlist, LISTS, "playlists")):
        for way in ways:
            for name in (row.uuid, row.short_uuid, str(row.uuid).upper()):
                assert led(client, way.format(id=name)) == f"/{page}/{row.uuid}/"
    assert led(client, f"/w/{video.short_uuid}?start=1m2s&x=%20") == f"/videos/{video.uuid}/?start=1m2s&x=%20"
    assert led(client, f"/w/{video.short_uuid};threadId=8") == f"/videos/{video.uuid}/"
    assert client.get(f"/w/{video.uuid}", follow=True).status_code == 200


def test_lists_of_all_videos_are_those_of_the_site(client: Client, db: None) -> None:
    assert led(client, "/videos/recently-added") == led(client, "/videos/local?sort=-publishedAt") == "/videos/"
    assert led(client, "/videos/trending") == "/videos/?ordering=-views"
    assert client.get("/videos/most-liked", follow=True).status_code == 200


def test_actors_have_their_page_on_the_site(client: Client, video: Video) -> None:
    for name in ("cooking", f"cooking@{HOST}", f"COOKING@{HOST}"):
        for way in (
            "/c/{}",
            "/c/{}/videos",
            "/c/{}/video-playlists",
            "/video-channels/{}",
            "/video-channels/{}/videos",
            "/@{}",
        ):
            assert led(client, way.format(name)) == f"/channels/cooking@{HOST}/"
    for way in ("/a/{}", "/a/{}/video-channels", "/accounts/{}", "/accounts/{}/videos", "/@{}", "/@{}/videos"):
        for name in ("alice", f"alice@{HOST}"):
            assert led(client, way.format(name)) == f"/accounts/alice@{HOST}/"
    assert client.get(f"/accounts/alice@{HOST}", follow=True).status_code == 200


@pytest.mark.usefixtures("alone")
def test_without_the_site_there_is_no_list_of_all_videos(client: Client, db: None) -> None:
    assert client.get("/videos/trending").status_code == 404


@pytest.mark.usefixtures("alone")
def test_without_the_site_pages_are_those_of_the_home(client: Client, video: Video, playlist: Playlist) -> None:
    assert led(client, f"/videos/watch/{video.uuid}?start=5") == f"{HOME}/w/{video.short_uuid}?start=5"
    assert led(client, f"/w/p/{playlist.uuid}") == f"{HOME}/w/p/{playlist.short_uuid}"
    assert led(client, "/c/cooking/videos") == f"{HOME}/c/cooking"
    assert led(client, "/a/alice") == f"{HOME}/a/alice"


def test_players_are_those_of_the_home_and_may_be_framed(
    client: Client, get: Get, video: Video, playlist: Playlist
) -> None:
    told = get(f"videos/{video.uuid}")
    assert led(client, told["embedPath"]) == told["embedUrl"]
    assert (
        led(client, f"/videos/embed/{video.short_uuid}?start=3&autoplay=1") == f"{told['embedUrl']}?start=3&autoplay=1"
    )
    listed = get(f"video-playlists/{playlist.uuid}")
    assert led(client, f"{listed['embedPath']}?playlistPosition=2") == f"{listed['embedUrl']}?playlistPosition=2"
    answer = client.get(told["embedPath"])
    assert "X-Frame-Options" not in answer
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize(
    "embed_path", ["/videos/embed/00000000-0000-4000-8000-000000000000", "/other/x", "//evil.example/x"]
)
def test_the_path_of_a_player_names_its_own_row(client: Client, get: Get, video: Video, embed_path: str) -> None:
    Video.objects.filter(pk=video.pk).update(embed_path=embed_path)
    assert get(f"videos/{video.uuid}")["embedPath"] == f"/videos/embed/{video.uuid}"
    short = f"/videos/embed/{video.short_uuid}"
    Video.objects.filter(pk=video.pk).update(embed_path=short)
    assert get(f"videos/{video.uuid}")["embedPath"] == short
    assert led(client, short) == f"{HOME}{short}"


def test_who_wants_the_object_is_led_to_that_of_the_home(client: Client, video: Video, playlist: Playlist) -> None:
    objects = {
        f"/w/{video.short_uuid}": f"{HOME}/videos/watch/{video.uuid}",
        f"/videos/watch/{video.uuid}?start=1": f"{HOME}/videos/watch/{video.uuid}",
        f"/w/p/{playlist.uuid}": f"{HOME}/video-playlists/{playlist.uuid}",
        "/video-channels/cooking": f"{HOME}/video-channels/cooking",
        "/c/cooking": f"{HOME}/video-channels/cooking",
        "/accounts/alice": f"{HOME}/accounts/alice",
        "/@alice": f"{HOME}/accounts/alice",
    }
    profile = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
    for path_here, there in objects.items():
        for accepted in ("application/activity+json", profile, f"text/html;q=0.1, {profile}"):
            answer = client.get(path_here, HTTP_ACCEPT=accepted)
            assert (answer.status_code, answer["Location"]) == (302, there)
            assert "Accept" in answer["Vary"]
        for accepted in (
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "*/*",
            "application/activity+json;q=0.1,text/html",
        ):
            assert client.get(path_here, HTTP_ACCEPT=accepted)["Location"].startswith("/")


@pytest.mark.parametrize(
    "page",
    [
        "/w/00000000-0000-4000-8000-000000000000",
        "/w/%00",
        "/w/x",
        "/w/" + "x" * 3000,
        "/w//evil.example",
        "/w/" + "/" * 500,
        "/w/p/%F0%9F%8E%89",
        "/videos/watch/https://evil.example",
        "/videos/embed/..%2f..%2fadmin",
        "/c/%00",
        "/c/@",
        "/c/a@b@c",
        "/c/é@é.example",
        "/a/nobody",
        "/@nobody@nowhere.example",
        "/@%00",
        "/accounts/nobody",
        "/accounts/x/y/z",
        "/video-channels/nobody/videos",
        "/w/12345678901234567890123456789",
    ],
)
def test_what_names_nothing_is_not_there(client: Client, db: None, page: str) -> None:
    assert led(client, page) == ""


def test_no_page_leads_anywhere_else(client: Client, video: Video) -> None:
    for asked in ("next=//evil.example", "url=https://evil.example", "%0d%0aSet-Cookie:x=1", "@evil.example"):
        for page, place in ((f"/w/{video.uuid}", ""), (f"/videos/embed/{video.uuid}", HOST)):
            where = urlsplit(led(client, f"{page}?{asked}"))
            assert (where.netloc, where.path.endswith(f"{video.uuid}{'' if place else '/'}")) == (place, True)
    assert client.get(f"/videos/embed/{video.uuid}?x={'y' * 990}&x={'y' * 990}&x={'y' * 990}").status_code == 400
    name = "a b/../..?x#y"
    odd = builders.channel(builders.instance(), name=name)
    answer = client.get(f"/c/a%20b%2F..%2F..%3Fx%23y@{odd.instance.host}")
    assert answer.status_code in (302, 404)


def test_hidden_videos_have_no_page_or_player(client: Client, video: Video) -> None:
    Curation.objects.decide([video], hidden=True)
    for page in (f"/w/{video.uuid}", f"/videos/embed/{video.uuid}", f"/videos/watch/{video.uuid}"):
        assert led(client, page) == ""


def test_webfinger_tells_where_actors_are_at_home(client: Client, video: Video) -> None:
    for name, kind in (("alice", "accounts"), ("cooking", "video-channels")):
        expected = {
            "subject": f"acct:{name}@{HOST}",
            "aliases": [f"{HOME}/{kind}/{name}"],
            "links": [
                {"rel": "self", "type": "application/activity+json", "href": f"{HOME}/{kind}/{name}"},
                {
                    "rel": "http://ostatus.org/schema/1.0/subscribe",
                    "template": f"{HOME}/remote-interaction?uri={{uri}}",
                },
            ],
        }
        for host in ("testserver", HOST):
            answer = client.get("/.well-known/webfinger", {"resource": f"acct:{name}@{host}"})
            assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
            assert answer.json() == expected


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        ("acct:nobody@testserver", 404),
        (f"acct:nobody@{HOST}", 404),
        ("acct:alice@evil.example", 404),
        ("acct:@testserver", 400),
        ("acct:alice", 400),
        ("alice@testserver", 400),
        ("https://evil.example/", 400),
        ("", 400),
        ("acct:\0@testserver", 400),
        ("acct:" + "x" * 2000 + "@testserver", 400),
        ("acct:a@b@c", 404),
    ],
)
def test_webfinger_refuses_what_names_nobody(client: Client, video: Video, resource: str, status: int) -> None:
    assert client.get("/.well-known/webfinger", {"resource": resource}).status_code == status


def test_nobody_private_is_told_of(client: Client, video: Video) -> None:
    Account.objects.filter(name="alice").update(private=True)
    Channel.objects.filter(name="cooking").update(private=True)
    for name in ("alice", "cooking"):
        assert client.get("/.well-known/webfinger", {"resource": f"acct:{name}@{HOST}"}).status_code == 404
        assert led(client, f"/@{name}") == ""


def test_host_meta_leads_to_webfinger(client: Client, db: None) -> None:
    answer = client.get("/.well-known/host-meta")
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    assert 'template="http://testserver/.well-known/webfinger?resource={uri}"' in answer.content.decode()
