"""How often one host may be asked, whoever asks: the protocol, its arithmetic, and a store in this process.

PeerTube allows 50 requests per 10 s and IP by default, in a fixed window, and announces the limit with
every answer: `X-RateLimit-Limit`, `-Remaining`, `-Reset` (epoch seconds of the server's clock, to be
compared with `Date`), `Retry-After` (seconds, obeyed on 429 and 503 only). Observed on 6.3.0.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Protocol

from peertube_sync.client.errors import BudgetClosed

LIMIT = 50
WINDOW = 10.0


@dataclass(frozen=True)
class Announcement:
    """What one answer says of the limit; None where it says nothing that may be trusted.

    `reset_in` and `retry_after` are in seconds from the answer on.
    """

    limit: int | None = None
    remaining: int | None = None
    reset_in: float | None = None
    retry_after: float | None = None

    @classmethod
    def read(cls, status: int, headers: Mapping[str, str]) -> "Announcement":
        """Read an answer's headers.

        Cached routes replay the headers of an earlier answer: their reset lies in the past. Moderators'
        tokens get `Retry-After` with a 200: it counts with 429 and 503 only.
        """
        wait = _number(headers.get("Retry-After")) if status in {429, 503} else None
        if status == 429 and wait is None:
            wait = WINDOW
        reset, date = _number(headers.get("X-RateLimit-Reset")), _epoch(headers.get("Date"))
        if reset is None or date is None or reset < date:
            return cls(retry_after=wait)
        limit, remaining = _number(headers.get("X-RateLimit-Limit")), _number(headers.get("X-RateLimit-Remaining"))
        if limit is None or remaining is None or limit < 1:
            return cls(retry_after=wait)
        return cls(int(limit), int(remaining), reset - date, wait)


@dataclass(frozen=True)
class Pace:
    """The state of one host's budget; times are seconds of the store's clock.

    Requests are spaced evenly at `share` of the announced limit. When others behind the same IP have used
    so much that only half of what we leave to them remains, nothing is sent until the window ends.
    """

    share: float
    limit: int = LIMIT
    window: float = WINDOW
    next_at: float = 0.0
    closed_until: float = 0.0

    @property
    def interval(self) -> float:
        """Seconds between two requests."""
        return self.window / (self.limit * self.share)

    def opens_at(self) -> float:
        """Return the time from which one request may be sent."""
        return max(self.next_at, self.closed_until)

    def sent(self, now: float) -> "Pace":
        """Return the state after one request that is sent at `now`."""
        return replace(self, next_at=max(now, self.next_at) + self.interval)

    def answered(self, now: float, said: Announcement) -> "Pace":
        """Return the state after an answer that came at `now`."""
        closed = self.closed_until
        if said.retry_after is not None:
            closed = max(closed, now + said.retry_after)
        if said.limit is None or said.remaining is None:
            return replace(self, closed_until=closed)
        if said.remaining <= said.limit * (1 - self.share) / 2:
            closed = max(closed, now + (said.reset_in or 0.0))
        return replace(self, closed_until=closed, limit=said.limit)


class RateBudget(Protocol):
    """A store of paces, shared by everybody who must not add up: a process, or a whole site."""

    def permit(self, host: str, patience: float) -> AbstractContextManager[Callable[[Announcement], None]]:
        """Wait until one request may be sent to `host`, and hold the host until the block ends.

        Inside the block, call what it gives with the Announcement of the answer. Raises BudgetClosed when
        that would take longer than `patience` seconds.
        """

    def waited(self, host: str) -> float:
        """Return the seconds that permits for `host` have waited so far."""


class LocalBudget:
    """A budget for one process: one request at a time per host, evenly spaced."""

    def __init__(
        self,
        share: float,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Use `share` (0 < share <= 1) of what each host allows."""
        self._paces: dict[str, Pace] = defaultdict(lambda: Pace(share))
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._waited: dict[str, float] = defaultdict(float)
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def permit(self, host: str, patience: float) -> Iterator[Callable[[Announcement], None]]:
        """See RateBudget."""
        asked = self._clock()
        with self._locks[host]:
            self._await_turn(host, asked + patience)
            self._waited[host] += self._clock() - asked
            self._paces[host] = self._paces[host].sent(self._clock())
            yield lambda said: self._note(host, said)

    def waited(self, host: str) -> float:
        """See RateBudget."""
        return self._waited[host]

    def _await_turn(self, host: str, latest: float) -> None:
        opens = self._paces[host].opens_at()
        if opens > latest:
            raise BudgetClosed(host, opens)
        self._sleep(max(0.0, opens - self._clock()))

    def _note(self, host: str, said: Announcement) -> None:
        self._paces[host] = self._paces[host].answered(self._clock(), said)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _epoch(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text or "").timestamp()
    except ValueError:
        return None
