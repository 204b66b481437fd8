"""The rate budget: when a host may be asked, by any process; and a store for one process.

A store keeps two things per host: its RateLimit, and the in-flight token, which one process or thread holds at a time.
Only its holder writes the rate limit, so the arithmetic needs no transaction. Stores that a whole site shares are in
`peertube_sync/budget_stores`.
"""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from peertube_sync.client.errors import AskedJustNow, BudgetClosed
from peertube_sync.client.rate_limit import WINDOW, RateLimit, RateLimitHeaders

POLL = 0.05
"""Seconds after which to look again while somebody else's request is in flight: nobody knows how long it takes."""
PAUSE = 0.001
VISITOR, TOKEN = "visitor ", 32
"""The beginning of a token that is held for a visitor, and the greatest length of a token."""


@dataclass(frozen=True)
class Turn:
    """The answer of a store to `take`: wait for `wait` seconds, or, if that is 0, the host is yours.

    Then `now` is the store's clock, not later than the moment at which it is read, and `rate_limit` None when
    nothing is known of the host. If it was taken ahead, it opens in `opens_in` seconds. While it has to be
    waited for, `behind_visitor` says whether a visitor's request has the host.
    """

    wait: float = 0.0
    now: float = 0.0
    rate_limit: RateLimit | None = None
    opens_in: float = 0.0
    behind_visitor: bool = False


class BudgetStore(Protocol):
    """Keeps rate limits and in-flight tokens. Each operation is atomic."""

    def take(self, host: str, token: str, hold: float, ahead: float = 0.0) -> Turn:
        """Give the host to `token` for `hold` seconds, if it opens within `ahead` seconds and nobody else has it.

        Raises BudgetLost when the store can't be asked.
        """

    def put(self, host: str, token: str, rate_limit: RateLimit) -> None:
        """Keep `rate_limit` and take the host back, if `token` still has it."""


class Pace(NamedTuple):
    """How many requests, evenly spaced, are sent in a `window` (seconds)."""

    limit: int
    window: float

    @classmethod
    def of(cls, per_second: float) -> "Pace":
        """Return the pace of so many requests a second."""
        window = max(WINDOW, 1 / per_second)
        return cls(max(1, int(per_second * window)), window)


class RateBudget:
    """One request at a time per host, evenly spaced, over everybody who uses the same `store`.

    `share` (above 0, at most 1) of what hosts allow is used. A permit that isn't given back, as its process was
    killed, ends after `hold` seconds: more than a request may take. With a `pace`, hosts are asked at that one,
    whatever was learnt of them.
    """

    def __init__(
        self,
        store: BudgetStore,
        share: float,
        hold: float,
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Use `share` of what each host allows."""
        self._store = store
        self._known: dict[str, Any] = {"share": share, **(pace._asdict() if pace else {})}
        self._hold = hold
        self._clock = clock
        self._sleep = sleep
        self._waited: dict[str, float] = defaultdict(float)

    @contextmanager
    def permit(self, host: str, patience: float, on_demand: str = "") -> Iterator[Callable[[RateLimitHeaders], None]]:
        """Wait until one request may be sent to `host`, and hold the host until the block ends.

        Inside the block, call what it gives with the RateLimitHeaders of the answer. Raises BudgetClosed when
        that would take longer than `patience` seconds, and BudgetLost.

        A request that a visitor causes is `on_demand`, by its path. It is the next one, ahead of all other waiting
        requests; but visitors have only a share of the turns, never one path twice in a window, and one at a time: no
        visitor waits behind another. Raises BudgetClosed, AskedJustNow.
        """
        token = f"{VISITOR if on_demand else ''}{uuid4().hex}"[:TOKEN]
        looked, turn = self._await_turn(host, token, patience, ahead=bool(on_demand))
        known = replace(turn.rate_limit or RateLimit(), **self._known)
        if on_demand and (refused := self._refusal(host, known, turn.now, on_demand)):
            self._store.put(host, token, turn.rate_limit or known)
            raise refused
        if turn.opens_in:
            self._sleep(turn.opens_in)
            self._waited[host] += turn.opens_in
        rate_limit = known.sent(turn.now + turn.opens_in)

        def note(announced: RateLimitHeaders) -> None:
            nonlocal rate_limit
            rate_limit = rate_limit.answered(turn.now + self._clock() - looked, announced)

        try:
            yield note
        finally:
            self._store.put(host, token, rate_limit.ended(turn.now + self._clock() - looked, on_demand))

    def _refusal(self, host: str, known: RateLimit, now: float, path: str) -> BudgetClosed | None:
        """Return why a visitor may not cause a request for `path` now, None where they may."""
        if known.was_asked_on_demand(path, now):
            return AskedJustNow(host, time.time() + known.interval)
        wait = known.on_demand_full_until - now
        return BudgetClosed(host, time.time() + wait) if wait > 0 else None

    def waited(self, host: str) -> float:
        """Return the seconds that permits for `host` have waited so far."""
        return self._waited[host]

    def _await_turn(self, host: str, token: str, patience: float, *, ahead: bool) -> tuple[float, Turn]:
        """Return the turn, and when it was asked for; `ahead` of its time, where that comes before patience ends."""
        asked = self._clock()
        try:
            while True:
                looked = self._clock()
                left = asked + patience - looked
                turn = self._store.take(host, token, self._hold, max(0.0, left) if ahead else 0.0)
                if turn.wait <= 0:
                    return looked, turn
                if turn.wait > left or (ahead and turn.behind_visitor):
                    raise BudgetClosed(host, time.time() + turn.wait)
                self._sleep(max(turn.wait, PAUSE))
        finally:
            self._waited[host] += self._clock() - asked


def seconds_to_wait(now: float, opens_at: float, held_until: float, ahead: float = 0.0) -> float:
    """Return the seconds after which to look again at a host, 0 when it opens within `ahead` and nobody has it."""
    opens_in = opens_at - now
    return max(0.0, opens_in if opens_in > ahead else 0.0, min(POLL, held_until - now))


def is_behind_visitor(token: str, now: float, held_until: float) -> bool:
    """Tell whether the holder of this token asks for a visitor."""
    return held_until > now and token.startswith(VISITOR)


@dataclass
class _Host:
    token: str = ""
    held_until: float = -math.inf
    rate_limit: RateLimit | None = None


@dataclass
class LocalStore:
    """A store for the threads of one process."""

    clock: Callable[[], float] = time.time
    _hosts: dict[str, _Host] = field(default_factory=lambda: defaultdict(_Host))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, host: str, token: str, hold: float, ahead: float = 0.0) -> Turn:
        with self._lock:
            known, now = self._hosts[host], self.clock()
            opens_at = known.rate_limit.opens_at if known.rate_limit else now
            wait = seconds_to_wait(now, opens_at, known.held_until, ahead)
            if wait > 0:
                return Turn(wait, behind_visitor=is_behind_visitor(known.token, now, known.held_until))
            known.token, known.held_until = token, now + hold
            return Turn(0.0, now, known.rate_limit, max(0.0, opens_at - now))

    def put(self, host: str, token: str, rate_limit: RateLimit) -> None:
        with self._lock:
            if self._hosts[host].token == token:
                self._hosts[host] = _Host(rate_limit=rate_limit)


class LocalBudget(RateBudget):
    """A budget for one process that uses the client alone, without a site."""

    def __init__(
        self,
        share: float,
        *,
        hold: float = 60.0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Use `share` (0 < share <= 1) of what each host allows."""
        super().__init__(LocalStore(clock), share, hold, clock=clock, sleep=sleep)
