"""oEmbed: which addresses lead to a page of ours, whatever the project that has it looks like."""

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import translation

from peertube_sync.models import Video
from tests.support.page import Page
from tests.support.script_prefix import below

LANGUAGES = ("en", "de", "fr")


def ask(client: Client, url: str, endpoint: str = "/oembed/", **environment: str) -> HttpResponse:
    return client.get(endpoint, {"url": url}, **environment)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["uuid", "short_uuid"])
@pytest.mark.parametrize("rest", ["/", "", "/?play=1", "?start=3#t"])
def test_every_form_of_the_address_of_a_page_is_known(client: Client, full: Video, form: str, rest: str) -> None:
    answer = ask(client, f"http://testserver/videos/{getattr(full, form)}{rest}")
    assert answer.json()["title"] == full.name


@pytest.mark.parametrize("path", ["/w/{}", "/videos/watch/{}", "/w/{};threadId=3"])
def test_peertubes_addresses_of_it_are_known_where_a_project_has_them(client: Client, full: Video, path: str) -> None:
    assert ask(client, f"http://testserver{path.format(full.short_uuid)}").json()["title"] == full.name


@pytest.fixture
def below_tube() -> Iterator[dict[str, str]]:
    """What a server says of a site below the path `/tube`; Django's test client doesn't pass it on."""
    with below("/tube/"):
        yield {"SCRIPT_NAME": "/tube"}


def test_the_link_of_a_page_below_a_path_works(client: Client, full: Video, below_tube: dict[str, str]) -> None:
    page = Page(client.get(f"/videos/{full.short_uuid}/", **below_tube).content.decode())  # type: ignore[arg-type]
    (link,) = page.all("link", type="application/json+oembed")
    (url,) = parse_qs(urlsplit(link.attributes["href"]).query)["url"]
    assert url == f"http://testserver/tube/videos/{full.short_uuid}/"
    assert ask(client, url, **below_tube).json()["provider_url"] == "http://testserver/tube/"
    assert ask(client, f"http://testserver/videos/{full.short_uuid}/", **below_tube).status_code == 404


def test_so_does_the_one_in_peertubes_shape(client: Client, full: Video, below_tube: dict[str, str]) -> None:
    here = f"http://testserver/tube/w/{full.short_uuid}"
    assert ask(client, here, "/services/oembed", **below_tube).status_code == 200
    beside = ask(client, here.replace("/tube", ""), "/services/oembed", **below_tube)
    assert beside.status_code == 400


@pytest.mark.urls("tests.site.urls_in_languages")
@pytest.mark.parametrize(("endpoint", "page"), [*product(LANGUAGES, LANGUAGES)])
def test_pages_in_other_languages_are_pages_of_this_site(
    client: Client, full: Video, settings: Any, endpoint: str, page: str
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
    for slash in ("/", ""):
        url = f"http://testserver/{page}/watch/videos/{full.uuid}{slash}"
        with translation.override(None):  # the middleware leaves the language of the last request
            answer: Any = ask(client, url, f"/{endpoint}/watch/oembed/")
        assert answer.status_code == 200
        assert answer.json()["author_url"].startswith(f"http://testserver/{endpoint}/watch/channels/")


@pytest.mark.parametrize(
    ("host", "status"),
    [("testserver", 200), ("TESTSERVER", 200), ("other.example", 200), ("a.sub.example:8000", 200)]
    + [(host, 404) for host in ("evil.example", "sub.example.evil.example", "", "testserver@evil.example")],
)
def test_a_site_has_all_the_names_that_it_answers_at(
    client: Client, full: Video, settings: Any, host: str, status: int
) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "other.example", ".sub.example"]
    assert ask(client, f"http://{host}/videos/{full.uuid}/").status_code == status


def test_a_site_that_answers_at_every_name_has_no_pages_elsewhere(client: Client, full: Video, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert ask(client, f"http://evil.example/videos/{full.uuid}/").status_code == 404
    assert ask(client, f"https://mirror.example/videos/{full.uuid}/").status_code == 200
