"""The contract of all stores: in this process, in the database, in a real Redis."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import transaction

from peertube_sync.budget_stores.database import DatabaseStore
from peertube_sync.client.errors import BudgetClosed
from peertube_sync.client.rate_budget import BudgetStore, LocalStore, RateBudget
from peertube_sync.client.rate_limit import RateLimit, RateLimitHeaders

A_MOMENT, NO_TIME = 5.0, 0.0
OFTEN = RateLimitHeaders(limit=1000, remaining=900, reset=2e9, reset_in=10.0)


@pytest.fixture(params=["local", pytest.param("database", marks=pytest.mark.django_db), "redis"])
def store(request: pytest.FixtureRequest) -> Iterator[BudgetStore]:
    if request.param == "redis":
        server = request.getfixturevalue("redis_server")
        from peertube_sync.budget_stores.redis import RedisStore

        kept = RedisStore(server)
        yield kept
        kept.close()
    else:
        yield {"local": LocalStore, "database": DatabaseStore}[request.param]()


@pytest.fixture
def host() -> str:
    return f"{uuid4().hex}.example"


@pytest.fixture
def permit(store: BudgetStore, host: str) -> Callable[..., object]:
    """Ask for a permit as somebody else each time, with the same store."""
    return lambda patience=A_MOMENT, share=1.0, at=host: RateBudget(store, share, 60).permit(at, patience)


def ask(permit: Callable[..., object], said: RateLimitHeaders = OFTEN, **options: object) -> None:
    with permit(**options) as note:
        note(said)


def test_requests_of_everybody_are_spaced_evenly(permit) -> None:
    ask(permit)
    began = time.monotonic()
    for _ in range(5):
        ask(permit, share=0.5)
    assert time.monotonic() - began > 4 * 0.02


def test_a_host_is_asked_by_one_at_a_time(permit) -> None:
    ask(permit)
    with permit(), pytest.raises(BudgetClosed):
        ask(permit, patience=0.06)
    ask(permit)


def test_hosts_do_not_wait_for_each_other(permit) -> None:
    with permit():
        ask(permit, patience=NO_TIME, at="other.example")


def test_a_failure_gives_the_host_back(permit) -> None:
    ask(permit)
    with suppress(ZeroDivisionError), permit():
        raise ZeroDivisionError
    ask(permit)


def test_retry_after_stops_everybody(permit) -> None:
    ask(permit, RateLimitHeaders(retry_after=30.0))
    with pytest.raises(BudgetClosed) as closed:
        ask(permit)
    assert 20 < closed.value.until - time.time() < 31


def test_what_one_learns_is_known_to_all(store: BudgetStore, host: str) -> None:
    learnt = RateLimit(share=0.5, slot=1.5, limit=7, window=60.0, closed_until=2.5)
    store.take(host, "one", 60)
    store.put(host, "one", learnt)
    assert store.take(host, "another", 60).rate_limit == learnt


def test_a_host_can_be_taken_ahead_of_its_time(store: BudgetStore, host: str) -> None:
    store.take(host, "one", 60)
    known = RateLimit(closed_until=time.time() + 20)
    store.put(host, "one", known)
    assert 9 < store.take(host, "visitor", 60, 10).wait < 21
    turn = store.take(host, "visitor", 60, 30)
    assert (turn.wait, turn.rate_limit, 10 < turn.opens_in < 21) == (0, known, True)
    assert 0 < store.take(host, "another", 60, 30).wait < 1
    store.put(host, "visitor", RateLimit())
    assert store.take(host, "another", 60).opens_in == 0


def test_no_visitor_waits_behind_another(store: BudgetStore, host: str) -> None:
    budget = RateBudget(store, 1.0, 60)
    with budget.permit(host, 10, "/1"):
        began = time.monotonic()
        with pytest.raises(BudgetClosed), budget.permit(host, 10, "/2"):
            pytest.fail("it was let in")
        assert time.monotonic() - began < 5


def test_who_was_killed_blocks_nobody_for_long(store: BudgetStore, host: str, permit) -> None:
    assert store.take(host, "killed", 0.1).wait == 0
    ask(permit)


def test_who_comes_back_too_late_changes_nothing(store: BudgetStore, host: str) -> None:
    store.take(host, "late", 0.01)
    while (turn := store.take(host, "next", 60)).wait:
        time.sleep(turn.wait)
    store.put(host, "late", RateLimit(limit=1))
    assert store.take(host, "third", 60).wait > 0
    store.put(host, "next", RateLimit(limit=2))
    assert store.take(host, "third", 60).rate_limit == RateLimit(limit=2)


@pytest.mark.django_db(transaction=True)
def test_nobody_asks_inside_a_transaction(host: str) -> None:
    budget = RateBudget(DatabaseStore(), 1.0, 60)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), budget.permit(host, A_MOMENT):
        pytest.fail("it was let in")
