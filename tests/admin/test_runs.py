"""Pages of runs: what came of them, how far they are, what they cost."""

import pytest
from django.test import Client
from django.utils.html import escape
from django.utils.timezone import now

from peertube_sync.models import SyncRun
from tests.support import builders
from tests.support.admin_pages import listing, page

pytestmark = pytest.mark.django_db


def test_a_run_tells_what_came_of_it_and_what_it_cost(admin_client: Client) -> None:
    home = builders.instance()
    SyncRun.objects.create(
        instance=home,
        kind="sweep",
        state="failed",
        created=1200,
        removed=3,
        requests=25,
        rate_limited=1,
        waited_seconds=75,
        error="video.example gives no answer",
    )
    html = admin_client.get(listing("syncrun")).content.decode()
    told = (
        "1\N{NARROW NO-BREAK SPACE}200 created, 3 removed",
        "1 rate limited",
        "1:15",
        "video.example gives no answer",
    )
    assert [words for words in told if words not in html] == []


def test_an_error_begins_with_what_is_wrong_however_much_was_asked_for(admin_client: Client) -> None:
    home = builders.instance()
    error = f"{home.url}/api/v1/videos?start=0&count=100&sort=-publishedAt&nsfw=both&isLocal=true answered 500: Oh no"
    SyncRun.objects.create(instance=home, kind="head", state="failed", error=error)
    html = admin_client.get(listing("syncrun")).content.decode()
    assert f'title="{escape(error)}">/api/v1/videos answered 500: Oh no</span>' in html


def test_a_finished_run_of_details_says_what_came_of_it(admin_client: Client) -> None:
    builders.world()
    run = SyncRun.objects.create(instance=builders.instance(), kind="details", state="done", result={"fetched": 12})
    run.refresh_from_db()
    html = admin_client.get(listing("syncrun")).content.decode()
    assert '<td class="field-outcome">12 fetched</td>' in html


def test_a_run_at_work_shows_how_far_it_is_and_looks_again_by_itself(admin_client: Client) -> None:
    source = builders.source(remote_total=400)
    run = SyncRun.objects.create(instance=source.instance, source=source, kind="sweep", created=90, unchanged=10)
    html = admin_client.get(page(run)).content.decode()
    assert 'value="100" max="400"' in html
    assert "100 of 400" in html
    assert 'data-live="3"' in html
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in html
    SyncRun.objects.filter(pk=run.pk).update(state="done")
    html = admin_client.get(page(run)).content.decode()
    assert [part for part in ("data-live", "<progress", "http-equiv") if part in html] == []


def test_details_show_how_many_are_still_due(admin_client: Client) -> None:
    video = builders.video(details_due_at=now())
    run = SyncRun.objects.create(instance=video.instance, kind="details", result={"fetched": 3})
    assert "3 of 4" in admin_client.get(page(run)).content.decode()
