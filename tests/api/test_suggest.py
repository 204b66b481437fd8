"""What is suggested to who is typing: words that are begun, and nothing that isn't everybody's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import include, path

from peertube_sync.ingest.answers import write_answers
from peertube_sync.ingest.derived import derive_due
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Channel, Curation, Tag, Video
from tests.support.catalogue import make_videos

Ask = Callable[..., Any]

TITLES = (
    "Pyrometers for beginners",
    "A pyrometer on the roof",
    "Grinding a pyrometer mirror",
    "Kernel panic",
    "Ein Abend in Köln",
    "한국 요리 배우기",
    "望遠鏡を作る",
    "Learn C++ in a day",
    "C64 repair",
)


@pytest.fixture
def titled(catalogue: None) -> list[Video]:
    videos = make_videos(len(TITLES), tags=[])
    for number, (video, title) in enumerate(zip(videos, TITLES, strict=True)):
        Video.objects.filter(pk=video.pk).update(name=title, description=None, truncated_description=None, views=number)
    index_due()
    return videos


def suggested(ask: Ask, text: str, type_: str = "video") -> list[str]:
    return [one["name"] for one in ask("suggest/", q=text)["results"] if one["type"] == type_]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("pyro", "Pyrometers for beginners"),
        ("PYRÓ", "Pyrometers for beginners"),
        ("py", "A pyrometer on the roof"),
        ("pyrometer ", "A pyrometer on the roof"),
        ("pyrometer mi", "Grinding a pyrometer mirror"),
        ("roof pyr", "A pyrometer on the roof"),
        ("kern", "Kernel panic"),
        ("köl", "Ein Abend in Köln"),
        ("koel", "Ein Abend in Köln"),
        ("kol", "Ein Abend in Köln"),
        ("요리", "한국 요리 배우기"),
        ("望遠", "望遠鏡を作る"),
        ("望", "望遠鏡を作る"),
        ("c++", "Learn C++ in a day"),
        ("c64", "C64 repair"),
    ],
)
def test_what_is_begun_is_suggested(titled: list[Video], ask: Ask, text: str, title: str) -> None:
    assert title in suggested(ask, text)


@pytest.mark.parametrize("text", ["", " ", "++", "yrometer", "xyzzy", "pyrometer xyzzy", "-pyrometer", '"', "\u0640"])
def test_what_begins_no_word_of_a_title_suggests_none(titled: list[Video], ask: Ask, text: str) -> None:
    assert not {*suggested(ask, text)} & {*TITLES}


def test_titles_that_begin_so_come_first_then_the_most_watched(titled: list[Video], ask: Ask) -> None:
    assert suggested(ask, "pyro") == [TITLES[0], TITLES[2], TITLES[1]]


def test_channels_and_tags_come_before_titles_and_lead_to_their_pages(titled: list[Video], ask: Ask) -> None:
    channel, video = titled[0].channel, titled[0]
    Channel.objects.filter(pk=channel.pk).update(display_name="Pyromania Club")
    video.tags.set([Tag.objects.create(name="Pyro lenses"), Tag.objects.create(name="optics")])
    derive_due()
    found = ask("suggest/", q="pyro")["results"]
    assert [one["type"] for one in found] == ["channel", "tag", "video", "video", "video"]
    assert found[0] == {
        "type": "channel",
        "name": "Pyromania Club",
        "id": channel.handle,
        "page_url": f"http://testserver/channels/{channel.handle}/",
    }
    assert found[1]["page_url"] == "http://testserver/videos/?tag=Pyro+lenses"
    assert found[2]["page_url"] == f"http://testserver/videos/{found[2]['id']}/"
    assert all(Client().get(one["page_url"]).status_code == 200 for one in found)


def test_no_more_than_ten_are_suggested_and_each_title_once(catalogue: None, ask: Ask) -> None:
    quartz = Tag.objects.create(name="quartz")
    for number, video in enumerate(make_videos(30)):
        video.tags.set([quartz])
        Video.objects.filter(pk=video.pk).update(name=f"Quartz {'the same' if number % 2 else number}")
    index_due()
    found = suggested(ask, "quar")
    assert len(found) == len({*found}) == 9
    assert suggested(ask, "quar", "tag") == ["quartz"]


def test_nothing_is_suggested_that_lists_do_not_show(titled: list[Video], ask: Ask, settings: Any) -> None:
    hidden, private, gone, sensitive = titled[:4]
    for video, tag in zip(titled, ("telltale", "telltale two", "telltale three", "telltale four"), strict=False):
        video.tags.set([Tag.objects.create(name=tag)])
    index_due()
    assert len(suggested(ask, "telltale", "tag")) == 3
    Video.objects.filter(pk=sensitive.pk).update(nsfw=True)
    Curation.objects.create(video=hidden, hidden=True)
    Video.objects.filter(pk=private.pk).update(privacy_id=3)
    Video.objects.filter(pk=gone.pk).update(removed_at="2026-01-01T00:00Z")
    assert suggested(ask, "telltale", "tag") == ["telltale four"]  # before their documents are written, too
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "hide"}
    assert ask("suggest/", q="telltale") == ask("suggest/", q="kernel pan") == {"results": []}
    index_due()
    assert ask("suggest/", q="telltale") == {"results": []}


def test_an_own_title_is_suggested_in_the_place_of_the_other(
    titled: list[Video], ask: Ask, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        Curation.objects.create(video=titled[0], title="Zymurgy explained")
    assert suggested(ask, "zym") == ["Zymurgy explained"]
    assert TITLES[0] not in suggested(ask, "pyro")


def test_it_costs_so_many_queries_however_much_is_found(
    titled: list[Video], ask: Ask, django_assert_num_queries: Any
) -> None:
    planned = 1 if connection.vendor == "postgresql" else 0
    for text in ("pyro", "xyzzy"):
        # Words, videos that have them, what they are called, their tags, channels.
        with django_assert_num_queries(5 + planned):
            ask("suggest/", q=text)


def test_it_may_be_kept_and_known_by_its_tag(titled: list[Video], client: Client) -> None:
    answer = client.get("/api/suggest/", {"q": "pyro"})
    assert "public" in answer["Cache-Control"]
    again = client.get("/api/suggest/", {"q": "pyro"}, headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(("query", "name"), [({"q": "a " * 101}, "q"), ({"q": "a" * 201}, "q"), ({"x": 1}, "x")])
def test_what_is_too_much_is_refused(ask: Ask, db: None, query: dict[str, Any], name: str) -> None:
    assert name in ask("suggest/", status=400, **query)["invalid_params"]


class ApiAlone:
    urlpatterns = [path("api/", include("peertube_sync.api.urls"))]


def test_without_the_sites_pages_none_is_told(titled: list[Video], ask: Ask, settings: Any) -> None:
    settings.ROOT_URLCONF = ApiAlone
    assert {one["page_url"] for one in ask("suggest/", q="pyro")["results"]} == {None}


@pytest.mark.parametrize("text", ["en", "de", "ru"])
def test_two_letters_are_no_beginning(titled: list[Video], ask: Ask, text: str) -> None:
    """Else they would begin what is kept of forms of words in a language, and with it the name of nearly everybody."""
    channel = titled[0].channel
    Channel.objects.filter(pk=channel.pk).update(display_name="Cooking музыка", followers_count=10**6)
    write_answers()
    assert suggested(ask, text, "channel") == []
    assert suggested(ask, "cook", "channel") == ["Cooking музыка"]
