"""Details that a client of PeerTube's own API asks for before a slice has read them."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db import DatabaseError, connection, connections
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from peertube_sync.client.rate_limit import RateLimit
from peertube_sync.models import (
    Curation,
    HostBudget,
    Instance,
    InstanceState,
    OptOut,
    RunKind,
    SourceState,
    SyncRun,
    Video,
)
from peertube_sync.models.tally import Measure, Tally
from peertube_sync.sync import read_through
from peertube_sync.sync.lease import Lease
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror
from tests.support.sandboxes import MANY

ONE = r"/api/v1/videos/[0-9a-f-]{36}$"
"""A question for details."""


@pytest.fixture
def unread(make_synced: Callable[..., Mirror]) -> Mirror:
    """A mirror of lists alone."""
    return make_synced(details=False)


def video(mirror: Mirror, number: int = 0) -> Video:
    """Return one whose home tells files."""
    rows = Video.objects.listed().order_by("pk")
    return [row for row in rows if mirror.catalogue.details(str(row.uuid), mirror.sandbox.host)["files"]][number]


def ask(row: Video, status: int = 200) -> Any:
    answer = Client().get(f"/api/v1/videos/{row.uuid}")
    assert answer.status_code == status, answer.content
    return answer.json()


def asked(mirror: Mirror, since: int = 0) -> list[str]:
    """Return the videos whose details were asked for."""
    return [path.rpartition("/")[2] for path in mirror.asked(since) if path.startswith("/api/v1/videos/")]


def requests(mirror: Mirror) -> float:
    """Return how many requests are told of the instance."""
    return float(Tally.objects.get(instance=mirror.instance, measure=Measure.REQUESTS).number)


def is_sent_home(mirror: Mirror, row: Video, told: Any) -> bool:
    return (told["isLocal"], told["files"], told["url"]) == (False, [], row.url)


def test_details_are_read_answered_and_written(unread: Mirror) -> None:
    row = video(unread)
    published = unread.catalogue.details(str(row.uuid), unread.sandbox.host)
    told = ask(row)
    assert (told["isLocal"], told["description"]) == (True, published["description"])
    assert [one["fileUrl"] for one in told["files"]] == [one["fileUrl"] for one in published["files"]]
    assert sorted(told["tags"]) == sorted(published["tags"])
    assert asked(unread) == [str(row.uuid)]
    assert ask(row) == told
    assert asked(unread) == [str(row.uuid)]
    row.refresh_from_db()
    assert row.details_fetched_at
    assert unread.instance.lease_token is None
    run = SyncRun.objects.get(kind=RunKind.DETAILS)
    assert (run.state, run.result, run.requests) == ("done", {"fetched": 1}, 1)


def test_while_a_slice_is_at_work_it_is_answered_not_written_and_due(unread: Mirror) -> None:
    row = video(unread)
    Video.objects.filter(pk=row.pk).update(details_due_at=timezone.now() + timedelta(days=1))
    before = Video.objects.filter(pk=row.pk).values().get()
    lease = Lease.acquire(unread.instance, 60)
    told = ask(row)
    assert lease
    published = unread.catalogue.details(str(row.uuid), unread.sandbox.host)
    assert (told["isLocal"], sorted(told["tags"])) == (True, sorted(published["tags"]))
    assert told["files"]
    after = Video.objects.filter(pk=row.pk).values().get()
    assert after.pop("details_due_at") <= timezone.now() < before.pop("details_due_at")
    assert after == before
    assert not row.tags.exists()
    assert ask(row) == told  # given to others, and not asked for again
    assert asked(unread) == [str(row.uuid)]
    cache.clear()
    assert is_sent_home(unread, row, ask(row))  # another process that shares no cache knows that it was asked for
    assert asked(unread) == [str(row.uuid)]
    lease.release()
    unread.sync()
    assert unread.differences() == ""
    written = ask(row)
    assert {key: written[key] for key in told.keys() - {"account", "channel"}} == {
        key: told[key] for key in told.keys() - {"account", "channel"}
    }


def test_what_a_slice_has_to_judge_is_not_answered_before_it_has(unread: Mirror) -> None:
    row = video(unread)
    Lease.acquire(unread.instance, 60)
    another = {**unread.catalogue.details(str(row.uuid), unread.sandbox.host)["channel"], "name": "another"}
    for facts in ({"nsfw": not row.nsfw}, {"channel": another}, {"url": "https://other.example/w/1"}):
        HostBudget.objects.all().delete()
        cache.clear()
        unread.sandbox.faults.add(Fault("facts", ONE, facts=facts))
        assert is_sent_home(unread, row, ask(row)), facts
    unread.source.rules = {"exclude_tags": unread.catalogue.details(str(row.uuid), unread.sandbox.host)["tags"][:1]}
    HostBudget.objects.all().delete()
    unread.instance.sources.update(rules={"exclude_tags": ["unwanted"]})
    unread.sandbox.faults.add(Fault("facts", ONE, facts={"tags": ["unwanted"]}))
    cache.clear()
    assert is_sent_home(unread, row, ask(row))
    assert asked(unread) == [str(row.uuid)] * 4


def test_a_video_that_a_rule_excludes_is_gone_once_its_tags_are_written(unread: Mirror) -> None:
    row = video(unread)
    unread.instance.sources.update(rules={"exclude_tags": ["unwanted"]})
    unread.sandbox.faults.add(Fault("facts", ONE, facts={"tags": ["unwanted"]}))
    ask(row, status=404)
    row.refresh_from_db()
    assert row.removed_at


def leave_alone(mirror: Mirror, row: Video, why: str) -> None:
    now = timezone.now()
    instances: dict[str, dict[str, Any]] = {
        "failing": {"failures": 1, "state": InstanceState.TIMEOUT},
        "refuses": {"state": InstanceState.REFUSED},
        "no rules": {"robots_due_at": None},
        "old rules": {"robots_due_at": now},
        "robots.txt": {"robots": "User-agent: *\nDisallow: /api/v1/videos/\n"},
        "crawl delay": {"robots": "User-agent: *\nCrawl-delay: 5\n"},
    }
    if why in instances:
        Instance.objects.update(**instances[why])
    elif why == "paused":
        mirror.instance.sources.update(state=SourceState.PAUSED)
    elif why == "no source":
        mirror.instance.sources.all().delete()
    elif why in {"host opted out", "channel opted out"}:
        name = row.channel.name if why.startswith("channel") else ""
        OptOut.objects.create(host=mirror.sandbox.host, name=name)
    elif why == "missing":
        Video.objects.filter(pk=row.pk).update(missing_since=now)
    elif why == "unreadable":
        Video.objects.filter(pk=row.pk).update(details_due_at=now + timedelta(days=1))
        mirror.instance.skipped_items.create(kind=RunKind.DETAILS, key=str(row.uuid), reason="odd")


@pytest.mark.parametrize(
    "why",
    [
        *("failing", "refuses", "no rules", "old rules", "robots.txt", "crawl delay", "paused", "no source"),
        *("host opted out", "channel opted out", "missing", "unreadable"),
    ],
)
def test_who_may_not_be_asked_is_not_and_clients_are_sent_home(unread: Mirror, why: str) -> None:
    row, before = video(unread), len(unread.sandbox.log)
    leave_alone(unread, row, why)
    assert is_sent_home(unread, row, ask(row))
    assert unread.asked(before) == []


def test_the_setting_turns_it_off(unread: Mirror) -> None:
    row, before = video(unread), len(unread.sandbox.log)
    with override_settings(PEERTUBE_SYNC={**site.PEERTUBE_SYNC, "READ_THROUGH": False}):
        assert is_sent_home(unread, row, ask(row))
    assert unread.asked(before) == []


def test_what_a_visitor_may_not_see_is_not_asked_for(unread: Mirror) -> None:
    row, before = video(unread), len(unread.sandbox.log)
    rows = Video.objects.filter(pk=row.pk)
    for columns in ({"removed_at": timezone.now()}, {"privacy_id": 2}, {"privacy_id": None}, {"double": True}):
        kept = {name: getattr(row, name) for name in columns}
        rows.update(**columns)
        ask(row, status=404)
        rows.update(**kept)
    rows.update(nsfw=True)
    with override_settings(PEERTUBE_SYNC={**site.PEERTUBE_SYNC, "NSFW_POLICY": "hide"}):
        ask(row, status=404)
    Curation.objects.decide(rows, hidden=True)
    ask(row, status=404)
    for name in ("00000000-0000-4000-8000-000000000000", "http%3A%2F%2Fother.example", "99999999", "a@b"):
        assert Client().get(f"/api/v1/videos/{name}").status_code in {400, 404}
    assert unread.asked(before) == []


HOST_FAILS = {
    "error": Fault("status", ONE, times=None, status=500),
    "too many": Fault("too_many", ONE, times=None, retry_after=60),
    "broken off": Fault("reset", ONE, times=None),
    "half": Fault("truncated", ONE, times=None),
    "anti-bot page": Fault("html", ONE, times=None, status=403),
    "redirect": Fault("moved", ONE, times=None, location="http://127.0.0.1:1"),
    "slow": Fault("slow", ONE, times=None, delay=2.0),
    "drops": Fault("drip", ONE, times=None, delay=2.0),
    "huge": Fault("facts", ONE, times=None, facts={"description": "A" * 2**21}),
}


@pytest.mark.parametrize("how", HOST_FAILS)
def test_a_host_that_fails_costs_one_question_and_clients_are_sent_home(
    unread: Mirror, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peertube_sync.sync.read_through.SECONDS", 0.5)
    fault, before = HOST_FAILS[how], requests(unread)
    unread.sandbox.faults.add(replace(fault))
    for number in (0, 1, 0):
        row = video(unread, number)
        assert is_sent_home(unread, row, ask(row))
    assert requests(unread) == before + 1
    assert (unread.instance.state, unread.instance.lease_token) == (InstanceState.OK, None)
    assert not SyncRun.objects.filter(kind=RunKind.DETAILS).exists()


def test_a_source_that_is_down_is_no_error_of_ours(unread: Mirror) -> None:
    row = video(unread)
    unread.sandbox.stop()
    assert is_sent_home(unread, row, ask(row))


def test_an_answer_about_another_video_or_a_private_one_is_neither_shown_nor_asked_for_again(unread: Mirror) -> None:
    row, other = video(unread), video(unread, 1)
    wrong: tuple[dict[str, Any], ...] = (
        {"uuid": str(other.uuid)},
        {"privacy": {"id": 3, "label": "Private"}},
        {"privacy": "odd"},
        {"account": None},
    )
    for facts in wrong:
        cache.clear()
        HostBudget.objects.all().delete()
        before = len(unread.sandbox.log)
        unread.sandbox.faults.add(Fault("facts", ONE, facts=facts))
        for _again in range(2):
            assert is_sent_home(unread, row, ask(row)), facts
        assert asked(unread, before) == [str(row.uuid)], facts
    assert not Video.objects.exclude(details_fetched_at=None).exists()


def test_a_video_that_its_home_refuses_is_left_to_the_slice(unread: Mirror) -> None:
    row = video(unread)
    unread.catalogue.delete_video(str(row.uuid))
    for _again in range(2):
        assert is_sent_home(unread, row, ask(row))
    assert asked(unread) == [str(row.uuid)]
    unread.sync()
    ask(row, status=404)


def test_what_a_slice_could_not_read_is_not_asked_for_again(unread: Mirror) -> None:
    row = video(unread)
    unread.sandbox.faults.add(Fault("facts", f"{row.uuid}$", times=None, facts={"uuid": None}))
    unread.sync()
    before = len(unread.sandbox.log)
    assert is_sent_home(unread, row, ask(row))
    assert unread.asked(before) == []


def test_a_video_of_another_host_is_refused_and_noted_as_a_slice_does(unread: Mirror) -> None:
    row = video(unread)
    unread.sandbox.faults.add(Fault("facts", ONE, times=None, facts={"url": "https://other.example/w/1"}))
    for _again in range(2):
        assert is_sent_home(unread, row, ask(row))
    assert asked(unread) == [str(row.uuid)]
    assert "not at home" in unread.instance.skipped_items.get(key=str(row.uuid)).reason


def test_versions_whose_details_cut_the_text_are_asked_for_the_whole_of_it(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror(version="4.2.2")
    long = next(iter(mirror.catalogue.local_videos(mirror.sandbox.host)))["uuid"]
    mirror.catalogue.edit_video(long, description="word " * 100)
    mirror.add()
    mirror.sync(details=False)
    row = mirror.row(long)
    assert ask(row)["description"] == ("word " * 100)
    assert mirror.asked()[-2:] == [f"/api/v1/videos/{long}", f"/api/v1/videos/{long}/description"]


def test_where_the_budget_is_closed_nobody_waits(unread: Mirror) -> None:
    row, before = video(unread), len(unread.sandbox.log)
    until = time.time() + 60
    closed = RateLimit(closed_until=until)
    HostBudget.objects.update_or_create(
        host=unread.sandbox.host, defaults={"pace": closed.dumps(), "opens_at": closed.opens_at}
    )
    began = time.monotonic()
    assert is_sent_home(unread, row, ask(row))
    assert time.monotonic() - began < 1
    assert unread.asked(before) == []


def test_visitors_cause_a_quarter_of_the_turns_at_most(make_synced: Callable[..., Mirror]) -> None:
    mirror = make_synced(videos=MANY, details=False)
    mirror.sandbox.limit, mirror.sandbox.window = 24, 4.0  # of which half are ours, and of these three the visitors'
    known = RateLimit(limit=24, window=4.0, whole=4.0)
    HostBudget.objects.update_or_create(host=mirror.sandbox.host, defaults={"pace": known.dumps(), "opens_at": 0})
    before = len(mirror.sandbox.log)
    told = [ask(row) for row in Video.objects.listed()]
    times = [one.started for one in mirror.sandbox.log[before:]]
    assert 3 <= len(times) == [one["isLocal"] for one in told].count(True) < len(told) / 2
    assert all(later - first >= 4.0 for first, later in zip(times, times[3:], strict=False))
    mirror.sandbox.limit = None
    mirror.sync()  # the turns that visitors may not have are there for the slices
    assert mirror.differences() == ""


@pytest.mark.django_db(transaction=True)
def test_one_asks_for_many(unread: Mirror) -> None:
    row, answers = video(unread), []
    unread.sandbox.faults.add(Fault("slow", ONE, delay=0.5))

    def visit() -> None:
        answers.append(ask(row))
        connection.close()

    threads = [threading.Thread(target=visit) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(answers) == 20
    assert any(one["files"] for one in answers)
    assert all(one["files"] or is_sent_home(unread, row, one) for one in answers)
    assert asked(unread) == [str(row.uuid)]


def test_while_one_thread_asks_everybody_else_goes_on(unread: Mirror) -> None:
    row, before = video(unread), len(unread.sandbox.log)
    with read_through._asking:
        assert is_sent_home(unread, row, ask(row))
    assert unread.asked(before) == []
    assert ask(row)["isLocal"]


def test_an_answer_without_details_is_not_kept_for_others(unread: Mirror) -> None:
    row = video(unread)
    with override_settings(PEERTUBE_SYNC={**site.PEERTUBE_SYNC, "KEEP_ANSWERS": 60}):
        with read_through._asking:
            first = Client().get(f"/api/v1/videos/{row.uuid}")
        assert not first.json()["isLocal"]
        again = Client().get(f"/api/v1/videos/{row.uuid}", headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.json()["isLocal"]) == (200, True)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_it_asks(unread: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """What keeps the budget refuses whoever is inside a transaction, which ATOMIC_REQUESTS would open."""
    for backend in (connections.settings["default"], connection.settings_dict):
        monkeypatch.setitem(backend, "ATOMIC_REQUESTS", True)
    assert ask(video(unread))["isLocal"]


def test_what_breaks_is_logged_and_costs_no_visitor_anything(
    unread: Mirror, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    row = video(unread)

    def broken(*_given: Any) -> None:
        raise DatabaseError("out of disk")

    monkeypatch.setattr(read_through, "commit_details", broken)
    assert is_sent_home(unread, row, ask(row))
    assert "out of disk" in caplog.text
    assert unread.instance.lease_token is None
