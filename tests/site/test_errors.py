"""What visitors get where no page is: one in the look of the site that leads on, with DEBUG off; programs get JSON."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import include, path

from peertube_sync.site.guard import guarded
from project import urls
from tests.support.page import Page

ON = {"/", "/videos/", "/channels/"}
"""Where every such page leads."""


def raising(error: Exception) -> Callable[[HttpRequest], Any]:
    def view(_request: HttpRequest) -> Any:
        raise error

    return view


class Failing:
    """The site with pages that fail, of ours and of others."""

    urlpatterns = [
        path("guarded/", guarded(raising(PermissionDenied()))),
        path("400/", raising(BadRequest())),
        path("403/", raising(PermissionDenied())),
        path("500/", raising(RuntimeError("a bug"))),
        path("api/500/", raising(RuntimeError("a bug"))),
        path("", include(urls.urlpatterns)),
    ]
    handler400, handler403 = urls.handler400, urls.handler403
    handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def visitor(client: Client, settings: Any) -> Client:
    client.raise_request_exception = False
    settings.ROOT_URLCONF = Failing
    return client


def assert_leads_on(answer: Any, status: int) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8"), answer.content
    page = Page(answer.content.decode())
    assert set(page.links()) >= ON
    assert len(page.all("h1")) == len(page.all("input", id="site-search")) == 1
    assert [one.attributes["content"] for one in page.all("meta") if one.attributes.get("name") == "robots"] == [
        "noindex"
    ]
    assert "style-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/videos/nothing/", 404),
        ("/channels/nobody/", 404),
        ("/instances/nowhere.example/", 404),
        ("/channels/?cursor=forged", 400),
        ("/nowhere", 404),
        ("/400/", 400),
        ("/403/", 403),
        ("/500/", 500),
    ],
)
def test_each_failure_has_a_page_in_the_look_of_the_site(visitor: Client, db: None, address: str, status: int) -> None:
    assert_leads_on(visitor.get(address), status)


def test_a_page_that_refuses_somebody_has_the_same_look(visitor: Client, db: None) -> None:
    answer = visitor.get("/guarded/")
    assert answer.status_code == 403
    assert set(Page(answer.content.decode()).links()) >= ON


def test_what_is_sent_to_a_page_is_refused_with_what_is_allowed(visitor: Client, db: None) -> None:
    refused = visitor.post("/videos/")
    assert_leads_on(refused, 405)
    assert refused["Allow"] == "GET, HEAD"


@override_settings(PEERTUBE_SYNC={"SITE_REQUESTS_PER_MINUTE": 1})
def test_who_asks_too_often_is_told_when_to_come_back(visitor: Client, db: None) -> None:
    answers = [visitor.get("/channels/", REMOTE_ADDR="192.0.2.9") for _ in range(3)]
    refused = answers[-1]
    assert_leads_on(refused, 429)
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert f"in {refused['Retry-After']} second" in refused.content.decode()


def test_a_page_that_fails_tells_nothing_of_the_failure(visitor: Client, db: None) -> None:
    assert b"a bug" not in visitor.get("/500/").content


@pytest.mark.parametrize("address", ["/feeds/rss/?cursor=x&page_size=0", "/sitemap-9.xml", "/oembed/?url=x"])
def test_programs_that_read_files_get_plain_text(visitor: Client, db: None, address: str) -> None:
    answer = visitor.get(address)
    assert answer.status_code in {400, 404}
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("address", "status"), [("/api/nowhere/", 404), ("/api/v1/videos/nothing", 400), ("/api/500/", 500)]
)
def test_below_the_api_failures_are_json(visitor: Client, db: None, address: str, status: int) -> None:
    answer = visitor.get(address)
    assert answer.status_code == status
    assert answer["Content-Type"].split(";")[0].endswith("problem+json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer.content)["detail"]


def test_what_goes_wrong_with_the_page_itself_is_told_in_text(
    visitor: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("project.errors.error_page", lambda *_given: {}["its template"])
    answer = visitor.get("/500/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "text/plain; charset=utf-8")


def test_a_list_with_nothing_to_narrow_speaks_of_no_filter(visitor: Client, db: None) -> None:
    told = [
        visitor.get(address).content.decode() for address in ("/videos/", "/videos/?q=zzzz", "/videos/?language=fr")
    ]
    assert ["Take a filter away" in one for one in told] == [False, True, True]
    assert "There is nothing here yet." in told[0]


@pytest.mark.parametrize(
    "address", ["/", "/videos/?q=zzzz", "/videos/", "/channels/", "/playlists/", "/instances/", "/accounts/"]
)
def test_where_nothing_is_found_the_page_leads_on(visitor: Client, db: None, address: str) -> None:
    page = Page(visitor.get(address).content.decode())
    ways = [*page.all("a", class_="site-chip"), *page.all("a", class_="site-button")]
    led = {one.attributes["href"] for one in ways}
    assert led >= (ON - {address} | {"/instances/"} if address in ON else ON)
    assert address not in led
