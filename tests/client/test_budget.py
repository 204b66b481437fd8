"""The rate budget against a made-up clock: nothing here sleeps."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from peertube_sync.client.errors import AskedJustNow, BudgetClosed
from peertube_sync.client.rate_budget import LocalBudget
from peertube_sync.client.rate_limit import RateLimitHeaders

DATE = "Sat, 21 Nov 2026 07:36:50 GMT"
EPOCH = 1795246610


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Iterator[Clock]:
    return Clock()


def budget(clock: Clock, share: float = 0.5) -> LocalBudget:
    return LocalBudget(share, clock=clock, sleep=clock.sleep)


NOTHING = RateLimitHeaders()


def ask(store: LocalBudget, said: RateLimitHeaders = NOTHING, host: str = "a.example", patience: float = 60.0) -> None:
    with store.permit(host, patience) as note:
        note(said)


def headers(**more: str) -> dict[str, str]:
    return {
        "Date": DATE,
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "40",
        "X-RateLimit-Reset": str(EPOCH + 7),
        **more,
    }


def test_requests_are_spaced_evenly_at_our_share(clock: Clock) -> None:
    store = budget(clock, share=0.5)
    for _ in range(26):
        ask(store)
    assert clock.now == pytest.approx(1010.0)
    assert max(clock.slept) == pytest.approx(0.4)


def test_never_more_than_our_share_in_any_window(clock: Clock) -> None:
    store, sent = budget(clock, share=0.5), []
    for pause in [0.0] * 30 + [7.0] + [0.0] * 30:
        clock.now += pause
        ask(store)
        sent.append(clock.now)
    assert all(sum(at <= other < at + 9.999 for other in sent) <= 25 for at in sent)


def test_hosts_do_not_wait_for_each_other(clock: Clock) -> None:
    store = budget(clock)
    for number in range(10):
        ask(store, host=f"{number}.example")
    assert clock.now == 1000.0


def test_the_announced_limit_wins(clock: Clock) -> None:
    store = budget(clock, share=0.5)
    ask(store, RateLimitHeaders.read(200, headers(**{"X-RateLimit-Limit": "10"})))
    ask(store)
    ask(store)
    assert clock.slept[-1] == pytest.approx(2.0)


def test_retry_after_closes_the_host(clock: Clock) -> None:
    store = budget(clock)
    ask(store, RateLimitHeaders.read(429, headers(**{"Retry-After": "8"})))
    with pytest.raises(BudgetClosed) as closed:
        ask(store, patience=5)
    assert 0 < closed.value.until - time.time() <= 8
    ask(store, patience=10)
    assert clock.now == pytest.approx(1008.0)


def test_a_429_without_retry_after_waits_for_a_whole_window(clock: Clock) -> None:
    assert RateLimitHeaders.read(429, {}).retry_after == 10.0


def test_retry_after_counts_with_429_and_503_only() -> None:
    assert RateLimitHeaders.read(200, headers(**{"Retry-After": "8"})).retry_after is None
    assert RateLimitHeaders.read(503, headers(**{"Retry-After": "8"})).retry_after == 8


def test_a_reset_is_read_by_the_servers_own_clock() -> None:
    assert RateLimitHeaders.read(200, headers()) == RateLimitHeaders(
        limit=50, remaining=40, reset=EPOCH + 7, reset_in=7.0
    )


@pytest.mark.parametrize(
    "said",
    [
        {"X-RateLimit-Reset": str(EPOCH - 500)},
        {"X-RateLimit-Limit": "many"},
        {"X-RateLimit-Limit": "0"},
        {"X-RateLimit-Remaining": "-1"},
        {"Date": "yesterday"},
    ],
)
def test_headers_that_prove_nothing_are_ignored(said: dict[str, str]) -> None:
    assert RateLimitHeaders.read(200, headers(**said)) == RateLimitHeaders()


def test_when_others_use_up_the_limit_we_stop_until_the_window_ends(clock: Clock) -> None:
    store = budget(clock, share=0.5)
    ask(store, RateLimitHeaders.read(200, headers(**{"X-RateLimit-Remaining": "12"})))
    ask(store)
    assert clock.now == pytest.approx(1007.0)


def test_waiting_is_counted(clock: Clock) -> None:
    store = budget(clock)
    for _ in range(3):
        ask(store)
    assert store.waited("a.example") == pytest.approx(0.8)


def visit(store: LocalBudget, path: str, said: RateLimitHeaders = NOTHING) -> None:
    with store.permit("a.example", 60.0, path) as note:
        note(said)


def test_visitors_cause_a_quarter_of_our_requests_in_any_window(clock: Clock) -> None:
    store, sent, refused = budget(clock), [], 0
    for number in range(200):
        try:
            visit(store, f"/{number}")
            sent.append(clock.now)
        except BudgetClosed:
            refused += 1
        if number % 2:
            ask(store)
    assert refused > len(sent) > 6
    assert all(sum(at <= other < at + 10 for other in sent) <= 6 for at in sent)


def test_a_turn_that_a_visitor_may_not_have_is_left_to_others(clock: Clock) -> None:
    store = budget(clock)
    for number in range(6):
        visit(store, f"/{number}")
    with pytest.raises(BudgetClosed):
        visit(store, "/6")
    assert clock.now == pytest.approx(1002.0)
    ask(store)
    assert clock.now == pytest.approx(1002.4)


def test_the_same_is_asked_for_by_a_visitor_once_in_a_window(clock: Clock) -> None:
    store = budget(clock)
    visit(store, "/same")
    with pytest.raises(AskedJustNow):
        visit(store, "/same")
    visit(store, "/another")
    clock.now += 10
    visit(store, "/same")


def test_of_few_requests_visitors_cause_one_in_four(clock: Clock) -> None:
    store = budget(clock, share=0.04)  # two in a window
    visit(store, "/1")
    began = clock.now
    for number in range(2, 30):
        try:
            visit(store, f"/{number}")
            break
        except BudgetClosed:
            ask(store)
    assert clock.now - began >= 20


def test_a_visitors_request_is_the_next_one_at_the_pace_of_all(clock: Clock) -> None:
    tried: list[str] = []

    def meanwhile(seconds: float) -> None:
        """Let somebody else try while the visitor waits."""
        clock.sleep(seconds)
        if not tried:
            with pytest.raises(BudgetClosed):
                ask(store, patience=0)
            tried.append("refused")

    store = LocalBudget(0.5, clock=clock, sleep=meanwhile)
    ask(store)
    visit(store, "/1")
    assert (clock.now, tried) == (pytest.approx(1000.4), ["refused"])
    ask(store)
    assert clock.now == pytest.approx(1000.8)


def test_a_visitor_who_would_wait_too_long_leaves_the_turn_at_once(clock: Clock) -> None:
    store = budget(clock)
    ask(store)
    with pytest.raises(BudgetClosed), store.permit("a.example", 0.1, "/1"):
        pass
    assert clock.now == 1000.0
    ask(store, patience=0.5)
