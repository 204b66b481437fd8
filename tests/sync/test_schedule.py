"""Many hosts: who is asked when, side by side, after a day without workers, beside a dead one."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from threading import Event, Thread
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from peertube_sync.conf import Settings, get_settings
from peertube_sync.models import Instance, InstanceState, RunKind, SyncRun, Video
from peertube_sync.sync.drain import drain
from peertube_sync.sync.operations.add import add_source, plan_source
from peertube_sync.sync.watch import DueInstances
from peertube_sync.testing import Catalogue, Fault, Sandbox

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LISTS = {"/api/v1/videos"}


def settings(**changed: Any) -> Settings:
    """A share of its own: these hosts are asked in a future that others' budgets must not remember."""
    return replace(get_settings(), rate_limit_share=0.99, **changed)


@pytest.fixture
def fleet() -> Iterator[Callable[..., list[Sandbox]]]:
    """Sandboxes, each of them a source already; by default without a limit."""
    with ExitStack() as running:

        def start(*sizes: int, limit: int | None = None) -> list[Sandbox]:
            made = [Sandbox(Catalogue.generate(videos=size, seed=size), limit=limit) for size in sizes]
            for sandbox in made:
                running.enter_context(sandbox)
                add_source(plan_source(sandbox.url, settings()))
            return made

        yield start


def asked(sandbox: Sandbox, since: int) -> list[str]:
    return [one.path for one in sandbox.log[since:]]


@pytest.mark.django_db(transaction=True)
def test_hosts_side_by_side_are_mirrored_to_the_end(fleet: Callable[..., list[Sandbox]]) -> None:
    sandboxes = fleet(4, 5, 6, 7, 8)
    totals = drain(Instance.objects.all(), settings(hosts_at_once=4))
    assert (totals.errors, totals.videos) == ([], 30)
    assert Video.objects.filter(details_fetched_at=None).count() == 0
    assert Counter(Video.objects.values_list("instance__host", flat=True)) == {
        sandbox.host: size for sandbox, size in zip(sandboxes, range(4, 9), strict=True)
    }


@pytest.mark.django_db
def test_a_large_instance_takes_a_slice_and_queues_up_again(fleet: Callable[..., list[Sandbox]]) -> None:
    large, *small = [sandbox.host for sandbox in fleet(5, 1, 2, 3)]
    order: list[str] = []
    given = settings(hosts_at_once=1, slice_seconds=0.001)
    DueInstances(
        Instance.objects.all(), given, 60.0, on_slice_end=lambda instance, _result: order.append(instance.host)
    ).run_slices()
    assert order[:4] == [large, *small]
    turns = [index for index, host in enumerate(order) if host == large]
    between = [order[first + 1 : second] for first, second in pairwise(turns)]
    assert between[:3] == [small] * 3, "between two slices of the large one, each small one has its own"
    assert not Video.objects.filter(details_fetched_at=None).exists()


@pytest.mark.django_db
def test_idle_hosts_are_asked_once_in_a_head_interval(fleet: Callable[..., list[Sandbox]]) -> None:
    sandboxes = fleet(5, 6, 7)
    given = settings(hosts_at_once=1, head_interval_min=900.0, head_interval_max=900.0)
    drain(Instance.objects.all(), given)
    before = [len(sandbox.log) for sandbox in sandboxes]
    with time_machine.travel(timezone.now() + 2 * MINUTE) as clock:
        for _ in range(60):
            DueInstances(Instance.objects.all(), given, 60.0).run_slices()
            clock.shift(MINUTE)
    for sandbox, number in zip(sandboxes, before, strict=True):
        requests = asked(sandbox, number)
        assert set(requests) == LISTS
        assert 3 <= len(requests) <= 4


@pytest.mark.django_db
def test_hosts_whose_details_nobody_wants_are_left_alone(
    fleet: Callable[..., list[Sandbox]], monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet(2, 3)
    line = DueInstances(Instance.objects.all(), settings(hosts_at_once=1), 60.0, details=False)
    line.run_slices()
    assert Instance.objects.due().count() == 2
    later = time.monotonic() + 30
    monkeypatch.setattr("peertube_sync.sync.watch.time.monotonic", lambda: later)
    assert not line.due().exists()


@pytest.mark.django_db
def test_after_a_day_without_workers_each_host_is_asked_once_newest_first(
    fleet: Callable[..., list[Sandbox]],
) -> None:
    sandboxes = fleet(3, 4, 5, limit=400)
    given = settings(hosts_at_once=1)
    drain(Instance.objects.all(), given)
    before = [len(sandbox.log) for sandbox in sandboxes]
    new = [sandbox.catalogue.add_video(name="While nobody looked") for sandbox in sandboxes]
    with time_machine.travel(timezone.now() + 1.2 * DAY):
        DueInstances(Instance.objects.all(), given, 60.0).run_slices()
        assert not Instance.objects.due().exists()
    for sandbox, number, uuid in zip(sandboxes, before, new, strict=True):
        requests = asked(sandbox, number)
        assert sum(path in LISTS for path in requests) <= 2, "a head poll, a sweep if it was due"
        assert requests.count(f"/api/v1/videos/{uuid}") == 1
        details = [index for index, path in enumerate(requests) if path.startswith("/api/v1/videos/") and "-" in path]
        assert max(index for index, path in enumerate(requests) if path in LISTS) < min(details)
        assert {one.status for one in sandbox.log} <= {200}
    assert Video.objects.filter(uuid__in=new).exclude(details_fetched_at=None).count() == 3


@contextmanager
def silent_host() -> Iterator[tuple[str, Event]]:
    """A server that answers nothing until the event is set, and 404 from then on."""
    free = Event()

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            free.wait(20)
            self.send_error(404)

        def log_message(self, *_args: Any) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}", free
        finally:
            free.set()
            server.shutdown()
            thread.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("dead", "failures"), [(1, 0), (6, 3)])
def test_dead_hosts_delay_nobody(fleet: Callable[..., list[Sandbox]], dead: int, failures: int) -> None:
    with ExitStack() as silent:
        hosts = [silent.enter_context(silent_host()) for _ in range(dead)]
        for host, _free in hosts:
            Instance.objects.create(host=host, scheme="http", failures=failures).sources.create()
        living = {sandbox.host for sandbox in fleet(5, 6, 7)}
        told: list[str] = []

        def tell(instance: Instance, _result: object) -> None:
            told.append(instance.host)
            if living <= set(told):
                for _host, free in hosts:
                    free.set()

        DueInstances(Instance.objects.all(), settings(hosts_at_once=4), 60.0, on_slice_end=tell).run_slices()
    assert {*told[:3]} == living
    assert {*told[3:]} == {host for host, _free in hosts}
    assert set(SyncRun.objects.filter(kind=RunKind.SWEEP).values_list("instance__host", flat=True)) == living


@pytest.mark.django_db
@pytest.mark.parametrize("known", [{"refreshed_at": None}, {"failures": 1}])
def test_who_is_not_known_to_answer_is_asked_once_and_left(
    fleet: Callable[..., list[Sandbox]], known: dict[str, Any]
) -> None:
    (sandbox,) = fleet(3)
    Instance.objects.update(**{"refreshed_at": timezone.now(), **known})
    sandbox.faults.add(Fault("reset", times=None))
    before = len(sandbox.log)
    DueInstances(Instance.objects.all(), settings(hosts_at_once=1), 60.0).run_slices()
    assert len(sandbox.log) - before == 2, "a kept connection that breaks off is tried at once again, and no more"
    assert Instance.objects.get().state == InstanceState.UNREACHABLE
