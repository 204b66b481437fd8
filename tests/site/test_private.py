"""What isn't public, on pages: marked, for users with the permission alone, and kept by no cache."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import translation

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Video
from tests.support.formats import sitemap_part
from tests.support.page import Page
from tests.support.users import somebody

SWITCH = "?privacy=not_public"
MISSING = "/videos/00000000-0000-4000-8000-00000000abcd/"


@pytest.fixture
def private(full: Video) -> Video:
    """A private video beside another one of its channel that is unlisted."""
    other = Video.objects.listed().exclude(pk=full.pk)[0]
    Video.objects.filter(pk=full.pk).update(privacy_id=3, privacy_label="Private")
    changed = {"privacy_id": 2, "privacy_label": "Unlisted", "name": "Second of them", "channel": full.channel}
    Video.objects.filter(pk=other.pk).update(**changed)
    index_due()
    full.refresh_from_db()
    return full


@pytest.fixture
def owner(db: None) -> Client:
    return somebody("view_private_video")


def address(video: Video) -> str:
    return f"/videos/{video.short_uuid}/"


def read(client: Client, path: str) -> Page:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    return Page(answer.content.decode())


def test_a_page_is_marked_and_told_to_no_machine(private: Video, owner: Client) -> None:
    page = read(owner, address(private))
    (mark,) = page.all("p", class_="site-private")
    assert mark.text.startswith("Not public: Private.")
    assert [one.attributes["content"] for one in page.all("meta", name_="robots")] == ["noindex"]
    assert not any("og:" in one.attributes.get("property", "") for one in page.all("meta"))
    assert not page.all("link", rel="canonical")
    assert not page.all("link", type="application/json+oembed")
    assert not page.all("script", type="application/ld+json")
    assert page.titles() == ["Second of them"]
    assert read(owner, f"{address(private)}?play=1").all("iframe")


def test_links_of_the_page_lead_to_more_of_the_kind(private: Video, owner: Client) -> None:
    page = read(owner, address(private))
    (tag, *_) = [link for link in page.links() if "tag=" in link]
    assert private.name in read(owner, tag).titles()


def test_an_actor_who_is_not_shown_here_is_linked_to_at_the_source(private: Video, owner: Client) -> None:
    assert f"/channels/{private.channel.handle}/" in read(owner, address(private)).links()
    type(private.channel).objects.filter(pk=private.channel.pk).update(private=True)
    page = read(owner, address(private))
    assert f"/channels/{private.channel.handle}/" not in page.links()


def test_for_others_it_is_what_is_not_there(private: Video) -> None:
    for client in (Client(), somebody("view_video", "view_curation")):
        here, nowhere = client.get(address(private)), client.get(MISSING)
        assert here.status_code == nowhere.status_code == 404
        assert here.content == nowhere.content
        assert here.headers == nowhere.headers
    assert "Cookie" not in Client().get(address(private)).get("Vary", "")


def test_a_switch_lists_and_searches_it_alone(private: Video, owner: Client) -> None:
    (switch,) = [one for one in read(owner, "/videos/").all("a", class_="site-chip") if one.text == "Not public"]
    assert switch.attributes["href"] == SWITCH
    page = read(owner, f"/videos/{SWITCH}")
    assert set(page.titles()) == {private.name, "Second of them"}
    assert {one.text for one in page.all("span", class_="peertube-badge peertube-private")} == {"Private", "Unlisted"}
    assert read(owner, f"/videos/{SWITCH}&q=second").titles() == ["Second of them"]
    assert read(owner, f"/videos/{SWITCH}&q=second&ordering=name&category=18").titles() == []
    assert read(owner, "/videos/?privacy=unlisted").titles() == ["Second of them"]
    kept = page.all("input", type="hidden", name_="privacy")
    assert [one.attributes["value"] for one in kept] == ["not_public"] * 2  # in both forms
    (back,) = [one for one in page.all("a", class_="site-chip") if one.text == "Not public"]
    assert back.attributes["aria-current"] == "true"
    assert private.name not in read(owner, f"/videos/{back.attributes['href']}").titles()
    assert owner.get("/videos/?privacy=secret").status_code == 400
    assert not any("privacy" in link for link in page.links("alternate"))


@pytest.mark.parametrize("who", [Client, somebody], ids=["anonymous", "without permission"])
def test_for_others_there_is_neither_a_switch_nor_a_parameter(private: Video, who: Any) -> None:
    client = who()
    page = client.get("/videos/").content
    assert b"privacy" not in page
    assert b"Not public" not in page
    assert (
        client.get(f"/videos/{SWITCH}").content.replace(b"privacy", b"unknown")
        == client.get("/videos/?unknown=not_public").content
    )
    assert client.get("/videos/?privacy=secret").status_code == 200


def test_public_pages_stay_what_they_are(private: Video, owner: Client) -> None:
    public = Video.objects.listed()[0]
    for path in ("/", address(public), "/channels/", "/feeds/rss/", "/sitemap.xml"):
        theirs, ours = Client().get(path), owner.get(path)
        assert (theirs.content, theirs.headers) == (ours.content, ours.headers)
    for path in ("/videos/", f"/videos/{SWITCH}"):
        answer = Client().get(path)
        assert "Cookie" not in answer.get("Vary", "")
        assert "Cache-Control" not in answer


def test_a_cache_for_the_whole_site_keeps_none_of_it(private: Video, owner: Client, settings: Any) -> None:
    settings.MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *django_settings.MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
    for path in (address(private), f"/videos/{SWITCH}", "/videos/"):
        assert "Not public" in read(owner, path).source
        assert b"Not public" not in Client().get(path).content


def test_machines_are_told_nothing_whoever_asks(private: Video, owner: Client) -> None:
    for path in ("/feeds/rss/", "/feeds/atom/", "/feeds/json/", sitemap_part()):
        answer = owner.get(f"{path}{SWITCH}")
        assert private.short_uuid not in answer.content.decode()
        assert str(private.uuid) not in answer.content.decode()
    assert owner.get("/oembed/", {"url": f"http://testserver{address(private)}"}).status_code == 404


@pytest.mark.parametrize(("language", "words"), [("de", "Nicht öffentlich"), ("fr", "Non publique")])
def test_the_mark_speaks_the_language_of_the_page(private: Video, owner: Client, language: str, words: str) -> None:
    with translation.override(language):
        assert words in read(owner, address(private)).source
