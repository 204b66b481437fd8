"""What becomes of sensitive videos on pages, in feeds and in template tags."""

from collections.abc import Callable
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client

from peertube_sync.models import Playlist, PlaylistElement, Video
from tests.support.page import Page

Policy = Callable[[str], None]


@pytest.fixture
def policy(settings: Any) -> Policy:
    def choose(word: str) -> None:
        settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": word}

    return choose


@pytest.fixture
def sensitive(full: Video) -> Video:
    """A sensitive video on the front page."""
    Video.objects.filter(pk=full.pk).update(nsfw=True, is_live=True, name="Not for everybody")
    full.refresh_from_db()
    return full


TAGS = (
    "{% peertube_video video.uuid %}",
    "{% peertube_embed video %}",
    "{% peertube_latest count=100 ordering='name' %}",
    "{% peertube_grid videos %}",
)


def show(tag: str, video: Video) -> str:
    return Template("{% load peertube %}" + tag).render(Context({"video": video, "videos": [video]}))


def test_tags_show_no_sensitive_videos_where_the_site_hides_them(sensitive: Video, policy: Policy) -> None:
    shown = {}
    for word in ("show", "hide"):
        policy(word)
        shown[word] = {tag for tag in TAGS if sensitive.name in show(tag, sensitive)}
    assert shown == {"show": {*TAGS}, "hide": set()}


@pytest.mark.parametrize(("word", "blurred"), [("show", False), ("blur", True)])
def test_pictures_of_sensitive_videos_are_blurred_where_the_site_wants_it(
    look: Callable[..., Page], sensitive: Video, policy: Policy, word: str, blurred: bool
) -> None:
    policy(word)
    for page in (look("/"), look(f"/videos/{sensitive.short_uuid}/"), Page(show(TAGS[1], sensitive))):
        veils = page.all("span", class_="peertube-veil")
        assert bool(veils) is blurred
        assert all(veil.text == "Sensitive content." for veil in veils)
        assert "Sensitive" in page.source


@pytest.mark.parametrize(("word", "told"), [("show", True), ("blur", False)])
def test_a_picture_to_be_blurred_is_not_given_to_what_can_not_blur_it(
    client: Client, sensitive: Video, policy: Policy, word: str, told: bool
) -> None:
    policy(word)
    page = f"/videos/{sensitive.short_uuid}/"
    head = client.get(page).content.decode().partition("</head>")[0]
    assert ((sensitive.preview_path or "?") in head) is told
    embedded = client.get("/oembed/", {"url": f"http://testserver{page}"}).json()
    assert ("thumbnail_url" in embedded) is told
    feeds = [f"/feeds/{kind}/?page_size=100" for kind in ("rss", "atom", "json")]
    for path in feeds:
        assert (str(sensitive.thumbnail_path) in client.get(path).content.decode()) is told, path


def test_a_blurred_video_plays_by_the_click_on_its_picture_alone(
    look: Callable[..., Page], sensitive: Video, policy: Policy
) -> None:
    sensitive.chapters.create(timecode=65, title="Sixty-five")
    path = f"/videos/{sensitive.short_uuid}/"
    policy("blur")
    asked = [path, f"{path}?play=1", f"{path}?play=1&start=65", f"{path}?play", f"{path}?play=0"]
    (chapter,) = [one for one in look(path).all("a", data_peertube_start="65") if "Sixty-five" in one.text]
    for address in (*asked, chapter.attributes["href"]):
        page = look(address)
        assert not page.all("iframe"), address
        assert page.all("span", class_="peertube-veil")
        assert "Sensitive content." in page.all("p", class_="peertube-note")[0].text
    (poster,) = look(f"{path}?play=1&start=65").all("a", class_="peertube-poster")
    assert look(poster.attributes["href"]).all("iframe")[0].attributes["src"].endswith("&start=65s")
    for tag in TAGS[:2]:
        (poster,) = Page(show(tag, sensitive)).all("a", class_="peertube-poster")
        assert look(poster.attributes["href"]).all("iframe")
    policy("show")
    assert look(asked[1]).all("iframe")


@pytest.mark.parametrize(("word", "goes_on"), [("show", True), ("blur", False)])
def test_a_playlist_does_not_go_on_by_itself_to_a_blurred_video(
    look: Callable[..., Page], sensitive: Video, policy: Policy, word: str, goes_on: bool
) -> None:
    policy(word)
    playlist = Playlist.objects.get(display_name="Best of cooking")
    playlist.elements.all().delete()
    first = Video.objects.listed().filter(nsfw=False, instance=sensitive.instance)[0]
    for number, video in enumerate((first, sensitive), 1):
        PlaylistElement.objects.create(playlist=playlist, video=video, remote_id=number, position=number)
    page = look(f"/videos/{first.short_uuid}/", playlist=playlist.short_uuid, play=1)
    assert page.all("iframe")
    (link,) = page.all("a", rel="next")
    assert ("data-peertube-next" in link.attributes) is goes_on
    assert link.attributes["href"].endswith("&play=1") is goes_on
    assert bool(look(link.attributes["href"]).all("iframe")) is goes_on
