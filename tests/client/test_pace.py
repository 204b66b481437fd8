"""The arithmetic of the budget against a made-up server and a made-up clock: nothing here sleeps."""

import math
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from random import Random

import pytest

from peertube_sync.client.rate_budget import LocalBudget
from peertube_sync.client.rate_limit import RateLimit, RateLimitHeaders

START = 1795246610.3


@dataclass
class Server:
    """A PeerTube with a limit, its clock `ahead` of ours; answers take up to `latency` seconds, sleepers get up late.

    `others` behind our IP send up to so many requests between two of ours; what we do with an answer takes up to `busy`
    seconds. `refused` counts the 429, `sent` is when ours came.
    """

    limit: int = 50
    window: float = 10.0
    latency: float = 0.05
    late: float = 0.01
    ahead: float = 0.0
    others: int = 0
    busy: float = 0.0
    seed: int = 1
    now: float = START
    ends: float = 0.0
    hits: int = 0
    refused: int = 0
    sent: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.now += self.random.random()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds + self.random.uniform(0, self.late)

    def ask(self, budget: LocalBudget, times: int) -> None:
        for _ in range(times):
            with budget.permit("a.example", math.inf) as note:
                note(self._answer())
            self.now += self.random.uniform(0, self.busy)

    def _answer(self) -> RateLimitHeaders:
        self.now += self.random.uniform(0, self.latency / 2)
        if self.now >= self.ends:
            self.ends, self.hits = self.now + self.window, 0
        self.hits += 1 + self.random.randint(0, self.others)
        self.sent.append(self.now)
        headers = {
            "Date": formatdate(self.now + self.ahead, usegmt=True),
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.hits)),
            "X-RateLimit-Reset": str(math.ceil(self.ends + self.ahead)),
        }
        over = self.hits > self.limit
        self.refused += over
        if over:
            headers["Retry-After"] = str(math.ceil(self.ends - self.now))
        self.now += self.random.uniform(0, self.latency / 2)
        return RateLimitHeaders.read(429 if over else 200, headers)


def budget(server: Server, share: float) -> LocalBudget:
    return LocalBudget(share, clock=server.clock, sleep=server.sleep)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("limit", "window"), [(50, 10), (20, 10), (300, 60), (40, 11)])
def test_the_whole_limit_can_be_used_without_ever_crossing_it(limit: int, window: float, seed: int) -> None:
    server = Server(limit, window, seed=seed, ahead=seed * 3.7 - 5)
    server.ask(budget(server, 1.0), 20 * limit + 1)
    assert server.refused == 0
    assert (server.sent[-1] - server.sent[0]) / (20 * window) < 1.02


def test_a_window_shorter_than_peertubes_own_is_learnt() -> None:
    server = Server(limit=20, window=2)
    store = budget(server, 1.0)
    server.ask(store, 40)
    learnt = len(server.sent)
    server.ask(store, 200)
    assert server.refused == 0
    assert server.sent[-1] - server.sent[learnt] < 1.1 * 200 * server.window / server.limit


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("limit", [50, 200])
@pytest.mark.parametrize("share", [0.02, 0.24, 0.25, 0.5, 0.58, 0.9])
def test_never_more_than_our_share_of_a_window_whatever_is_made_up_for(share: float, limit: int, seed: int) -> None:
    allowed = int(limit * share + 0.001)
    server = Server(limit, latency=0.5 / allowed, busy=min(0.8, 18 / allowed), seed=seed)
    server.ask(budget(server, share), 20 * allowed)
    assert min(later - one for one, later in zip(server.sent, server.sent[allowed:], strict=False)) >= server.window
    assert (server.sent[-1] - server.sent[0]) / (20 * server.window) < 1.1


def test_others_behind_our_address_are_left_their_part() -> None:
    server = Server(others=3)
    server.ask(budget(server, 0.5), 200)
    assert server.refused == 0


