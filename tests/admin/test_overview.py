"""The overview: figures that lead to the lists that explain them, for who may see these, at a pinned cost."""

import re
import subprocess
import sys
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate, now

from peertube_sync.client.rate_limit import RateLimit
from peertube_sync.models import Candidate, HostBudget, SourceState, SyncRun
from tests.support import builders
from tests.support.admin_pages import StaffClient, listing, names
from tests.support.paths import ROOT

pytestmark = pytest.mark.django_db

QUERIES = 16
"""Session and user; whether there is a source; 12 for figures: none of them per row."""


def overview(client: Client) -> Any:
    return client.get(reverse("admin:app_list", args=["peertube_sync"]))


def cards(client: Client) -> dict[str, tuple[str, str]]:
    shown = overview(client).context["overview"].cards
    return {card.label: (card.value, card.url) for card in shown}


def test_it_is_one_click_from_the_admin_s_index(admin_client: Client) -> None:
    index = admin_client.get(reverse("admin:index")).content.decode()
    assert f'href="{reverse("admin:app_list", args=["peertube_sync"])}"' in index
    html = overview(admin_client).content.decode()
    assert "Videos per day" in html
    assert listing("video") in html


def test_figures_tell_how_the_mirror_stands(admin_client: Client) -> None:
    home = builders.instance(state="ok", next_due_at=now() - timedelta(hours=2))
    builders.source(instance=home, remote_total=6, excluded=1, unread=1)
    builders.source(state=SourceState.SUSPICIOUS, last_error="25 videos are missing")
    builders.source(instance=builders.instance(state="timeout"))
    for number in range(3):
        builders.video(home, missing_since=now() if number else None)
    builders.video(home, removed_at=now())
    builders.world()
    found = {label: value for label, (value, _url) in cards(admin_client).items()}
    assert found["Videos"] == "4"
    assert found["Coverage"] == "80.0 %"
    assert found["Suspicious sources"] == "1"
    assert found["Sources in trouble"] == "2"
    assert found["Removals waiting"] == "2"
    assert found["Lag"] == "2 hours"
    assert found["Skipped items"] == "1"
    assert found["Candidates"] == "1"
    assert int(found["Search queue"]) >= 5


def test_an_empty_one_says_how_to_begin(admin_client: Client, staff: StaffClient) -> None:
    empty = overview(admin_client).content.decode()
    assert "Nothing is mirrored yet" in empty
    assert f'href="{reverse("admin:peertube_sync_source_add")}"' in empty
    looking = overview(staff("view_source")).content.decode()
    assert "ask somebody with the permission" in looking
    builders.source()
    assert "Nothing is mirrored yet" not in overview(admin_client).content.decode()


def test_each_figure_leads_to_a_list_of_just_what_it_counts(admin_client: Client) -> None:
    builders.world()
    builders.source(state=SourceState.SUSPICIOUS)
    builders.source(state=SourceState.UNREADABLE, last_error="12 of 12 could not be read")
    builders.video(missing_since=now())
    Candidate.objects.create(host="rejected.example", heard_from="x.example", rejected_at=now())
    for label, (value, url) in cards(admin_client).items():
        shown = admin_client.get(url)
        assert shown.status_code == 200, label
        if label not in {"Coverage", "Lag", "Search queue"}:
            assert len(names(shown)) == int(value), label


def test_the_chart_counts_days_and_says_the_same_in_words(admin_client: Client) -> None:
    today = now().replace(hour=12, minute=0)
    for ago in (1, 1, 2, 45):
        builders.video(published_at=today - timedelta(days=ago))
    builders.video(published_at=now() + timedelta(days=400))
    response = overview(admin_client)
    bars = response.context["overview"].bars
    assert [bar.videos for bar in bars[-4:]] == [0, 1, 2, 0]
    assert len(bars) == 30
    svg = re.search(r"<svg viewBox=\"0 0 3.*?</svg>", response.content.decode(), re.DOTALL)
    assert svg
    assert [part for part in ('role="img"', "<title", "<desc", "3 in all") if part not in svg[0]] == []
    day = parse_qs(urlsplit(bars[-2].url).query)["day"]
    assert day == [(localdate() - timedelta(days=1)).isoformat()]
    assert len(names(admin_client.get(bars[-2].url))) == 2


def test_instances_are_counted_by_health(admin_client: Client) -> None:
    for state in ("ok", "ok", "timeout"):
        builders.instance(state=state)
    health = overview(admin_client).context["overview"].health
    assert [(label, count, tone) for label, count, tone, _url in health] == [
        ("answers", 2, "good"),
        ("does not answer in time", 1, "bad"),
    ]
    assert len(names(admin_client.get(health[1][3]))) == 1


def test_the_budget_in_use_is_told_per_host(admin_client: Client) -> None:
    home = builders.instance()
    SyncRun.objects.create(instance=home, kind="sweep", state="done", requests=900, waited_seconds=61)
    HostBudget.objects.create(host=home.host, pace=RateLimit(share=0.5).dumps())
    (line,) = overview(admin_client).context["overview"].hosts
    assert (line["host"], line["percent"], line["waited"]) == (home.host, 10, "1:01")


def test_a_store_that_is_out_of_reach_is_said_and_hides_nothing_else(admin_client: Client, settings: Any) -> None:
    home = builders.instance()
    SyncRun.objects.create(instance=home, kind="head", state="done", requests=3)
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "REDIS_URL": "redis://127.0.0.1:1/0"}
    shown = overview(admin_client).context["overview"]
    assert "does not answer" in shown.hosts_trouble
    assert shown.hosts[0]["percent"] is None


def test_it_looks_again_by_itself_while_a_run_is_at_work(admin_client: Client) -> None:
    home = builders.instance()
    run = SyncRun.objects.create(instance=home, kind="head")
    assert 'data-live="10"' in overview(admin_client).content.decode()
    SyncRun.objects.filter(pk=run.pk).update(state="done")
    assert "data-live" not in overview(admin_client).content.decode()


def test_who_may_see_one_list_sees_its_figures_alone(staff: StaffClient) -> None:
    builders.world()
    client = staff("view_skippeditem")
    assert set(cards(client)) == {"Skipped items"}
    html = overview(client).content.decode()
    assert "Videos per day" not in html
    assert "Last runs" not in html


def test_it_costs_the_same_however_much_there_is(admin_client: Client) -> None:
    builders.world()
    overview(admin_client)
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            overview(admin_client)
        assert len(queries) == QUERIES, "\n".join(query["sql"][:200] for query in queries)
        builders.world()


WITHOUT = """
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "peertube_sync"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
)
django.setup()
from django.template import engines
print(engines["django"].from_string("{{ 1|add:1 }}").render())
"""


@pytest.mark.one_database
def test_a_site_without_the_admin_shows_its_templates() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "2", done.stderr
