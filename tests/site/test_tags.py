"""The template tags, on a page of somebody else's site."""

from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import override_settings
from django.utils import timezone

from peertube_sync.models import Curation, Video
from tests.support.catalogue import HOST
from tests.support.page import Page


def show(source: str, **context: Any) -> Page:
    return Page(Template("{% load peertube %}" + source).render(Context(context)))


@pytest.mark.parametrize("form", ["uuid", "short_uuid", "watch_url", "url"])
def test_a_video_is_named_by_its_uuid_or_an_address(full: Video, form: str) -> None:
    page = show("{% peertube_video which %}", which=getattr(full, form))
    assert page.titles() == [full.name]
    assert page.all("iframe") == []
    assert show("{% peertube_video which %}", which=full) == page


ADDRESSES = (
    *("{short}?start=1m2s", "{short}#t", "{short};threadId=3", " {short}/ ", "<{short}>"),
    *("https://{host}/videos/watch/{uuid}?start=62&subtitle=fr", "https://{host}/videos/embed/{uuid}?autoplay=1"),
    *("https://elsewhere.example/tube/videos/{uuid}/?start=soon", "https://{host}/api/v1/videos/{uuid}"),
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_whatever_address_is_pasted_shows_the_video(full: Video, address: str) -> None:
    named = address.format(short=f"https://{HOST}/w/{full.short_uuid}", host=HOST, uuid=full.uuid)
    for tag in ("peertube_video", "peertube_embed"):
        page = show("{% " + tag + " which %}", which=named)
        (poster,) = page.all("a", class_="peertube-poster")
        start = 62 if address.count("start=1m2s") or address.count("start=62") else 0
        assert poster.attributes["data-peertube-start"] == str(start)
        assert poster.attributes["href"].endswith("/?play=1&start=62" if start else "/?play=1")


def test_an_embed_is_the_picture_alone(full: Video, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        page = show("{% peertube_embed which %}", which=full.short_uuid)
    (player,) = page.all("div", class_="peertube-player")
    assert player.attributes["data-peertube-player"] == f"http://{HOST}/videos/embed/{full.uuid}?autoplay=1&api=1"
    assert page.titles() == []


def test_latest_videos_are_selected_as_in_the_api(full: Video, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        page = show("{% peertube_latest channel=channel count=2 %}", channel=full.channel.handle)
    expected = Video.objects.listed().filter(channel=full.channel).order_by("-published_at", "-pk")[:2]
    assert page.titles() == [one.name for one in expected]
    languages = show("{% peertube_latest language=languages is_live=False ordering='name' %}", languages=["fr", "de"])
    found = Video.objects.listed().filter(language_id__in=["fr", "de"]).order_by("name")[:12]
    assert languages.titles() == [one.name for one in found]


@pytest.mark.parametrize("words", ["chanel='a@b.example'", "ordering='secret'"])
def test_a_misspelt_filter_is_a_mistake_of_the_template(full: Video, words: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="peertube_latest"):
        show("{% peertube_latest " + words + " %}")


@pytest.mark.parametrize("tag", ["peertube_latest channel='nobody'", "peertube_latest count=0", "peertube_video 'x'"])
def test_what_names_nothing_shows_nothing(full: Video, tag: str) -> None:
    assert show("{% " + tag + " %}").elements == []


def test_a_grid_shows_the_videos_that_it_is_given_in_their_order(full: Video, django_assert_num_queries: Any) -> None:
    videos = list(Video.objects.order_by("name")[:5])
    with django_assert_num_queries(1):
        assert show("{% peertube_grid videos %}", videos=videos).titles() == [one.name for one in videos]


def test_no_tag_shows_what_may_not_be_shown(full: Video) -> None:
    hidden, gone = Video.objects.exclude(pk=full.pk)[:2]
    Curation.objects.create(video=hidden, hidden=True)
    Video.objects.filter(pk=gone.pk).update(removed_at=timezone.now())
    for video in (hidden, gone):
        assert show("{% peertube_video which %}{% peertube_embed which %}", which=video).elements == []
    assert show("{% peertube_grid videos %}", videos=[full, hidden, gone]).titles() == [full.name]


def test_the_assets_are_the_sites_own() -> None:
    page = show("{% peertube_assets %}")
    assert page.links("stylesheet") == ["/static/peertube_sync/site/parts.css"]
    assert [one.attributes["src"] for one in page.all("script")] == ["/static/peertube_sync/site/play.js"]


@override_settings(ROOT_URLCONF="peertube_sync.api.urls")
def test_without_pages_of_our_own_links_lead_to_the_source(full: Video) -> None:
    page = show("{% peertube_video which %}", which=full)
    assert {*page.links()} == {f"http://{HOST}/w/{full.short_uuid}", f"http://{HOST}/c/{full.channel.name}"}