def test_a_short_delay_is_made_up_for_and_a_long_one_is_not() -> None:
    pace = RateLimit(share=1.0).sent(START)
    assert pace.sent(START + 0.9).opens_at == pytest.approx(START + 1.0)
    assert pace.sent(START + 0.9).sent(START + 1.0).opens_at == pytest.approx(START + 1.1)
    assert pace.sent(START + 7).opens_at == pytest.approx(START + 7.2)


def test_an_answer_that_a_cache_replays_changes_nothing() -> None:
    fresh = RateLimitHeaders(limit=50, remaining=20, reset=1010.0, reset_in=8.0)
    pace = RateLimit().answered(START, fresh)
    assert pace.answered(START + 1, RateLimitHeaders(limit=50, remaining=0, reset=1004.0, reset_in=9.0)) == pace


def test_a_pace_survives_being_stored() -> None:
    pace = RateLimit(share=0.5, slot=START, limit=7, closed_until=START + 1.5)
    assert RateLimit.loads(pace.dumps()) == pace
    assert RateLimit.loads('{"limit":7,"of_a_later_version":1}') == RateLimit(limit=7)


NOW = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (503, {"Retry-After": "120"}, 120.0),
        (503, {"Retry-After": "Sun, 06 Nov 1994 08:51:37 GMT", "Date": NOW}, 120.0),
        (429, {"Retry-After": "Sun, 06 Nov 1994 08:51:37 GMT", "Date": NOW}, 120.0),
        (502, {"Retry-After": "Sunday, 06-Nov-94 08:51:37 GMT", "Date": NOW}, 120.0),  # as RFC 850 wrote it
        (503, {"Retry-After": "Sun Nov  6 08:51:37 1994", "Date": NOW}, 120.0),  # as asctime() does
        (503, {"Retry-After": "Sun, 06 Nov 1994 10:51:37 +0200", "Date": NOW}, 120.0),
        (503, {"Retry-After": "Sun, 06 Nov 2094 08:51:37 GMT", "Date": NOW}, 86400.0),
        (503, {"Retry-After": "999999999999"}, 86400.0),
        (503, {"Retry-After": NOW, "Date": NOW}, 0.0),
        (503, {"Retry-After": "Sun, 06 Nov 1994 08:47:37 GMT", "Date": NOW}, None),  # over
        (429, {"Retry-After": "Sun, 06 Nov 1994 08:47:37 GMT", "Date": NOW}, 10.0),
        (200, {"Retry-After": "Sun, 06 Nov 1994 08:51:37 GMT", "Date": NOW}, None),
        (404, {"Retry-After": "120"}, None),
        (503, {}, None),
        (429, {}, 10.0),
        *((503, {"Retry-After": text, "Date": NOW}, None) for text in ("", "soon", "-3", "nan", "inf", "3 s", "1, 2")),
        *((429, {"Retry-After": text, "Date": NOW}, 10.0) for text in ("", "soon", "-3", "nan", "inf", "3 s", "1, 2")),
        (429, {"Retry-After": "Sun, 36 Nov 1994 88:51:37 GMT", "Date": NOW}, 10.0),
        (429, {"Retry-After": "Sun, 06 Nov 99999 08:51:37 GMT", "Date": NOW}, 10.0),
    ],
)
def test_what_a_retry_after_asks_for_is_obeyed_and_nonsense_is_not(
    status: int, headers: dict[str, str], wait: float | None
) -> None:
    assert RateLimitHeaders.read(status, headers).retry_after == wait


@pytest.mark.parametrize("date", [{}, {"Date": "yesterday"}])
def test_a_date_in_an_answer_without_a_clock_is_told_by_ours(date: dict[str, str]) -> None:
    later = formatdate(time.time() + 120, usegmt=True)
    wait = RateLimitHeaders.read(503, {"Retry-After": later, **date}).retry_after
    assert wait == pytest.approx(120, abs=5)
