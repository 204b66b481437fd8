"""A date or time that names no zone is in UTC wherever videos are narrowed, in whatever time zone the site lives."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from peertube_sync.models import Video
from peertube_sync.models.rules import RULES
from tests.support.catalogue import Ask

MIDNIGHT = datetime(2024, 5, 31, tzinfo=UTC)
WRITTEN = ["2024-05-31", "2024-05-31T00:00:00", "2024-05-31T00:00:00Z", "2024-05-31T02:00:00+02:00"]
ZONES = ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"]

Find = Callable[[str], set[str]]


@pytest.fixture(params=ZONES)
def _zone(request: pytest.FixtureRequest, settings: Any) -> Iterator[None]:
    settings.TIME_ZONE = request.param
    with timezone.override(request.param):
        yield


@pytest.fixture
def since(catalogue: object, _zone: None) -> set[str]:
    """All videos lie before midnight in UTC by a second but for one; that is meant by a time at midnight."""
    rows = Video.objects.listed()
    rows.update(published_at=MIDNIGHT - timedelta(seconds=1))
    one = rows.order_by("pk")[0]
    Video.objects.filter(pk=one.pk).update(published_at=MIDNIGHT)
    return {str(one.uuid)}


@pytest.mark.parametrize("text", WRITTEN)
def test_all_faces_select_the_same_by_a_time(client: Client, ask: Ask, since: set[str], text: str) -> None:
    found = {
        "api": {one["uuid"] for one in ask("videos/", published_after=text)["results"]},
        "peertube": {
            one["uuid"] for one in client.get("/api/v1/search/videos", {"search": "", "startDate": text}).json()["data"]
        },
        "feed": {
            one["url"].rstrip("/").rpartition("/")[2]
            for one in client.get("/feeds/json/", {"published_after": text}).json()["items"]
        },
    }
    short = {str(one.short_uuid) for one in Video.objects.filter(uuid__in=since)}
    assert found == {"api": since, "peertube": since, "feed": short}
    page = client.get("/videos/", {"published_after": text}).content.decode()
    tag = Template("{% load peertube %}{% peertube_latest published_after=text %}").render(Context({"text": text}))
    for html in (page, tag):
        shown = {one.short_uuid for one in Video.objects.listed() if f"/videos/{one.short_uuid}/" in html}
        assert shown == short


@pytest.mark.usefixtures("_zone")
@pytest.mark.parametrize("text", WRITTEN)
def test_a_rule_begins_at_the_same_moment(text: str) -> None:
    since = RULES["since"].read(text)
    assert since == MIDNIGHT


@pytest.mark.parametrize("before", [timedelta(0), timedelta(seconds=1)])
def test_what_lies_before_a_time_is_told_alike(ask: Ask, since: set[str], before: timedelta) -> None:
    text = f"{MIDNIGHT - before:%Y-%m-%dT%H:%M:%S}"
    found = ask("videos/", published_before=text, page_size=100)["results"]
    expected = Video.objects.listed().exclude(uuid__in=since).count() if not before else 0
    assert len(found) == expected
