"""Every video of the API tells where its page is on this site, whoever asks and wherever pages are included."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.test import Client
from django.urls import clear_url_caches, include, path
from django.utils import translation

from peertube_sync.ingest.answers import write_answers
from peertube_sync.models import AnswerPart, Playlist, Video
from tests.support.script_prefix import below

API = path("api/", include("peertube_sync.api.urls"))
SITE = path("watch/", include("peertube_sync.site.urls"))


class ApiAlone:
    urlpatterns = [API]


class InLanguages:
    urlpatterns = [API, *i18n_patterns(SITE)]


class DeepDown:
    urlpatterns = [API, path("media/tv/", include([SITE]))]


@pytest.fixture
def included(settings: Any) -> Callable[[Any], None]:
    """Let the site have other addresses."""

    def include_as(urls: Any) -> None:
        settings.ROOT_URLCONF = urls
        clear_url_caches()

    return include_as


def lists(video: Video) -> list[str]:
    channel, account = video.channel.handle, video.account.handle
    found = ["/api/videos/", "/api/videos/?page_size=100&ordering=name", f"/api/videos/?q={video.name.split()[0]}"]
    return [*found, f"/api/channels/{channel}/videos/", f"/api/accounts/{account}/videos/"]


def rows(client: Client, video: Video) -> list[dict[str, Any]]:
    """Return a video in full, and the videos of lists of all kinds, elements of playlists too."""
    found = [client.get(f"/api/videos/{video.uuid}/").json()]
    for address in lists(video):
        found += client.get(address).json()["results"]
    for playlist in Playlist.objects.available():
        elements = client.get(f"/api/playlists/{playlist.uuid}/elements/").json()["results"]
        found += [one["video"] for one in elements if one["video"]]
    return found


@pytest.mark.parametrize("written", [False, True], ids=["made anew", "of parts"])
def test_every_video_tells_a_page_that_is_there(client: Client, full: Video, *, written: bool) -> None:
    if written:
        write_answers()
        assert AnswerPart.objects.exists()
    found = rows(client, full)
    assert len(found) > 40
    assert all(one["page_url"] == f"http://testserver/videos/{one['short_uuid']}/" for one in found)
    assert client.get(found[0]["page_url"]).status_code == 200
    elsewhere = client.get(f"/api/videos/{full.uuid}/", secure=True, headers={"host": "testserver:8443"}).json()
    assert elsewhere["page_url"] == f"https://testserver:8443/videos/{full.short_uuid}/"


@pytest.mark.parametrize("written", [False, True], ids=["made anew", "of parts"])
@pytest.mark.parametrize(
    ("urls", "begin"), [(ApiAlone, None), (InLanguages, "/en/watch/videos/"), (DeepDown, "/media/tv/watch/videos/")]
)
def test_it_follows_where_the_pages_are_included(
    client: Client, full: Video, included: Callable[[Any], None], urls: Any, begin: str | None, *, written: bool
) -> None:
    included(urls)
    if written:
        write_answers()
    for language in ("en", "de"):
        with translation.override(language):
            found = rows(client, full)
        expected = [begin and f"http://testserver{begin}{one['short_uuid']}/" for one in found]
        assert [one["page_url"] for one in found] == expected


def test_below_a_script_name_it_has_that(client: Client, full: Video) -> None:
    write_answers()  # by a worker, which knows of no script name
    with below("/tube/"):
        found = client.get("/api/videos/").json()["results"]
    assert {one["page_url"].rpartition("/videos/")[0] for one in found} == {"http://testserver/tube"}


def test_no_text_of_an_instance_becomes_an_address_of_ours(client: Client, full: Video) -> None:
    Video.objects.filter(pk=full.pk).update(support="\x1bevil", extra={"note": "\x1bevil"})
    found = client.get(f"/api/videos/{full.uuid}/").json()
    assert (found["support"], found["extra"]) == ("\x1bevil", {"note": "\x1bevil"})


def test_it_can_be_asked_for_alone(client: Client, full: Video) -> None:
    found = client.get("/api/videos/?fields=page_url&page_size=1").json()["results"]
    assert [*found[0]] == ["page_url"]
    assert found[0]["page_url"].startswith("http://testserver/videos/")
