"""Whoever includes our addresses behind others that take all that comes is told."""

from typing import Any

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import clear_url_caches, include, path, re_path

from tests.support.script_prefix import below

SITE = path("watch/", include("peertube_sync.site.urls"))
API = path("api/", include("peertube_sync.api.urls"))


def serve(_request: HttpRequest, path: str) -> HttpResponse:
    return HttpResponse(path)


PAGES = re_path(r"^((?:[\w\-]+/)*)$", serve)


class Behind:
    urlpatterns = [PAGES, SITE, API]


class Before:
    urlpatterns = [SITE, API, PAGES]


class BehindInLanguages:
    urlpatterns = i18n_patterns(PAGES, SITE)


class ApiBehind:
    urlpatterns = [SITE, PAGES, API]


class WithoutOurs:
    urlpatterns = [PAGES]


@pytest.mark.parametrize("prefix", ["/", "/tube/"])
@pytest.mark.parametrize(
    ("urls", "told"),
    [(Behind, ["site", "api"]), (Before, []), (BehindInLanguages, ["site"]), (ApiBehind, ["api"]), (WithoutOurs, [])],
)
def test_addresses_that_nobody_reaches_are_told(urls: Any, told: list[str], prefix: str) -> None:
    with override_settings(ROOT_URLCONF=urls), below(prefix):
        clear_url_caches()
        found = [one for one in run_checks() if one.id == "peertube_sync.W009"]
    assert [str(one.msg).partition(".urls")[0] for one in found] == [f"peertube_sync.{name}" for name in told]
    assert all("serve" in str(one.msg) and "beginning of urlpatterns" in str(one.hint) for one in found)
