"""Where this site has the pictures, no page, feed or answer names another place of one."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peertube_sync.ingest.answers import queue_all_answers, write_answers
from peertube_sync.ingest.pictures.rows import picked_of
from peertube_sync.models import Account, AnswerDue, AnswerForm, AnswerPart, Channel, Instance, Playlist, Video
from peertube_sync.models.picture_shapes import INSTANCE_AVATAR, INSTANCE_BANNER
from peertube_sync.models.published import FOLDERS
from peertube_sync.pictures import addresses
from peertube_sync.pictures.told import COLUMNS
from peertube_sync.site.presenters import VideoPresenter
from peertube_sync.site.source_presenters import ActorPresenter
from tests.support.formats import sitemap_part
from tests.support.mirror import Mirror
from tests.support.page import Page
from tests.support.users import somebody
from tests.sync.answer_paths import all_of

PAGES = ("/", "/videos/", "/channels/", "/accounts/", "/playlists/", "/instances/")
FEEDS = ("/feeds/rss/", "/feeds/atom/", "/feeds/json/", "/feeds/videos.xml", "/feeds/videos.atom", "/feeds/videos.json")
AT_HOME = re.compile(r"[\w.:/-]*/(?:lazy-static|static)/(?:thumbnails|previews|avatars|banners)/[^\"'<> ]*")
OURS = re.compile(r"(http://testserver)?(/pictures/([a-z-]+)/(\d+)/([0-9a-f]{16})/)(?:\d+|blurred)")
ROWS = {
    "video": Video,
    "playlist": Playlist,
    "channel-avatar": Channel,
    "channel-banner": Channel,
    "account-avatar": Account,
}


@pytest.fixture
def _ours(settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": "site", "COMPAT_RATE_LIMIT": 10**9}


@pytest.fixture
def rich(mirror: Mirror, _ours: None) -> Video:
    """A video in a playlist, whose channel has an avatar and a banner, and its account an avatar."""
    channel = next(row for row in Channel.objects.exclude(avatars=[]).exclude(banners=[]) if row.videos.exists())
    video = channel.videos.exclude(account__avatars=[]).first() or channel.videos.all()[0]
    mirror.catalogue.add_playlist([str(video.uuid)], channel.name, thumbnail="/lazy-static/thumbnails/playlist-1.jpg")
    assert mirror.sync(full=True).errors == []
    assert AnswerPart.objects.exists()
    return mirror.row(str(video.uuid))


def pages_of(video: Video) -> list[str]:
    playlist = Playlist.objects.get(elements__video=video, display_name="New playlist").short_uuid
    about = f"/videos/{video.short_uuid}/", f"/channels/{video.channel.handle}/", f"/accounts/{video.account.handle}/"
    return [*PAGES, *about, f"/playlists/{playlist}/", f"/instances/{video.instance.host}/", "/videos/?q=a"]


def oembed_of(video: Video) -> list[str]:
    page, playlist = f"http://testserver/videos/{video.short_uuid}/", Playlist.objects.latest("pk").short_uuid
    here = [f"/services/oembed?url=http://testserver/w/{one}" for one in (video.short_uuid, f"p/{playlist}")]
    return [f"/oembed/?url={page}", *here]


def expected() -> set[str]:
    """Return where the pictures of all rows are, up to the width."""
    rows = ((of, row) for of, model in ROWS.items() for row in model._default_manager.all())
    found = (addresses.find(of, row.pk, *(getattr(row, one) for one in COLUMNS[of])) for of, row in rows)
    return {one.path for one in found if one}


def test_every_answer_names_pictures_of_this_site_alone(client: Client, rich: Video) -> None:
    podcast = f"/feeds/podcast/videos.xml?videoChannelName={rich.channel.handle}"
    answers = [*all_of(rich), *FEEDS, podcast, *pages_of(rich), *oembed_of(rich), sitemap_part()]
    known, seen = expected(), set()
    for path in answers:
        answer = client.get(path)
        assert answer.status_code == 200, path
        body = answer.content.decode()
        assert AT_HOME.findall(body) == [], path
        seen |= {(path, found[3]) for found in OURS.finditer(body)}
        assert {found[2] for found in OURS.finditer(body)} <= known, path
    assert {of for _path, of in seen} == {*ROWS}
    without = {path for path in answers if path not in {path for path, _of in seen}}
    assert not [
        path
        for path in without
        if not re.search(r"/instances/$|captions|chapters|description|fields=|wombat|fur", path)
    ]


def test_addresses_for_programs_are_whole_by_the_name_that_was_asked(
    client: Client, rich: Video, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]

    def told() -> Iterator[str]:
        for path in (f"/api/v1/videos/{rich.uuid}", "/api/v1/videos", f"/api/videos/{rich.uuid}/", "/api/videos/?q=a"):
            body = client.get(path, headers={"host": "localhost:8123"}).content.decode()
            yield from re.findall(r'"((?:fileUrl|file_url|\w+Url|\w+_url|url)":"[^"]*/pictures/[^"]*)"', body)

    for stored in (True, False):
        found = list(told())
        assert len(found) > 40
        assert all(one.partition('":"')[2].startswith("http://localhost:8123/pictures/") for one in found)
        if stored:
            AnswerPart.objects.all().delete()


def test_a_picture_in_a_page_has_its_sizes_and_the_first_ones_dont_wait(client: Client, rich: Video) -> None:
    pictures = Page(client.get("/videos/").content.decode()).all("img", decoding="async")
    cards = [one.attributes for one in pictures if "/video/" in one.attributes["src"]]
    assert len(cards) == 10
    for one in cards:
        assert [entry.rpartition("/")[2] for entry in one["srcset"].split(", ")] == ["320 320w", "480 480w"]
        assert (one["src"].rpartition("/")[2], one["width"], one["height"]) == ("480", "480", "270")
        assert one["sizes"]
    assert [one["loading"] for one in cards] == ["eager"] * 4 + ["lazy"] * (len(cards) - 4)


def test_sensitive_pictures_are_blurred_ones_and_in_no_feed(client: Client, rich: Video, settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "blur"}
    Video.objects.filter(pk=rich.pk).update(nsfw=True)
    own = f"/pictures/video/{rich.pk}/"
    for path in (f"/videos/{rich.short_uuid}/", f"/channels/{rich.channel.handle}/"):
        page = Page(client.get(path).content.decode())
        found = {source for one in page.all("img") for source in one.attributes["src"].split() if own in source}
        assert {source.rpartition("/")[2] for source in found} == {"blurred"}
        assert page.all("span", class_="peertube-veil")
        assert not [one for one in page.elements if "peertube-blurred" in one.attributes.get("class", "")]
        assert not [one for one in page.elements if own in one.attributes.get("srcset", "")]
    for path in (*FEEDS, *oembed_of(rich)[:2], sitemap_part()):
        assert own not in client.get(path).content.decode()


def test_rows_that_arent_public_have_no_picture(rich: Video) -> None:
    Video.objects.filter(pk=rich.pk).update(privacy_id=3)
    Channel.objects.filter(pk=rich.channel_id).update(private=True)
    private = Video.objects.select_related("instance", "channel__instance").get(pk=rich.pk)
    assert (VideoPresenter(private).thumbnail, VideoPresenter(private).poster) == ("", "")
    assert (ActorPresenter(private.channel).avatar, ActorPresenter(private.channel).banner) == ("", "")
    page = somebody("view_private_video").get(f"/videos/{private.short_uuid}/")
    assert f"/pictures/video/{private.pk}/" not in page.content.decode()


def test_paths_that_were_handed_out_before_lead_to_the_pictures(client: Client, mirror: Mirror, settings: Any) -> None:
    video = Video.objects.exclude(channel__avatars=[])[0]
    asked = f"/api/v1/videos/{video.uuid}"
    before = client.get(asked).json()
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": "site"}
    after = client.get(asked).json()
    published = [video.thumbnail_path, video.preview_path, video.channel.avatars[0]["path"]]
    for path in (before["thumbnailPath"], before["previewPath"], before["channel"]["avatars"][0]["path"], *published):
        assert path.startswith(FOLDERS)
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert OURS.fullmatch(answer["Location"]), path
    assert client.get(before["thumbnailPath"])["Location"] == after["thumbnailPath"]
    assert client.get(before["previewPath"])["Location"] == after["previewPath"]
    torrent = video.files[0]["torrent_url"]
    assert client.get(torrent[torrent.index("/lazy-static/") :])["Location"] == torrent


def test_the_pages_allow_pictures_from_this_site_alone_and_say_so(client: Client, rich: Video, settings: Any) -> None:
    for policy, sentence in (
        ("img-src 'self'", "Nothing is loaded from there before you press play."),
        ("img-src 'self' https: http:", "Nothing but pictures is loaded from there before you press play."),
    ):
        page = client.get("/")
        assert policy in page["Content-Security-Policy"].split("; ")
        assert sentence in page.content.decode()
        settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": "source"}


def test_own_pictures_cost_no_query(client: Client, rich: Video, settings: Any) -> None:
    numbers: dict[str, list[int]] = {}
    for word in ("source", "site"):
        settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": word}
        queue_all_answers()
        write_answers()
        for path in (*pages_of(rich), *all_of(rich)[:6]):
            client.get(path)
            with CaptureQueriesContext(connection) as made:
                client.get(path)
            numbers.setdefault(path, []).append(len(made))
    assert {path: both for path, both in numbers.items() if both[0] != both[1]} == {}


def test_instances_show_pictures_of_this_site(client: Client, mirror: Mirror, settings: Any) -> None:
    images = [
        {"width": 240, "path": "/lazy-static/avatars/i.png", "fileUrl": "http://i.example/lazy-static/avatars/i.png"}
    ]
    home = Instance.objects.get()
    home.config = {**home.config, "instance": {**home.config["instance"], "avatars": images}}
    home.save()
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": "site"}
    (entry,) = client.get("/api/v1/instances").json()["data"]
    path = f"/pictures/instance-avatar/{home.pk}/"
    assert [one["fileUrl"].startswith(f"http://testserver{path}") for one in entry["avatars"]] == [True, True]
    answer = client.get(f"/lazy-static/avatars/instances/{home.host}/240/i.png")
    assert answer["Location"].startswith(path)


@pytest.mark.parametrize("word", ["source", "site"])
@pytest.mark.parametrize("home", [{"path": "/lazy-static/avatars/i.png"}, {}])
def test_pages_show_the_face_of_an_instance(
    client: Client, mirror: Mirror, settings: Any, word: str, home: dict[str, str]
) -> None:
    instance = Instance.objects.get()
    address = f"{instance.url}/lazy-static/avatars/i.png"
    images = [{"width": 240, **home, "fileUrl": address}, "no picture", {"width": "240", "fileUrl": 3}]
    instance.config = {"instance": {"avatars": images, "banners": images}}
    instance.save()
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": word}
    avatar, banner = (
        {"source": address, "site": f"/pictures/{of}/{instance.pk}/{picked.version}/"}[word]
        for of in (INSTANCE_AVATAR, INSTANCE_BANNER)
        if (picked := picked_of(of, {"config": instance.config}))  # what is fetched
    )
    for path in ("/instances/", f"/instances/{instance.host}/"):
        page = Page(client.get(path).content.decode())
        assert any(one.attributes["src"].startswith(avatar) for one in page.all("img")), path
    (wide,) = (
        one for one in page.all("img") if int(one.attributes["width"]) > 120 and not one.attributes.get("loading")
    )
    assert wide.attributes["src"].startswith(banner)


@pytest.mark.parametrize("config", [[], "text", {"instance": "text"}, {"instance": {"avatars": {"width": 3}}}])
def test_an_instance_without_a_face_shows_its_initial(client: Client, mirror: Mirror, config: Any) -> None:
    Instance.objects.update(config=config, name="Harbour")
    page = Page(client.get("/instances/").content.decode())
    assert [one.text.strip() for one in page.all("span", class_="peertube-avatar")] == ["H"]
    assert page.all("img", width="120") == []


@pytest.mark.parametrize(("name", "initial"), [("“Harbour”", "H"), ("¿Qué?", "Q"), ("🌊 Tides", "T"), ("🌊🐚", "🌊")])
def test_an_initial_is_a_letter_where_there_is_one(client: Client, mirror: Mirror, name: str, initial: str) -> None:
    Instance.objects.update(name=name)
    page = Page(client.get("/instances/").content.decode())
    assert [one.text.strip() for one in page.all("span", class_="peertube-avatar")] == [initial]


def test_lists_of_instances_read_their_faces_and_leave_the_rest_of_their_configs(mirror: Mirror) -> None:
    images = [{"width": 120, "path": "/lazy-static/avatars/i.png"}]
    Instance.objects.update(config={"instance": {"avatars": images}})
    with CaptureQueriesContext(connection) as made:
        (row,) = Instance.objects.with_avatars()
        assert row.avatars == images
    assert (len(made), row.get_deferred_fields()) == (1, {"config"})


def test_back_at_the_source_all_is_as_if_pictures_had_never_been_here(
    client: Client, mirror: Mirror, settings: Any
) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "COMPAT_RATE_LIMIT": 10**9}
    uuid = str(mirror.listed()[0]["uuid"])
    mirror.catalogue.add_playlist([uuid], thumbnail="/lazy-static/thumbnails/playlist-1.jpg")
    assert mirror.sync(full=True).errors == []
    video = mirror.row(uuid)
    paths = [*FEEDS, *pages_of(video), *all_of(video), sitemap_part()]
    write_answers()
    parts = set(AnswerPart.objects.values_list("form", "row_id", "text"))
    before = {path: client.get(path).content for path in paths}
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": "site"}
    write_answers()
    assert AnswerPart.objects.filter(text__contains="/pictures/video/").exists()
    assert {path for path in paths if client.get(path).content != before[path]} >= {"/", "/feeds/rss/", *FEEDS}
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": "source"}
    assert {path: client.get(path).content for path in paths} == before
    write_answers()
    assert not AnswerDue.objects.exists()
    AnswerForm.objects.update(made_at=F("made_at") - timedelta(hours=2))
    write_answers()
    assert set(AnswerPart.objects.values_list("form", "row_id", "text")) == parts
    assert {path: client.get(path).content for path in paths} == before
