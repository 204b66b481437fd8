"""The metrics: who may read them, that they are what Prometheus can read, and that they say what happened."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from math import inf
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from django.utils import timezone
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from peertube_sync.conf import get_settings
from peertube_sync.models import (
    Instance,
    InstanceState,
    Measure,
    RunKind,
    RunState,
    SearchDue,
    Source,
    SourceState,
    SyncRun,
    Tally,
    Video,
)
from peertube_sync.models.tally import RING_SECONDS
from peertube_sync.sync.schedule import make_due
from peertube_sync.testing import Catalogue, Fault
from tests.support.markdown import table
from tests.support.mirror import Mirror
from tests.support.paths import ROOT

pytestmark = pytest.mark.django_db

TOKEN = "sk-of-the-monitor-3Qd9vYk2"
DASHBOARD = ROOT / "docs" / "grafana-dashboard.json"
NAME = re.compile(r"[a-z][a-z0-9_]*")


@pytest.fixture(autouse=True)
def _token() -> Any:
    with override_settings(PEERTUBE_SYNC={**django_settings.PEERTUBE_SYNC, "METRICS_TOKEN": TOKEN}):
        yield


def ask(client: Client | None = None, *, token: str = "", **headers: str) -> Any:
    bearer = {"authorization": f"Bearer {token}"} if token else {}
    return (client or Client()).get("/api/metrics/", headers={**bearer, **headers})


class Scrape:
    """What one answer tells."""

    def __init__(self) -> None:
        answer = ask(token=TOKEN)
        assert answer.status_code == 200, answer.content
        self.text: str = answer.content.decode()
        self.families: list[Metric] = list(parse_text(self.text))
        self.samples = {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for one in self.families
            for sample in one.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        return self.samples[(f"peertube_sync_{name}", *sorted(labels.items()))]

    def labels(self, name: str, label: str) -> set[str]:
        wanted = f"peertube_sync_{name}"
        return {dict(key[1:])[label] for key in self.samples if key[0] == wanted}


class TestWhoMayRead:
    def test_nobody_is_told_how_to_come_back(self) -> None:
        answer = ask()
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert answer["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize("token", ["wrong", TOKEN[:-1], f"{TOKEN}x", "ü"])
    def test_another_token_is_none(self, token: str) -> None:
        assert ask(token=token).status_code == 401

    def test_the_token_lets_in_and_no_cache_keeps_the_answer(self) -> None:
        answer = ask(token=TOKEN)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
        assert answer["Cache-Control"] == "private, no-store"

    def test_without_a_token_in_the_settings_none_lets_in(self) -> None:
        with override_settings(PEERTUBE_SYNC={**django_settings.PEERTUBE_SYNC, "METRICS_TOKEN": ""}):
            for given in ("Bearer", "Bearer ", "Bearer x"):
                assert ask(authorization=given).status_code == 401

    def test_staff_may_and_other_people_may_not(self) -> None:
        for number, (is_staff, status) in enumerate([(True, 200), (False, 403)]):
            client = Client()
            client.force_login(get_user_model().objects.create_user(f"user{number}", is_staff=is_staff))
            assert ask(client).status_code == status

    def test_the_token_is_nowhere_to_be_read(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("DEBUG")
        answers = [ask(token=TOKEN), ask(token=f"{TOKEN}x")]
        assert all(TOKEN not in answer.content.decode() for answer in answers)
        assert TOKEN not in caplog.text

    def test_the_token_is_not_shown_with_the_settings(self) -> None:
        assert TOKEN not in repr(get_settings())
        with (
            override_settings(PEERTUBE_SYNC={"METRICS_TOKEN": f"{TOKEN}\n"}),
            pytest.raises(ImproperlyConfigured) as told,
        ):
            get_settings()
        assert TOKEN not in str(told.value)

    def test_a_parameter_that_there_is_not_is_refused(self) -> None:
        assert Client().get(f"/api/metrics/?token={TOKEN}").status_code == 401
        assert Client().get("/api/metrics/?x=1", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 400


@pytest.mark.one_database
def test_without_prometheus_client_the_answer_names_the_extra() -> None:
    code = """
import sys
sys.modules["prometheus_client"] = None
from project import settings
settings.MIDDLEWARE.remove("peertube_sync.durations.RequestDurations")
import django
django.setup()
from django.test import Client
answer = Client().get("/api/metrics/", HTTP_HOST="localhost")
print(answer.status_code, answer.json()["detail"])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("501 ")
    assert 'pip install "django-peertube-sync[metrics]"' in done.stdout


