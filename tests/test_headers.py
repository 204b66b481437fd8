"""The manners of every address there is: security headers on all answers, and a limit for who asks without a login."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseNotModified
from django.test import Client, RequestFactory, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from peertube_sync import headers
from project.headers import Headers

EXPECTED = {"Content-Security-Policy", "X-Frame-Options", *headers.OTHERS}
FACES = ("peertube_sync_site", "peertube_sync_api", "peertube_sync_compat")
FREE = ("favicon.ico", "robots.txt", "admin/")
"""What costs no query; what asks for a login first."""
REFUSED = {401, 403}


def found(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Yield every address of the URLconf, with something in the place of what it names."""
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from found(one.url_patterns, route)
        else:
            yield re.sub(r"\^|(/\?)?\$|\\Z", "", re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]*>", "1", route))


ADDRESSES = sorted({f"/{one}" for one in found(get_resolver().url_patterns)})
OPEN = [one for one in ADDRESSES if not one.startswith(tuple(f"/{free}" for free in FREE))]


def test_the_addresses_are_those_of_the_site() -> None:
    assert {"/", "/videos/1/", "/feeds/rss/", "/sitemap-1.xml", "/oembed/", "/api/docs/", "/api/schema/"} <= {*OPEN}
    assert {"/api/videos/1/", "/api/v1/videos/1", "/api/v1/search/videos", "/admin/login/"} <= {*ADDRESSES}


@pytest.mark.one_database
def test_every_answer_has_the_headers(client: Client, db: None) -> None:
    client.raise_request_exception = False
    for address in [*ADDRESSES, "/nowhere"]:
        answer = client.get(address, headers={"accept": "text/html"})
        assert {name for name in EXPECTED if name not in answer} == set(), address
        policy = answer["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; base-uri 'none'"), address
        assert "frame-ancestors 'none'" in policy, address
        scripts = re.findall(r"script-src ([^;]*)", policy)
        assert scripts in ([], ["'self'"]), address


@pytest.mark.one_database
@override_settings(
    PEERTUBE_SYNC={
        "API_REQUESTS_PER_MINUTE": 1,
        "SITE_REQUESTS_PER_MINUTE": 1,
        "COMPAT_RATE_LIMIT": 1,
        "PICTURES_REQUESTS_PER_MINUTE": 1,
    }
)
def test_every_address_without_a_login_has_a_limit(client: Client, db: None) -> None:
    for address in OPEN:
        cache.clear()
        first, *others = (client.get(address) for _ in range(3))  # the second may be the first of a new window
        if first.status_code not in REFUSED:
            assert first.status_code != 429, address
            assert 429 in [answer.status_code for answer in others], address
            assert all(int(answer["Retry-After"]) >= 1 for answer in others if answer.status_code == 429), address


@pytest.mark.one_database
@override_settings(PEERTUBE_SYNC={"SITE_REQUESTS_PER_MINUTE": 1})
def test_each_visitor_has_a_limit_of_their_own(client: Client, db: None) -> None:
    asked = [client.get("/videos/", REMOTE_ADDR=one).status_code for one in ("192.0.2.1", "192.0.2.2", "192.0.2.1")]
    assert asked == [200, 200, 429]


def headers_of(answer: HttpResponse, url: str = "/", **settings: Any) -> HttpResponse:
    """Pass an answer through the app's middleware as if `url` had been asked for."""
    request = RequestFactory().get(url)
    request.resolver_match = get_resolver().resolve(url)
    with override_settings(**settings):
        return headers.SecurityHeaders(lambda _request: answer)(request)


def test_pages_of_others_are_left_alone() -> None:
    assert "Content-Security-Policy" not in headers_of(HttpResponse(), "/favicon.ico")
    assert "Content-Security-Policy" not in headers_of(HttpResponse(), "/admin/")
    assert {*headers.SecurityHeaders.policies} == {*FACES}


def test_a_policy_that_a_page_has_already_stays() -> None:
    own = HttpResponse(headers={"Content-Security-Policy": "default-src 'self'"})
    assert headers_of(own)["Content-Security-Policy"] == "default-src 'self'"


def test_static_files_and_pictures_may_come_from_where_the_settings_say() -> None:
    told = headers_of(HttpResponse(), STATIC_URL="https://static.example/x/", PEERTUBE_SYNC={})
    directives = dict(one.split(" ", 1) for one in told["Content-Security-Policy"].split("; "))
    assert directives["script-src"] == "'self' https://static.example"
    assert directives["img-src"] == "'self' https://static.example https:"
    assert directives["frame-src"] == "https:"
    private = headers_of(HttpResponse(), PEERTUBE_SYNC={"ALLOW_PRIVATE_HOSTS": True})["Content-Security-Policy"]
    assert "frame-src https: http:;" in private


def test_what_is_no_page_may_do_nothing() -> None:
    told = headers_of(HttpResponse("<x/>", content_type="application/xml"))["Content-Security-Policy"]
    assert "script-src" not in told
    assert "default-src 'none'" in told


def test_an_answer_that_nothing_changed_leaves_the_policy_of_the_page_as_it_is() -> None:
    told = headers_of(HttpResponseNotModified())
    assert "Content-Security-Policy" not in told  # browsers would put it in the place of that of the page they have
    assert told["Referrer-Policy"] == "same-origin"


@override_settings(DEBUG=True)
def test_while_debugging_errors_are_shown_as_django_does() -> None:
    assert "Content-Security-Policy" not in headers_of(HttpResponse(status=404))


def test_the_project_closes_what_is_nobodys() -> None:
    request = RequestFactory().get("/nowhere")
    told = Headers(lambda _request: HttpResponse())(request)["Content-Security-Policy"]
    assert "script-src" not in told


@pytest.mark.one_database
@pytest.mark.parametrize("method", ["head", "options", "post", "put", "patch", "delete", "trace"])
def test_no_method_breaks_an_address(client: Client, db: None, method: str) -> None:
    client.raise_request_exception = False
    broken = [address for address in OPEN if getattr(client, method)(address).status_code >= 500]
    assert broken == []
