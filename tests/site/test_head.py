"""What pages tell search engines, messengers and social networks of themselves."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from peertube_sync.models import Account, Channel, Instance, Playlist, Video
from tests.support.catalogue import HOST
from tests.support.page import Look, Page
from tests.support.users import somebody

EVIL = "\"'></script><script>alert(1)</script><meta name=robots content=noindex>&amp;{{ head }}\u2028"
WHOSE = ("source", "site", "none")
LISTS = ("/videos/", "/channels/", "/accounts/", "/playlists/", "/instances/")
Led = Callable[[str], None]


@pytest.fixture
def led_to(settings: Any) -> Led:
    """Lead search engines to the pages of the sources, to ours, or to none."""

    def choose(whose: str) -> None:
        settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "SEARCH_ENGINES": whose}

    return choose


@pytest.fixture
def subjects(full: Video) -> dict[str, str]:
    """The paths of pages about something that is mirrored, each with the address of the same at its source."""
    Video.objects.filter(pk=full.pk).update(nsfw=False)
    playlist, home = Playlist.objects.get(display_name="Best of cooking"), f"http://{HOST}"
    return {
        f"/videos/{full.short_uuid}/": f"{home}/w/{full.short_uuid}",
        f"/channels/{full.channel.handle}/": f"{home}/c/{full.channel.name}",
        f"/accounts/{full.account.handle}/": f"{home}/a/{full.account.name}",
        f"/playlists/{playlist.short_uuid}/": f"{home}/w/p/{playlist.short_uuid}",
        f"/instances/{HOST}/": home,
    }


def metas(page: Page, key: str = "property") -> dict[str, str]:
    """Return what `<meta>` elements tell, by their names; none may be there twice, apart from tags."""
    told = [one.attributes for one in page.all("meta") if key in one.attributes]
    names = [one[key] for one in told if one[key] != "video:tag"]
    assert len(names) == len({*names})
    return {one[key]: one["content"] for one in told}


def json_ld(page: Page) -> Any:
    (script,) = page.all("script", type="application/ld+json")
    return json.loads(script.text)


def is_indexed(answer: Any) -> bool:
    """Tell whether search engines may show a page; header, element and canonical address have to agree."""
    page = Page(answer.content.decode())
    hidden = metas(page, "name").get("robots") == "noindex"
    assert (answer.get("X-Robots-Tag") == "noindex") is hidden
    assert bool(page.links("canonical")) is not hidden
    return not hidden


def test_copies_lead_search_engines_to_their_source_unless_the_site_says_otherwise(
    look: Look, subjects: dict[str, str], led_to: Led
) -> None:
    for path, source in subjects.items():
        assert look(path).links("canonical") == [source]
    led_to("site")
    for path in subjects:
        assert look(path).links("canonical") == [f"http://testserver{path}"]


def test_pages_of_the_sites_own_are_its_own(look: Look, subjects: dict[str, str]) -> None:
    for path in ("/", *LISTS):
        assert look(path, utm_source="a letter").links("canonical") == [f"http://testserver{path}"]


def test_a_copy_whose_source_may_not_be_shown_is_its_own_original(
    look: Look, subjects: dict[str, str], settings: Any
) -> None:
    settings.PEERTUBE_SYNC = {"SITE_NAME": "Videos"}  # so addresses of private hosts are given to nobody
    for path in subjects:
        assert look(path).links("canonical") == [f"http://testserver{path}"]


@pytest.mark.parametrize("whose", WHOSE)
def test_people_share_the_address_where_they_are(look: Look, subjects: dict[str, str], led_to: Led, whose: str) -> None:
    led_to(whose)
    for path in subjects:
        assert metas(look(path, play="1", start="7"))["og:url"] == f"http://testserver{path}"


@pytest.mark.parametrize("whose", WHOSE)
def test_a_site_may_ask_not_to_be_found(client: Client, subjects: dict[str, str], led_to: Led, whose: str) -> None:
    led_to(whose)
    for path in ("/", *LISTS, *subjects):
        assert is_indexed(client.get(path)) is (whose != "none"), path
    for path in ("/feeds/rss/", "/oembed/?url=http://testserver" + next(iter(subjects))):
        assert client.get(path).get("X-Robots-Tag") == ("noindex" if whose == "none" else None)
    assert client.get("/sitemap.xml").status_code == (404 if whose == "none" else 200)


@pytest.mark.parametrize(
    "query", ["q=cooking", "category=1", "ordering=-views", "duration_min=60", "page_size=3", "q=nowhere", "tag=x"]
)
def test_search_engines_leave_out_what_somebody_searched_for(client: Client, full: Video, query: str) -> None:
    assert is_indexed(client.get("/videos/"))
    assert not is_indexed(client.get(f"/videos/?{query}"))


def test_search_engines_leave_out_further_pages_and_errors(client: Client, full: Video) -> None:
    (further,) = Page(client.get("/videos/").content.decode()).links("next")
    assert not is_indexed(client.get(f"/videos/{further}"))
    refused = client.get("/videos/?language=x&page_size=0")
    assert refused.status_code == 400
    assert not is_indexed(refused)
    gone = Page(client.get("/videos/nothing/").content.decode())
    assert (metas(gone, "name")["robots"], gone.links("canonical"), metas(gone)) == ("noindex", [], {})


def test_search_engines_leave_out_sensitive_videos(client: Client, full: Video) -> None:
    for nsfw in (False, True):
        Video.objects.filter(pk=full.pk).update(nsfw=nsfw)
        assert is_indexed(client.get(f"/videos/{full.short_uuid}/")) is not nsfw


@pytest.mark.parametrize("privacy", [2, 3, 4, 5], ids=["unlisted", "private", "internal", "password"])
def test_search_engines_and_cards_are_told_nothing_of_what_is_not_public(full: Video, privacy: int) -> None:
    Video.objects.filter(pk=full.pk).update(privacy_id=privacy)
    answer = somebody("view_private_video").get(f"/videos/{full.short_uuid}/")
    assert not is_indexed(answer)
    page = Page(answer.content.decode())
    assert (metas(page), page.all("script", type="application/ld+json")) == ({}, [])


def test_a_video_is_told_by_googles_rules(look: Look, full: Video, led_to: Led) -> None:
    led_to("site")
    Video.objects.filter(pk=full.pk).update(licence_id=2, licence_label="Attribution - Share Alike")
    own = f"http://testserver/videos/{full.short_uuid}/"
    told = json_ld(look(f"/videos/{full.uuid}/"))
    assert (told["@type"], told["name"], told["url"]) == ("VideoObject", full.name, own)
    assert told["embedUrl"] == f"http://{HOST}/videos/embed/{full.uuid}"
    assert told["contentUrl"].startswith(f"http://{HOST}/")
    assert told["thumbnailUrl"] == [f"http://{HOST}{full.preview_path}"]
    assert datetime.fromisoformat(told["uploadDate"]) == full.published_at
    assert told["duration"] == f"PT{full.duration}S"
    assert told["license"] == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert told["author"]["name"] == full.channel.display_name
    assert told["isFamilyFriendly"] is not full.nsfw
    counted = {one["interactionType"]["@type"]: one["userInteractionCount"] for one in told["interactionStatistic"]}
    assert counted == {"WatchAction": full.views, "LikeAction": full.likes}
    assert {"publication", "potentialAction", "expires", "regionsAllowed"}.isdisjoint(told)


def test_chapters_are_clips_that_end_where_the_next_begins(look: Look, full: Video) -> None:
    Video.objects.filter(pk=full.pk).update(duration=100)
    full.chapters.all().delete()
    for timecode, title in ((0, EVIL), (10, "Twice"), (10, "Second"), (40, " "), (60, "Last"), (100, "After the end")):
        full.chapters.create(timecode=timecode, title=title)
    own = f"http://testserver/videos/{full.short_uuid}/"
    page = look(f"/videos/{full.short_uuid}/")
    assert [(one["name"], one["startOffset"], one["endOffset"], one["url"]) for one in json_ld(page)["hasPart"]] == [
        (EVIL.strip(), 0, 10, own),
        ("Second", 10, 40, f"{own}?start=10"),
        ("Last", 60, 100, f"{own}?start=60"),
    ]
    (poster,) = look(f"/videos/{full.short_uuid}/?start=60").all("a", class_="peertube-poster")
    assert poster.attributes["data-peertube-start"] == "60"


def test_without_chapters_a_moment_has_an_address_by_its_second(look: Look, full: Video) -> None:
    full.chapters.all().delete()
    told = json_ld(look(f"/videos/{full.short_uuid}/"))
    assert "hasPart" not in told
    target = told["potentialAction"]["target"].removeprefix("http://testserver")
    (poster,) = look(target.replace("{seek_to_second_number}", "31")).all("a", class_="peertube-poster")
    assert poster.attributes["data-peertube-start"] == "31"


BAD_SCHEDULES = [None, [], {}, "x", [None, {"start_at": 7}, {"start_at": "soon"}, {"start_at": "2026-13-01T00:00:00Z"}]]


@pytest.mark.parametrize("schedules", [*BAD_SCHEDULES, [{"start_at": "2026-01-01T00:00:00"}]])
def test_a_live_is_a_broadcast_since_it_was_published(look: Look, full: Video, schedules: Any) -> None:
    Video.objects.filter(pk=full.pk).update(is_live=True, duration=0, live_schedules=schedules)
    told = json_ld(look(f"/videos/{full.short_uuid}/"))
    assert told["publication"]["isLiveBroadcast"] is True
    assert datetime.fromisoformat(told["publication"]["startDate"]) == full.published_at
    assert {"duration", "hasPart", "potentialAction"}.isdisjoint(told)


def test_a_live_begins_when_it_is_planned_next_to_now(look: Look, full: Video) -> None:
    now = timezone.now()
    planned = [(now + timedelta(hours=hours)).isoformat() for hours in (-90, 2, 90)]
    Video.objects.filter(pk=full.pk).update(is_live=True, live_schedules=[{"start_at": one} for one in planned])
    assert json_ld(look(f"/videos/{full.short_uuid}/"))["publication"]["startDate"] == planned[1]


def test_messengers_show_a_card_of_a_video(look: Look, full: Video, client: Client) -> None:
    page = look(f"/videos/{full.uuid}/")
    cards = metas(page)
    assert (cards["og:type"], cards["og:title"], cards["og:site_name"]) == ("video.other", full.name, "Videos")
    assert cards["og:image"] == f"http://{HOST}{full.preview_path}"
    assert "og:image:width" not in cards  # nobody says how large it is
    assert cards["og:video:url"] == f"http://{HOST}/videos/embed/{full.uuid}"
    assert (cards["video:duration"], cards["video:tag"] in full.tags.values_list("name", flat=True)) == (
        str(full.duration),
        True,
    )
    assert metas(page, "name")["twitter:card"] == "summary_large_image"
    assert cards["og:description"] == metas(page, "name")["description"] != ""
    (discovered,) = page.all("link", type="application/json+oembed")
    assert client.get(discovered.attributes["href"]).json()["title"] == full.name


def test_our_own_picture_in_a_card_is_whole_and_has_its_size(look: Look, full: Video, settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": "site"}
    page = look(f"/videos/{full.short_uuid}/")
    cards = metas(page)
    assert cards["og:image"].startswith(f"http://testserver/pictures/video/{full.pk}/")
    assert json_ld(page)["thumbnailUrl"] == [cards["og:image"]]
    assert int(cards["og:image:width"]) * 9 // 16 == int(cards["og:image:height"])


def test_every_page_says_what_it_is_in_its_own_words(look: Look, subjects: dict[str, str]) -> None:
    told = [metas(look(path)) for path in ("/", *LISTS, *subjects)]
    assert all(one["og:title"] and one["og:description"] for one in told)
    assert len({one["og:title"] for one in told}) >= len(told) - 1  # the list of videos may be called as the site is


def test_a_text_that_is_not_there_is_told_by_the_name(look: Look, subjects: dict[str, str], full: Video) -> None:
    for model in (Channel, Account, Playlist):
        model._default_manager.update(description=None)
    Instance.objects.update(short_description="")
    Video.objects.update(description=None, truncated_description=None)
    for path in subjects:
        cards = metas(look(path))
        assert cards["og:description"] == cards["og:title"] != ""


def test_hostile_words_stay_words_in_heads(
    look: Look, subjects: dict[str, str], full: Video, led_to: Led, settings: Any
) -> None:
    for model in (Channel, Account, Playlist):
        model._default_manager.update(display_name=EVIL, description=EVIL)
    Instance.objects.update(name=EVIL, short_description=EVIL)
    Video.objects.filter(pk=full.pk).update(
        name=EVIL, truncated_description=EVIL, category_label=EVIL, language_id=EVIL, embed_path=EVIL
    )
    full.tags.create(name=EVIL)
    for path in subjects:
        page = look(path)
        assert metas(page)["og:title"] == EVIL
        assert "robots" not in metas(page, "name")
        assert not [one for one in page.all("script") if "src" not in one.attributes and "type" not in one.attributes]
    told = json_ld(look(f"/videos/{full.short_uuid}/"))
    assert (told["name"], told["author"]["name"], EVIL in told["keywords"]) == (EVIL, EVIL, True)


@pytest.mark.urls("tests.site.urls_in_languages")
def test_pages_with_addresses_of_their_languages_name_each_other(
    look: Look, full: Video, settings: Any, led_to: Led
) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]

    def told(path: str) -> dict[str, str]:
        links = [one.attributes for one in look(path).all("link", rel="alternate") if "hreflang" in one.attributes]
        return {one["hreflang"]: one["href"] for one in links}

    led_to("site")
    Video.objects.filter(pk=full.pk).update(nsfw=False)
    for path in ("", "channels/", f"videos/{full.short_uuid}/"):
        addresses = {code: f"http://testserver/{code}/watch/{path}" for code in ("en", "de", "fr")}
        assert told(f"/de/watch/{path}") == {**addresses, "x-default": addresses["en"]}
        assert look(f"/de/watch/{path}").links("canonical") == [addresses["de"]]
    assert told("/de/watch/videos/?q=cooking") == {}
    led_to("source")
    assert told(f"/de/watch/videos/{full.short_uuid}/") == {}


def test_an_address_that_answers_in_several_languages_names_none(client: Client, full: Video, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
    answer = client.get("/", headers={"accept-language": "de"}).content
    assert b'lang="de"' in answer
    assert b"hreflang" not in answer