class TestFormat:
    def test_every_family_is_valid_and_told_once(self, mirror: Mirror) -> None:
        Client().get("/api/videos/")
        scrape = Scrape()
        names = [one.name for one in scrape.families]
        assert names
        assert [name for name, number in Counter(names).items() if number > 1] == []
        for one in scrape.families:
            assert NAME.fullmatch(one.name), one.name
            assert one.documentation.strip().endswith("."), one.name
            assert one.type in {"gauge", "counter", "histogram"}, one.name
            assert f"# HELP {one.name}" in scrape.text
            if one.type == "counter":
                assert all(sample.name == f"{one.name}_total" for sample in one.samples), one.name
        told = [(one.name, *sorted(one.labels.items())) for family in scrape.families for one in family.samples]
        assert len(told) == len(set(told))

    def test_all_of_it_is_ours_and_units_stand_at_the_end(self, mirror: Mirror) -> None:
        for one in Scrape().families:
            assert one.name.startswith("peertube_sync_")
            if "second" in one.name and not one.name.endswith("_created"):
                assert one.name.endswith("_seconds"), one.name

    def test_who_asks_for_openmetrics_gets_it(self, mirror: Mirror) -> None:
        answer = ask(token=TOKEN, accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
        assert answer["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
        names = {one.name for one in parse_openmetrics(answer.content.decode())}
        assert {"peertube_sync_videos", "peertube_sync_requests"} <= names

    def test_any_accept_is_answered(self) -> None:
        for accept in ("text/plain", "text/html", "image/png", "*/*"):
            assert ask(token=TOKEN, accept=accept).status_code == 200

    def test_hosts_cannot_break_out_of_their_label(self) -> None:
        evil = 'a"} 1\n# HELP x'
        Source.objects.create(instance=Instance.objects.create(host=evil))
        assert Scrape()("instance_videos", instance=evil) == 0


class TestFigures:
    def test_they_say_what_was_mirrored_and_what_it_cost(self, make_mirror: Callable[..., Mirror]) -> None:
        made = make_mirror(Catalogue.generate(videos=12, seed=3))
        made.add()
        begun = len(made.sandbox.log)
        made.sync()
        host, scrape = made.sandbox.host, Scrape()
        sent = len(made.sandbox.log) - begun
        listed = len(made.listed())
        for prefix, labels in (("", {}), ("instance_", {"instance": host})):
            assert scrape(f"{prefix}videos", **labels) == listed
            assert scrape(f"{prefix}wanted_videos", **labels) == listed
            assert scrape(f"{prefix}coverage_ratio", **labels) == 1
            assert scrape(f"{prefix}requests_total", **labels) == sent
            assert scrape(f"{prefix}lag_seconds", **labels) < 60
            assert scrape(f"{prefix}due", kind="details", **labels) == 0
            for kind in ("head", "sweep", "details"):
                assert scrape(f"{prefix}runs_total", kind=kind, state="done", **labels) >= 1
        assert scrape("instances", state="ok") == scrape("instance_state", instance=host, state="ok") == 1
        assert scrape("sources", state="active") == 1
        assert scrape("search_queue") == 0

    def test_what_no_list_shows_is_not_counted(self, mirror: Mirror) -> None:
        now, (first, second, third, fourth) = timezone.now(), Video.objects.order_by("pk")[:4]
        Video.objects.filter(pk=first.pk).update(removed_at=now)
        Video.objects.filter(pk=second.pk).update(delisted_at=now)
        Video.objects.filter(pk=third.pk).update(privacy_id=2)
        Video.objects.filter(pk=fourth.pk).update(privacy_id=None, delisted_at=now, removed_at=now)
        assert Scrape()("videos") == Video.objects.count() - 4

    def test_runs_and_requests_are_those_of_the_rows(self, make_mirror: Callable[..., Mirror]) -> None:
        made = make_mirror(Catalogue.generate(videos=12, seed=3))
        made.add()
        made.sync()
        made.sync(full=True)
        scrape = Scrape()
        for kind, number in Counter(SyncRun.objects.values_list("kind", flat=True)).items():
            assert scrape("runs_total", kind=kind, state="done") == number

    def test_what_is_due_is_told_by_kind(self, mirror: Mirror) -> None:
        hour_ago = timezone.now() - timedelta(hours=1)
        Video.objects.update(captions_due_at=hour_ago)
        Source.objects.update(sweep_due_at=hour_ago, sweep_at=hour_ago, head_at=hour_ago)
        Instance.objects.update(next_due_at=hour_ago)
        scrape, host = Scrape(), mirror.sandbox.host
        assert scrape("due", kind="captions") == Video.objects.count()
        assert scrape("instance_due", kind="sweep", instance=host) == 1
        assert 3600 <= scrape("overdue_seconds") < 3700
        assert 3600 <= scrape("instance_lag_seconds", instance=host) < 3700
        Source.objects.update(state=SourceState.PAUSED)
        assert Scrape()("due", kind="captions") == 0

    def test_failures_and_429_are_counted_by_class_run_or_no_run(self, mirror: Mirror) -> None:
        mirror.sandbox.faults.add(Fault("status", status=429, retry_after=1, times=None))
        make_due([mirror.source], full=False)
        mirror.slice()
        mirror.sandbox.faults.clear()
        host, scrape = mirror.sandbox.host, Scrape()
        assert scrape("rate_limited_total") == scrape("instance_rate_limited_total", instance=host) >= 1
        assert scrape("failures_total", state="rate_limited") == 1
        assert scrape("instance_failures_total", instance=host, state="rate_limited") == 1
        assert scrape("instance_state", instance=host, state="rate_limited") == 1
        assert scrape("instance_failing_seconds", instance=host) > 0

    def test_what_a_killed_process_left_open_is_a_failed_run(self, mirror: Mirror) -> None:
        SyncRun.objects.create(instance=mirror.instance, kind=RunKind.DETAILS)
        assert Scrape()("open_runs", kind="details") == 1
        mirror.sync()
        scrape = Scrape()
        assert scrape("runs_total", kind="details", state="failed") == 1
        assert scrape("open_runs", kind="details") == 0

    def test_counters_never_fall_whatever_is_removed(self, mirror: Mirror) -> None:
        before = Scrape()
        SyncRun.objects.all().delete()
        assert Scrape()("requests_total") == before("requests_total") > 0
        mirror.instance.delete()
        after = Scrape()
        for name, labels in (("requests_total", {}), ("runs_total", {"kind": "sweep", "state": "done"})):
            assert after(name, **labels) == before(name, **labels) > 0
        assert after("videos") == 0
        assert after.labels("instance_videos", "instance") == {"other"}

    def test_an_empty_site_says_zero(self) -> None:
        scrape = Scrape()
        for name in ("videos", "requests_total", "rate_limited_total", "search_queue", "overdue_seconds"):
            assert scrape(name) == 0
        assert ("peertube_sync_coverage_ratio",) not in scrape.samples


def many(number: int) -> None:
    """Make instances of which everything is told that can be."""
    now = timezone.now()
    states = InstanceState.values
    made = Instance.objects.bulk_create(
        Instance(
            host=f"video{n}.example",
            state=states[n % len(states)],
            failing_since=now - timedelta(hours=n) if n % 2 else None,
        )
        for n in range(number)
    )
    Source.objects.bulk_create(Source(instance=one, remote_total=10) for one in made)
    labels = [(Measure.REQUESTS, ""), (Measure.RATE_LIMITED, ""), (Measure.WAITED_SECONDS, "")]
    labels += [(Measure.FAILURES, state) for state in states]
    labels += [
        (Measure.RUNS, f"{kind} {state}") for kind in RunKind.values for state in (RunState.DONE, RunState.FAILED)
    ]
    labels += [(Measure.RINGS, bound) for bound in RING_SECONDS]
    Tally.objects.bulk_create(
        (Tally(instance=one, measure=measure, label=label, number=1) for one in made for measure, label in labels),
        batch_size=5000,
    )


class TestBounds:
    def test_2000_instances_cost_what_200_do(self, django_assert_max_num_queries: Callable[[int], Any]) -> None:
        many(2000)
        with django_assert_max_num_queries(27):
            scrape = Scrape()
        named = scrape.labels("instance_videos", "instance")
        assert len(named) == 201
        assert "other" in named
        assert scrape.labels("instance_requests_total", "instance") == named - {"other"}
        assert scrape("requests_total") == 2000
        per_instance = 7 + 11 + 1 + 3 + len(InstanceState) + 2 * len(RunKind) + len(RING_SECONDS)
        of_rows = [key for key in scrape.samples if "_http_" not in key[0]]
        assert len(of_rows) <= 202 * per_instance + 40

    def test_those_without_a_name_are_told_together(self) -> None:
        many(50)
        with override_settings(
            PEERTUBE_SYNC={**django_settings.PEERTUBE_SYNC, "METRICS_TOKEN": TOKEN, "METRICS_INSTANCES": 8}
        ):
            scrape = Scrape()
        named = scrape.labels("instance_videos", "instance") - {"other"}
        assert len(named) == 8
        assert {"video49.example", "video47.example", "video45.example", "video43.example"} <= named, "failing longest"
        assert scrape("instance_wanted_videos", instance="other") == 420
        assert scrape("wanted_videos") == 500
        states = [scrape.samples[key] for key in scrape.samples if key[0] == "peertube_sync_instance_state"]
        assert sum(states) == 50

    def test_a_host_called_other_is_among_the_others(self) -> None:
        Source.objects.create(instance=Instance.objects.create(host="other"), remote_total=3)
        assert Scrape()("instance_wanted_videos", instance="other") == 3

    def test_the_search_queue_is_counted(self) -> None:
        SearchDue.objects.bulk_create(SearchDue(video_id=n) for n in range(5))
        assert Scrape()("search_queue") == 5


class TestDurations:
    def test_they_are_told_by_face_name_method_and_class_of_status(self, mirror: Mirror) -> None:
        def number(**labels: str) -> float:
            return Scrape().samples.get(
                ("peertube_sync_http_request_duration_seconds_count", *sorted(labels.items())), 0.0
            )

        for path, status, labels in (
            ("/api/videos/", 200, {"face": "api", "route": "videos-list"}),
            ("/api/videos/?nothing=1", 400, {"face": "api", "route": "videos-list"}),
            ("/api/v1/videos", 200, {"face": "compat", "route": "videos"}),
            (f"/api/v1/videos/{mirror.listed()[0]['uuid']}", 200, {"face": "compat", "route": "videos/<name>"}),
            ("/videos/", 200, {"face": "site", "route": "videos"}),
        ):
            all_labels = {**labels, "method": "GET", "status": f"{status // 100}xx"}
            before = number(**all_labels)
            assert Client().get(path).status_code == status
            assert number(**all_labels) == before + 1, path

    def test_what_strangers_make_up_makes_no_series(self) -> None:
        def series() -> set[Any]:
            return {key for key in Scrape().samples if key[0].startswith("peertube_sync_http_")}

        Client().generic("BREW", "/api/videos/")
        Client().get("/api/channels/nobody@nowhere/")
        series()  # the scrape before was measured too
        before = series()
        for n in range(5):
            Client().generic(f"BREW{n}", "/api/videos/")
            Client().get(f"/api/channels/nobody{n}@nowhere/")
            Client().get(f"/nowhere/{n}")
        assert series() == before

    def test_buckets_end_with_infinity_and_add_up(self) -> None:
        Client().get("/api/health/")
        (family,) = [one for one in Scrape().families if one.name == "peertube_sync_http_request_duration_seconds"]
        good = {"route": "health", "method": "GET", "status": "2xx"}
        health = [one for one in family.samples if good.items() <= one.labels.items()]
        buckets = [(float(one.labels["le"]), one.value) for one in health if one.name.endswith("_bucket")]
        assert buckets[-1][0] == inf
        assert [value for _le, value in buckets] == sorted(value for _le, value in buckets)
        assert buckets[-1][1] == next(one.value for one in health if one.name.endswith("_count"))


def expressions(of: Any) -> list[str]:
    """Return all queries in a dashboard."""
    if isinstance(of, dict):
        return [
            text
            for key, one in of.items()
            for text in ([one] if key in {"expr", "query"} and isinstance(one, str) else expressions(one))
        ]
    return [text for one in of for text in expressions(one)] if isinstance(of, list) else []


def test_every_metric_is_told_with_its_labels(mirror: Mirror) -> None:
    Client().get("/api/videos/")
    many(len(InstanceState))
    exposed: dict[str, set[str]] = {}
    for family in Scrape().families:
        for one in family.samples:
            name = family.name if family.type == "histogram" else one.name
            exposed.setdefault(name.removesuffix("_created"), set()).update(one.labels.keys() - {"le"})
    told = {}
    for whole, each, labels, _meaning in table("docs/operations.md", "Metrics"):
        named = set(re.findall(r"\w+", labels))
        told[f"peertube_sync_{whole}"] = named
        if each != "-":
            told[f"peertube_sync_{each.strip('`')}"] = named | {"instance"}
    assert told == exposed


def test_the_dashboard_names_metrics_that_there_are(mirror: Mirror) -> None:
    Client().get("/api/videos/")
    many(len(InstanceState))
    samples = {key[0] for key in Scrape().samples}
    queries = expressions(json.loads(DASHBOARD.read_text()))
    named = {name for query in queries for name in re.findall(r"\bpeertube_sync_\w+", query)}
    assert len(named) > 15
    assert named - samples == set()
