"""Other forms of a word, and words that it is a part of, are found after those that are spelt as it is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from peertube_sync.ingest.search_documents import index_due, queue_all_documents
from peertube_sync.models import Curation, SearchKey, SearchWord, Video
from tests.support.catalogue import make_videos

Ask = Callable[..., Any]

TITLES = {
    "Telescopes for beginners": "en",
    "A telescope on the roof": "en",
    "Babies and a library": "en",
    "Die Häuser am Fluss": "de",
    "Les chevaux sauvages": "fr",
    "Canciones de la huerta": "es",
    "Книги и люди": "ru",
    "Kernel panic": "en",
    "Auf dem Donaudampfschiff": "de",
    "Der Dampf im Kessel": "de",
    "تاريخ الإسلام": "ar",
}


@pytest.fixture
def titled(catalogue: None) -> list[Video]:
    """Videos with these titles, in their languages."""
    videos = make_videos(len(TITLES), tags=[])
    for video, (title, code) in zip(videos, TITLES.items(), strict=True):
        Video.objects.filter(pk=video.pk).update(
            name=title, description=None, truncated_description=None, language_id=code
        )
    index_due()
    return videos


def names(ask: Ask, query: str) -> list[str]:
    return [row["name"] for row in ask("videos/", q=query)["results"]]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("telescope beginners", "Telescopes for beginners"),
        ("telescopes roof", "A telescope on the roof"),
        ("baby libraries", "Babies and a library"),
        ("libraries", "Babies and a library"),
        ("flusses", "Die Häuser am Fluss"),
        ("sauvage chevaux", "Les chevaux sauvages"),
        ("canción huerta", "Canciones de la huerta"),
        ("книга", "Книги и люди"),
        ("ernel", "Kernel panic"),
        ("dampfschiff", "Auf dem Donaudampfschiff"),
        ("donau auf", "Auf dem Donaudampfschiff"),
        ("dampf", "Auf dem Donaudampfschiff"),
        ("اسلام", "تاريخ الإسلام"),
    ],
)
def test_forms_and_parts_find(titled: list[Video], ask: Ask, client: Client, query: str, title: str) -> None:
    assert title in names(ask, query)
    assert client.get("/videos/", {"q": query}).content.decode().count("<mark>") >= 1
    answer = client.get("/api/v1/search/videos", {"search": query}).json()
    assert title in [row["name"] for row in answer["data"]]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("telescope", "A telescope on the roof"),
        ("telescopes", "Telescopes for beginners"),
        ("dampf", "Der Dampf im Kessel"),
    ],
)
def test_what_is_spelt_as_asked_comes_first(titled: list[Video], ask: Ask, query: str, first: str) -> None:
    found = names(ask, query)
    assert found[0] == first
    assert len(found) > 1


def test_quotes_and_signs_are_meant_to_the_letter(titled: list[Video], ask: Ask) -> None:
    assert "Telescopes for beginners" not in names(ask, '"telescope"')
    assert names(ask, "dampf -donaudampfschiff") == ["Der Dampf im Kessel"]


def words_there() -> set[str]:
    return set(SearchWord.objects.values_list("word", flat=True))


def test_words_leave_with_the_last_video_that_has_them(titled: list[Video]) -> None:
    assert {"telescope", "telescopes", "donaudampfschiff"} <= words_there()
    Curation.objects.create(video=titled[8], hidden=True)
    Video.objects.filter(pk=titled[0].pk).delete()
    index_due()
    assert not {"telescopes", "donaudampfschiff"} & words_there()
    assert not SearchKey.objects.filter(word__in=["telescopes", "donaudampfschiff"]).exists()
    assert SearchKey.objects.filter(word="telescope").exists()


def test_words_are_counted_once_however_often_their_video_is_indexed(titled: list[Video]) -> None:
    Video.objects.filter(pk=titled[0].pk).update(name="Telescope telescope")
    before = SearchWord.objects.get(word="telescope", language="en").videos
    queue_all_documents()
    index_due()
    assert SearchWord.objects.get(word="telescope", language="en").videos == before + 1
    queue_all_documents()
    index_due()
    assert SearchWord.objects.get(word="telescope", language="en").videos == before + 1


def test_an_own_title_is_found_at_once_in_api_admin_and_autocomplete(
    titled: list[Video], ask: Ask, admin_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        Curation.objects.create(video=titled[0], title="Zymurgy explained")
    assert len(names(ask, "zymurgy")) == len(names(ask, "zymurgies")) == 1
    listed = admin_client.get("/admin/peertube_sync/video/", {"q": "zymurgy"}).content.decode()
    assert f"/video/{titled[0].pk}/" in listed
    asked = {"app_label": "peertube_sync", "model_name": "curation", "field_name": "video", "term": "zymurgy"}
    assert admin_client.get("/admin/autocomplete/", asked).json()["results"][0]["id"] == str(titled[0].pk)
    with django_capture_on_commit_callbacks(execute=True):
        Curation.objects.get(video=titled[0]).delete()
    assert names(ask, "zymurgy") == []


def test_an_own_title_that_comes_by_the_api_is_found_at_once(
    titled: list[Video], ask: Ask, admin_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    address = f"/api/videos/{titled[0].uuid}/curation/"
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.patch(address, {"title": "Zymurgy explained"}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert len(names(ask, "zymurgy")) == 1


def test_the_list_and_autocomplete_of_the_admin_find_other_forms_too(titled: list[Video], admin_client: Client) -> None:
    listed = admin_client.get("/admin/peertube_sync/video/", {"q": "telescope"}).content.decode()
    assert all(f"/video/{video.pk}/" in listed for video in titled[:2])
    asked = {"app_label": "peertube_sync", "model_name": "curation", "field_name": "video", "term": "dampfschiff"}
    found = admin_client.get("/admin/autocomplete/", asked).json()["results"]
    assert [one["id"] for one in found] == [str(titled[8].pk)]
