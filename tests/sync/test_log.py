"""The log: it tells which host fails, why, since when, and when it is tried again; facts are columns."""

import logging
import re
import socket
import time
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from peertube_sync.models import Instance, Source
from peertube_sync.sync.drain import Totals, drain
from peertube_sync.sync.operations.optout import opt_out, undo_opt_out
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror
from tests.support.servers import free_port


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[str], list[Any]]:
    """Return the records of an event."""
    caplog.set_level(logging.DEBUG, "peertube_sync")
    return lambda event: [record for record in caplog.records if getattr(record, "event", "") == event]


@pytest.fixture
def four(make_mirror: Callable[..., Mirror]) -> dict[str, Mirror | str]:
    """One good host, one that answers 500, one that answers 429, and a dead one."""
    good, broken, busy = (make_mirror() for _ in range(3))
    for mirror in (good, broken, busy):
        mirror.add()
    broken.sandbox.faults.add(Fault("status", "", times=None, status=500))
    busy.sandbox.faults.add(Fault("too_many", "^/api", times=None, retry_after=30))
    dead = f"127.0.0.1:{free_port()}"
    Source.objects.create(instance=Instance.objects.create(host=dead, scheme="http"), kind="instance")
    return {"good": good, "broken": broken, "busy": busy, "dead": dead}


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peertube_sync.client.transport.BACKOFF", 0.0)


def once(mirror: Mirror) -> Totals:
    return drain(Instance.objects.all(), mirror.settings(), sleep=lambda _seconds: pytest.fail("it waited"))


@pytest.mark.django_db(transaction=True)
def test_a_round_of_four_hosts_tells_who_fails_why_since_when_and_until_when(
    four: dict[str, Any], log: Callable[[str], list[Any]]
) -> None:
    servers = [four[name].sandbox for name in ("good", "broken", "busy")]
    asked = sum(len(sandbox.log) for sandbox in servers)
    began = time.monotonic()
    totals = once(four["good"])
    assert time.monotonic() - began < 30
    assert totals.created == len(four["good"].listed())
    failed = {record.host: record for record in log("instance_failed")}
    hosts = [four["broken"].sandbox.host, four["busy"].sandbox.host, four["dead"]]
    assert sorted(failed) == sorted(hosts)
    states = [failed[host].state for host in hosts]
    assert states == ["server_error", "rate_limited", "connection_refused"]
    for record in failed.values():
        assert record.levelno == logging.WARNING
        assert record.reason
        assert record.failures == 1
        assert record.failing_since < record.next_try_at
        for fact in (record.host, record.reason, record.next_try_at):
            assert fact in record.getMessage()
    assert {record.host for record in log("rate_limited")} == {four["busy"].sandbox.host}
    (ended, *_more) = [one for one in log("slice_ended") if one.host == four["good"].sandbox.host]
    assert ended.levelno == logging.INFO
    held = len(four["good"].listed())
    assert (ended.videos_created, ended.videos_fetched, ended.ended) == (held, held, "all is done")
    assert ended.requests > 0
    assert len(totals.errors) == 3
    assert len(totals.left) == 3
    assert totals.rate_limited == 1
    assert totals.requests == sum(len(sandbox.log) for sandbox in servers) - asked + 1, "and one that nobody took"
    spent = [one for one in log("slice_ended") if one.host == four["busy"].sandbox.host]
    assert [one.rate_limited for one in spent] == [1]


@pytest.mark.django_db(transaction=True)
def test_the_command_tells_each_failure_once_with_both_times(four: dict[str, Any], settings: Any) -> None:
    settings.PEERTUBE_SYNC = {"ALLOW_PRIVATE_HOSTS": True, "RATE_LIMIT_SHARE": 1.0}
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("peertube_sync", stdout=out)
    reasons = str(failed.value).splitlines()
    assert len(reasons) == 3
    for reason in reasons:
        assert reason not in out.getvalue()
    told = out.getvalue().splitlines()[2:]
    for host in (four["broken"].sandbox.host, four["busy"].sandbox.host, four["dead"]):
        (line,) = [line for line in told if line.startswith(f"{host} ")]
        assert re.search(r" fails since \d{4}-\d\d-\d\d .* UTC and is left until \d{4}-\d\d-\d\d .* UTC$", line)


@pytest.mark.django_db(transaction=True)
def test_a_host_that_is_well_again_is_told(four: dict[str, Any], log: Callable[[str], list[Any]]) -> None:
    once(four["good"])
    four["broken"].sandbox.faults.clear()
    four["broken"].skip_time(0)
    once(four["good"])
    (record,) = log("instance_recovered")
    assert (record.host, record.levelno) == (four["broken"].sandbox.host, logging.INFO)
    assert record.failing_since


def test_missing_removed_and_restored_are_told_in_counts(mirror: Mirror, log: Callable[[str], list[Any]]) -> None:
    gone, hidden = (item["uuid"] for item in mirror.listed()[:2])
    mirror.catalogue.delete_video(gone)
    mirror.catalogue.hide(hidden)
    mirror.sync(full=True)
    mirror.catalogue.publish(hidden)
    mirror.sync(full=True)
    assert sum(record.missing for record in log("videos_missing")) == 2
    assert sum(record.videos_removed for record in log("slice_ended")) == 2
    assert sum(record.videos_restored for record in log("slice_ended")) == 1


def test_opt_outs_and_sources_are_told(mirror: Mirror, log: Callable[[str], list[Any]]) -> None:
    host, held = mirror.sandbox.host, len(mirror.listed())
    opt_out(host)
    undo_opt_out(host)
    (out,), (back,) = log("opted_out"), log("opt_out_undone")
    assert (out.host, out.videos, back.host) == (host, held, host)
    mirror.add()
    assert [record.host for record in log("source_added")] == [host]


def test_what_servers_write_forges_no_line(make_mirror: Callable[..., Mirror], log: Callable[[str], list[Any]]) -> None:
    mirror = make_mirror()
    mirror.add()
    forged = "oops\n2026-01-01 00:00:00 INFO all is well\u202e" + "x" * 5000
    mirror.sandbox.faults.add(Fault("facts", "^/nodeinfo/", times=None, facts={"software": {"name": forged}}))
    mirror.slice()
    assert log("instance_failed")
    for record in log("instance_failed"):
        message = record.getMessage()
        assert message.isprintable()
        assert len(message) < 2000


@pytest.mark.django_db(transaction=True)
def test_a_host_that_says_nothing_delays_the_others_not(
    make_mirror: Callable[..., Mirror], log: Callable[[str], list[Any]]
) -> None:
    good = make_mirror()
    good.add()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        Source.objects.create(instance=Instance.objects.create(host=host, scheme="http"), kind="instance")
        totals = drain(Instance.objects.all(), good.settings(request_timeout=3.0))
    assert totals.created == len(good.listed())
    assert [record.state for record in log("instance_failed")] == ["timeout"]
