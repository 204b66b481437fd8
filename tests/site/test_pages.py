"""The pages: what they show and keep to themselves, what they cost, and what a browser is made to load."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

import pytest
from django.test import Client
from django.urls import include
from django.urls import path as route
from django.utils import timezone

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import PUBLIC, Account, Channel, Curation, Instance, Playlist, Reason, Video
from peertube_sync.site.sitemaps import PART
from tests.support.catalogue import HOST
from tests.support.page import Look

COSTS = {
    "/": 3,
    "/videos/": 4,
    "/videos/{video}/": 10,
    "/videos/{video}/?play=1&start=30": 10,
    "/channels/": 2,
    "/channels/{channel}/": 2,
    "/channels/{channel}/playlists/": 2,
    "/channels/{channel}/about/": 1,
    "/accounts/": 2,
    "/accounts/{account}/": 2,
    "/accounts/{account}/channels/": 2,
    "/accounts/{account}/playlists/": 2,
    "/accounts/{account}/about/": 1,
    "/playlists/": 2,
    "/playlists/{playlist}/": 4,
    "/instances/": 2,
    f"/instances/{HOST}/": 2,
    f"/instances/{HOST}/channels/": 2,
    f"/instances/{HOST}/playlists/": 2,
    f"/instances/{HOST}/about/": 1,
}
"""Queries that a page makes; all but one of /videos/ are for what its form offers."""

SCRIPTS = ("play", "suggest")
WATCHING = ("play", "watch", "suggest")
"""The scripts of the page of a video."""
LEADING_ON = ("suggest",)
"""Those of the front page, where nothing plays."""
FEEDS = ("/feeds/rss/", "/feeds/atom/", "/feeds/json/")


class SiteAlone:
    urlpatterns = [route("", include("peertube_sync.site.urls"))]


def address(path: str, video: Video) -> str:
    playlist = Playlist.objects.get(display_name="Best of cooking")
    return path.format(
        video=video.short_uuid,
        channel=video.channel.handle,
        account=f"{video.account.name}@{HOST}",
        playlist=playlist.short_uuid,
    )


@pytest.mark.parametrize(("path", "number"), COSTS.items())
def test_a_page_costs_so_many_queries(
    look: Look, full: Video, django_assert_num_queries: Any, path: str, number: int
) -> None:
    path = address(path, full)
    with django_assert_num_queries(number):
        look(path)


def test_an_element_of_a_playlist_plays_from_its_own_start(look: Look, full: Video) -> None:
    first, second = Playlist.objects.get(display_name="Best of cooking").elements.order_by("position")[:2]
    for element, start in ((first, 49), (second, None)):
        element.start_timestamp = start
        element.save()
    page = look(address("/playlists/{playlist}/", full))
    assert "Plays from 0:49" in page.source
    assert page.source.count("Plays from") == 1
    place = f"playlist={first.playlist.short_uuid}&position={first.position}"
    path = f"/videos/{first.video.short_uuid}/?{place}"
    assert path in page.links()
    (poster,) = look(path).all("a", class_="peertube-poster")
    assert poster.attributes["href"] == f"/videos/{first.video.short_uuid}/?play=1&start=49&{place}"
    assert poster.attributes["data-peertube-start"] == "49"


def test_without_the_api_the_search_box_suggests_nothing(look: Look, db: None, settings: Any) -> None:
    (box,) = look("/").all("input", id="site-search")
    assert box.attributes["data-peertube-suggest"] == "/api/suggest/"
    settings.ROOT_URLCONF = SiteAlone
    page = look("/")
    (box,) = page.all("input", id="site-search")
    assert "data-peertube-suggest" not in box.attributes
    assert "suggest.js" not in page.source


@pytest.mark.parametrize("path", [path for path in COSTS if "play=" not in path])
def test_a_browser_loads_nothing_foreign_but_pictures_and_runs_no_script_of_the_page(
    look: Look, full: Video, path: str
) -> None:
    page = look(address(path, full))
    sources = [one for one in page.elements if "src" in one.attributes and one.name != "img"]
    sheets = [one.attributes["href"] for one in page.all("link", rel="stylesheet")]
    scripts = {"/videos/{video}/": WATCHING, "/": LEADING_ON}.get(path, SCRIPTS)
    assert [one.attributes["src"] for one in sources] == [f"/static/peertube_sync/site/{one}.js" for one in scripts]
    assert all(sheet.startswith("/static/") for sheet in sheets)
    assert [name for one in page.elements for name in one.attributes if name == "style" or name.startswith("on")] == []
    inline = [one for one in page.all("script") if "src" not in one.attributes]
    assert {one.attributes["type"] for one in inline} <= {"application/ld+json"}


@pytest.mark.parametrize("path", COSTS)
def test_a_page_has_one_main_heading_and_names_for_its_parts(look: Look, full: Video, path: str) -> None:
    page = look(address(path, full))
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.all("title")[0].text.endswith("Videos")
    assert all("alt" in one.attributes and "width" in one.attributes for one in page.all("img"))
    ids = {one.attributes["id"] for one in page.elements if "id" in one.attributes}
    named = {one.attributes["aria-labelledby"] for one in page.elements if "aria-labelledby" in one.attributes}
    assert named | {"content"} <= ids


def test_the_front_page_shows_what_is_featured_live_and_new(look: Look, full: Video) -> None:
    Curation.objects.create(video=full, featured=True)
    live = Video.objects.listed().exclude(pk=full.pk).earliest("published_at")
    Video.objects.filter(pk=live.pk).update(is_live=True)
    page = look("/")
    others = Video.objects.listed().exclude(pk__in=[full.pk, live.pk]).order_by("-published_at", "-pk")
    assert page.titles() == [full.name, live.name, *(one.name for one in others[:12])]


def test_a_mirror_of_featured_videos_alone_does_not_say_that_it_is_empty(look: Look, full: Video) -> None:
    Video.objects.exclude(pk=full.pk).update(privacy_id=PUBLIC + 1)
    Curation.objects.create(video=full, featured=True)
    page = look("/")
    assert page.titles() == [full.name]
    assert "There is nothing here yet" not in page.source


def test_an_empty_mirror_says_so(look: Look, db: None) -> None:
    assert "There is nothing here yet" in look("/").source


@pytest.mark.parametrize(
    "path", ["/videos/nothing/", "/channels/nobody/", "/playlists/x/", "/instances/x y/", "/channels/a@b@c/"]
)
def test_what_is_not_there_is_not_found(look: Look, full: Video, path: str) -> None:
    look(path, status=404)


def test_the_player_is_there_after_asking_only(look: Look, full: Video) -> None:
    page = look(f"/videos/{full.short_uuid}/")
    (poster,) = page.all("a", class_="peertube-poster")
    (player,) = page.all("div", class_="peertube-player")
    assert page.all("iframe") == []
    assert poster.attributes["href"] == f"/videos/{full.short_uuid}/?play=1"
    assert player.attributes["data-peertube-player"] == f"http://{HOST}/videos/embed/{full.uuid}?autoplay=1&api=1"
    (frame,) = look(poster.attributes["href"]).all("iframe")
    assert frame.attributes["src"] == f"http://{HOST}/videos/embed/{full.uuid}?autoplay=1&api=1"


def test_a_chapter_leads_to_its_moment(look: Look, full: Video) -> None:
    chapter = full.chapters.order_by("timecode").last()
    page = look(f"/videos/{full.short_uuid}/")
    link = page.all("a", data_peertube_start=str(chapter.timecode))[-1]
    assert chapter.title in link.text
    (frame,) = look(link.attributes["href"]).all("iframe")
    assert frame.attributes["src"].endswith(f"?autoplay=1&api=1&start={chapter.timecode}s")


def test_a_video_page_tells_what_is_known(look: Look, full: Video) -> None:
    page = look(f"/videos/{full.uuid}/")
    text = page.all("main")[0].text
    for word in (full.name, full.channel.display_name, full.category_label, *(tag.name for tag in full.tags.all())):
        assert word in text
    assert f"http://{HOST}/w/{full.short_uuid}" in page.links()
    for caption in full.captions.all():
        assert f"http://{HOST}{caption.caption_path}" in page.links()


def test_a_video_page_leads_to_its_comments_and_tells_how_to_support_it(look: Look, full: Video) -> None:
    def told(**facts: object) -> list[str]:
        Video.objects.filter(pk=full.pk).update(**facts)
        page = look(f"/videos/{full.uuid}/")
        return [one.text for one in page.all("li") if "comment" in one.text]

    assert told(comments=1, comments_policy_id=1) == [f"1 comment on {HOST} \N{NORTH EAST ARROW}"]
    assert told(comments=-3, comments_policy_id=None) == [f"0 comments on {HOST} \N{NORTH EAST ARROW}"]
    assert told(comments=7, comments_policy_id=2) == told(comments=None, comments_policy_id=1) == []
    Video.objects.filter(pk=full.pk).update(support=None)
    assert "Support" not in [one.text for one in look(f"/videos/{full.uuid}/").all("summary")]
    Video.objects.filter(pk=full.pk).update(support="Buy us a [coffee](https://coffee.example/)")
    page = look(f"/videos/{full.uuid}/")
    assert "Support" in [one.text for one in page.all("summary")]
    assert "https://coffee.example/" in page.links()


def test_a_video_page_leads_to_the_feed_of_its_channel(look: Look, client: Client, full: Video) -> None:
    page = look(f"/videos/{full.uuid}/")
    (feed,) = [one for one in page.all("a") if one.text == "Feed"]
    assert full.short_uuid in client.get(feed.attributes["href"]).content.decode()
    assert {one for one in page.links("alternate") if "/feeds/" in one} == {
        f"/feeds/{kind}/?channel={quote_plus(full.channel.handle)}" for kind in ("rss", "atom", "json")
    }


def test_a_video_page_leads_to_more_in_its_language_and_says_who_follows_its_channel(look: Look, full: Video) -> None:
    Video.objects.filter(pk=full.pk).update(language_id="fr", language_label="French")
    Channel.objects.filter(pk=full.channel_id).update(followers_count=1_600)
    page = look(f"/videos/{full.uuid}/")
    assert "/videos/?language=fr" in page.links()
    (followers,) = page.all("span", title="1,600")
    assert followers.text == "1.6K followers"
    Video.objects.filter(pk=full.pk).update(language_id="x9", language_label="Ours")
    (own,) = [one for one in look(f"/videos/{full.uuid}/").links() if "language=" in one]
    assert look(own).titles() == [full.name]


def test_numbers_and_times_are_told_as_people_read_them_and_exactly_beside(look: Look, full: Video) -> None:
    then = timezone.now() - timedelta(days=3, hours=2)
    Video.objects.filter(pk=full.pk).update(views=167_234, likes=1_790, published_at=then)
    for path in (f"/videos/{full.uuid}/", "/videos/"):
        page = look(path)
        (views,) = page.all("span", title="167,234")
        assert views.text == "167K views"
        (time,) = [one for one in page.all("time") if one.text == "3 days ago"]
        assert time.attributes["datetime"] == then.isoformat(timespec="seconds")
        assert str(then.year) in time.attributes["title"]
    (likes,) = look(f"/videos/{full.uuid}/").all("span", title="1,790")
    assert likes.text == "1.7K likes"


@pytest.mark.parametrize(("text", "folded"), [("Short.", False), ("word " * 200, True), ("a line\n" * 20, True)])
def test_a_long_description_is_folded_and_a_short_one_is_not(
    look: Look, full: Video, text: str, *, folded: bool
) -> None:
    Video.objects.filter(pk=full.pk).update(description=text, truncated_description=text[:250])
    page = look(f"/videos/{full.uuid}/")
    assert bool(page.all("details", class_="site-fold")) is folded
    assert page.all("div", class_="site-prose")[0].text == " ".join(text.split())


@pytest.mark.parametrize(
    ("key", "label", "deed"),
    [
        (2, "Attribution - Share Alike", "https://creativecommons.org/licenses/by-sa/4.0/"),
        (7, "Public Domain Dedication", "https://creativecommons.org/publicdomain/zero/1.0/"),
        (2, "Ask the harbour master", None),
        (77, "Ask the harbour master", None),
    ],
)
def test_a_licence_of_creative_commons_leads_to_its_deed(
    look: Look, full: Video, key: int, label: str, deed: str | None
) -> None:
    Video.objects.filter(pk=full.pk).update(licence_id=key, licence_label=label)
    page = look(f"/videos/{full.uuid}/")
    assert label in page.all("ul", class_="site-facts")[0].text
    assert page.links("license") == ([deed] if deed else [])


def test_a_video_with_nothing_beside_it_has_no_column_for_that(look: Look, full: Video) -> None:
    assert look(f"/videos/{full.uuid}/").all("div", class_="site-aside")
    Video.objects.exclude(pk=full.pk).update(privacy_id=PUBLIC + 1)
    full.captions.all().delete()
    full.chapters.all().delete()
    assert look(f"/videos/{full.uuid}/").all("div", class_="site-aside") == []


def test_the_words_of_the_site_stand_in_place_of_the_source(look: Look, full: Video) -> None:
    Curation.objects.create(video=full, title="Our own title", text="Our **own** text", featured=True)
    page = look(f"/videos/{full.uuid}/")
    assert (page.all("h1")[0].text, page.all("strong")[0].text) == ("Our own title", "own")
    assert "Our own title" in look("/").titles()
    assert full.name not in page.source


def unmarked(source: str) -> str:
    return re.sub("</?mark>", "", source)


def hide(video: Video) -> None:
    Curation.objects.create(video=video, hidden=True, featured=True)


def remove(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(removed_at=timezone.now(), removed_reason=Reason.DELETED)


def make_unlisted(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(privacy_id=PUBLIC + 1)


def mark_sensitive(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(nsfw=True)


@pytest.mark.parametrize("withhold", [None, hide, remove, make_unlisted, mark_sensitive])
def test_what_may_not_be_shown_is_nowhere(
    client: Client, full: Video, settings: Any, withhold: Callable[[Video], None] | None
) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "hide"}
    later = timezone.now() + timedelta(days=1)
    Video.objects.filter(pk=full.pk).update(name="Found nowhere", published_at=later, is_live=True)
    Playlist.objects.get(display_name="Best of cooking").elements.update(video=full)
    index_due()
    if withhold:
        withhold(full)
    lists = [address(path, full) for path in COSTS if "{video}" not in path]
    places = [*lists, *FEEDS, f"/sitemap-{full.pk // PART}.xml", "/videos/?q=nowhere", f"/videos/{full.short_uuid}/"]
    places.append(f"/oembed/?url=http://testserver/videos/{full.short_uuid}/")
    seen = {place for place in places if "Found nowhere" in unmarked(client.get(place).content.decode())}
    without_videos = {
        one for one in lists if one.endswith(("/channels/", "/accounts/", "/playlists/", "/instances/", "/about/"))
    }
    assert seen == (set() if withhold else {*places} - without_videos)


def test_channels_accounts_and_playlists_that_are_gone_are_nowhere(look: Look, full: Video) -> None:
    paths = [address(path, full) for path in ("/channels/{channel}/", "/accounts/{account}/", "/playlists/{playlist}/")]
    for model in (Channel, Account, Playlist):
        model.objects.update(removed_at=timezone.now())
    for path in paths:
        look(path, status=404)
    for path in ("/channels/", "/accounts/", "/playlists/"):
        assert "There is nothing here yet" in look(path).source


EVIL = "\"'><script>alert(1)</script></script>{{ 7|add:7 }}\x01"
BAD_LINK = "javascript:alert(1)//"


def test_hostile_words_stay_words(look: Look, full: Video) -> None:
    paths = [address(path, full) for path in COSTS]
    actor = {"display_name": EVIL, "description": EVIL, "url": BAD_LINK}
    image = [{"width": 120, "file_url": BAD_LINK, "path": BAD_LINK}]
    Channel.objects.filter(pk=full.channel_id).update(**actor, avatars=image, banners=image)
    Account.objects.filter(pk=full.account_id).update(**actor, avatars=image)
    Instance.objects.update(name=EVIL, short_description=EVIL, about={"instance": EVIL})
    Playlist.objects.update(display_name=EVIL, description=EVIL, thumbnail_path=BAD_LINK)
    full.tags.create(name=EVIL)
    full.chapters.update(title=EVIL)
    full.captions.update(language_label=EVIL, file_url=BAD_LINK)
    facts = dict.fromkeys(("name", "description", "truncated_description", "category_label", "language_id"), EVIL)
    images = {
        "thumbnail_path": "@evil.example/x",
        "preview_path": BAD_LINK,
        "embed_path": "@evil.example/",
        "url": BAD_LINK,
    }
    Video.objects.filter(pk=full.pk).update(**facts, **images, nsfw=True, nsfw_summary=EVIL, language_label=EVIL)
    Video.objects.filter(pk=full.pk).update(published_at=timezone.now())
    for path in paths:
        page = look(path)
        assert not [one for one in page.all("script") if "alert" in one.text and one.attributes.get("type") is None]
        assert "<script>alert" not in page.source
        for one in page.elements:
            for name in {"href", "src"} & {*one.attributes}:
                assert re.match(r"/|\?|#|https?://", one.attributes[name]), one
                assert "evil.example" not in urlsplit(one.attributes[name]).netloc
            assert not [name for name in one.attributes if name.startswith("on")]
    assert json.loads(look(f"/videos/{full.uuid}/").all("script", type="application/ld+json")[0].text)["name"] == EVIL


def test_names_that_no_path_can_hold_lead_to_the_source(look: Look, full: Video) -> None:
    Channel.objects.filter(pk=full.channel_id).update(name="a/b")
    assert f"http://{HOST}/c/a/b" in look(f"/videos/{full.uuid}/").links()


@pytest.mark.parametrize("path", ["/", "/videos/{video}/?play=1", "/channels/{channel}/"])
def test_private_hosts_are_never_given_to_a_browser(look: Look, full: Video, settings: Any, path: str) -> None:
    settings.PEERTUBE_SYNC = {"SITE_NAME": "Videos"}
    page = look(address(path, full))
    given = [one.attributes.get(name, "") for one in page.elements for name in ("href", "src", "data-peertube-player")]
    assert [one for one in given if urlsplit(one).netloc == HOST] == []


def test_the_site_has_the_name_that_its_owner_gave_it(look: Look, full: Video, settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "SITE_NAME": "Vidéos du port"}
    assert look("/").all("title")[0].text == "Vidéos du port"
