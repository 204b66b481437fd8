"""How often one host may be asked: what its answers announce, and the arithmetic that follows. Without a lock.

PeerTube counts requests per IP in a fixed window that begins with the first request after the last one's end
(50 in 10 s by default), and announces it with every answer: `X-RateLimit-Limit`, `-Remaining`, `-Reset` (the end,
epoch seconds of the server's clock, rounded up; to be compared with `Date`, which is rounded down), and
`Retry-After` (seconds). Observed on 6.3.0. A proxy before PeerTube may write the latter as a date.

The pause after a 429: `RateLimitHeaders.read` takes what `Retry-After` says, at most a day (`LONGEST_PAUSE`), or 10 s
(`WINDOW`) without it; an error of the server (5xx) counts only with `Retry-After`. `RateLimit.answered` keeps its end
as `closed_until`, and until then no process of the site asks that host. If the error also ends a slice, `retry_at` in
`sync/schedule.py` says when the instance is asked next: at that time, or from the second failure in a row on at the end
of a wait that doubles with each, up to a day, if that is later.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime

import msgspec

LIMIT = 50
WINDOW = 10.0
MAKE_UP = 0.1
"""The part of a window that a delay of ours may take so that it is caught up with."""
REQUESTS_REMEMBERED = 1_000
"""How many of the last requests are remembered at the most; a share that allows more is kept to piece by piece."""
MOST_REQUESTS = 100_000
"""Requests in a window that are believed to be allowed."""
LONGEST_PAUSE = 86400.0
"""Seconds that a `Retry-After` may close a host at the most."""
ON_DEMAND = 0.25
"""The part of our requests that visitors may cause."""


@dataclass(frozen=True)
class RateLimitHeaders:
    """The limit that one answer announces; None where it says nothing that may be trusted.

    `reset` is the end of the server's window in epoch seconds of its own clock: the name of that window.
    `reset_in` and `retry_after` are in seconds from the answer on.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None
    reset_in: float | None = None
    retry_after: float | None = None

    @classmethod
    def read(cls, status: int, headers: Mapping[str, str]) -> "RateLimitHeaders":
        """Read an answer's headers.

        Cached routes replay the headers of an earlier answer: their reset lies in the past. Moderators'
        tokens get `Retry-After` with a 200: it counts with 429 and the errors of servers only.
        """
        date = _http_date(headers.get("Date"))
        wait = _retry_after(headers.get("Retry-After"), date) if status == 429 or status >= 500 else None
        if status == 429 and wait is None:
            wait = WINDOW
        reset = _non_negative(headers.get("X-RateLimit-Reset"))
        if reset is None or date is None or reset < date:
            return cls(retry_after=wait)
        limit, remaining = (
            _non_negative(headers.get("X-RateLimit-Limit")),
            _non_negative(headers.get("X-RateLimit-Remaining")),
        )
        if limit is None or remaining is None or limit < 1:
            return cls(retry_after=wait)
        return cls(
            int(min(limit, MOST_REQUESTS)),
            int(min(remaining, MOST_REQUESTS)),
            reset,
            min(reset - date, LONGEST_PAUSE),
            wait,
        )


@dataclass(frozen=True)
class RateLimit:
    """What is known of one host's limit and of our requests; times are epoch seconds of the store's clock.

    `slot` is when the last request was due, `last` when it was sent, `over` when it and those before it ended.
    `window` is the length of the server's window, in whole seconds, and `whole` what the last one of which we saw the
    beginning showed. `reset` names the current one, `ends` is its end, not too early. `closed_until` is when a host
    that had to be left alone may be asked. `on_demand` are those of the last requests that visitors caused: when each
    was over, and which path it asked for.
    """

    share: float = 1.0
    slot: float = 0.0
    last: float = 0.0
    over: tuple[float, ...] = ()
    limit: int = LIMIT
    window: float = WINDOW
    whole: float = WINDOW
    reset: float = 0.0
    ends: float = 0.0
    closed_until: float = 0.0
    on_demand: tuple[tuple[float, str], ...] = ()

    @property
    def interval(self) -> float:
        """Seconds between two requests: an even pace at our share."""
        return self.window / (self.limit * self.share)

    @property
    def opens_at(self) -> float:
        """The time from which one request may be sent."""
        return max(self.slot + self.interval, self.last + self.interval / 2, self.full_until, self.closed_until)

    @property
    def full_until(self) -> float:
        """The time until which one more would be more than our share of some window, wherever that began.

        A request counts when it reaches the server: after it was sent, which no clock of ours tells, and before it
        was over.
        """
        kept = min(self._allowed, REQUESTS_REMEMBERED)
        span = max(self.window, self.interval) if kept == self._allowed else kept * self.interval
        return self.over[-kept] + span if len(self.over) >= kept else 0.0

    @property
    def _allowed(self) -> int:
        """How many requests of a window are ours; 0.58 of 50 are 29, whatever binary fractions say."""
        return max(1, int(self.limit * self.share + 1e-9))

    def sent(self, now: float) -> "RateLimit":
        """Return the state after one request that is sent at `now`.

        A short delay, such as that of writing a page, is caught up with, so that the pace is kept; never by two
        requests that are closer than half of an interval.
        """
        due = self.slot + self.interval
        slot = due if now < due + self.window * MAKE_UP else now
        return replace(self, slot=slot, last=now, over=(*self.over, now)[-min(self._allowed, REQUESTS_REMEMBERED) :])

    def ended(self, now: float, on_demand: str = "") -> "RateLimit":
        """Return the state after the request that was sent last ended at `now`, answered or not.

        `on_demand` is the path that it asked for, where a visitor caused it.
        """
        after = replace(self, over=(*self.over[:-1], now))
        if not on_demand:
            return after
        return replace(after, on_demand=(*self.on_demand, (now, on_demand))[-self._on_demand_allowed :])

    @property
    def on_demand_full_until(self) -> float:
        """The time until which one more that a visitor causes would be more than their part of some window."""
        allowed = self._on_demand_allowed
        if len(self.on_demand) < allowed:
            return 0.0
        over, _path = self.on_demand[-allowed]
        return over + self._on_demand_span

    def was_asked_on_demand(self, path: str, now: float) -> bool:
        """Return whether a visitor has caused the same request within the last window."""
        return any(one == path and now < over + self._on_demand_span for over, one in self.on_demand)

    @property
    def _on_demand_allowed(self) -> int:
        """How many requests of a window visitors may cause; where that is less than one, one in a longer time."""
        return max(1, int(min(self._allowed, REQUESTS_REMEMBERED) * ON_DEMAND))

    @property
    def _on_demand_span(self) -> float:
        return max(self.window, self.interval / ON_DEMAND)

    def answered(self, now: float, announced: RateLimitHeaders) -> "RateLimit":
        """Return the state after an answer that came at `now`, at the latest."""
        after = self
        if announced.retry_after is not None:
            after = replace(self, closed_until=max(self.closed_until, now + announced.retry_after))
        if (
            announced.limit is None
            or announced.remaining is None
            or announced.reset is None
            or announced.reset_in is None
        ):
            return after
        if announced.reset < self.reset and now < self.ends:  # replayed by a cache
            return after
        return after._counted(now, announced.limit, announced.remaining, announced.reset, announced.reset_in)

    def _counted(self, now: float, limit: int, remaining: int, reset: float, reset_in: float) -> "RateLimit":
        """Learn from what the server has counted.

        Its window ends at most `reset_in` after the answer, which both roundings make up to 2 s too long, and at
        most a window's length after it. So the first answer in a window gives its end to within that answer's
        own time. When others have used so much that only half of what we leave to them remains (with all for
        us: nothing), the host is left alone until then.
        """
        first = remaining == limit - 1
        shown = max(1.0, reset_in - 1)
        window = self._believed(shown, again=first and shown == self.whole)
        ends = now + min(reset_in, window)
        if reset == self.reset:
            ends = min(ends, self.ends)
        learnt = replace(self, limit=limit, window=window, reset=reset, ends=ends)
        if first:
            learnt = replace(learnt, whole=shown)
        spent = remaining <= limit * (1 - self.share) / 2
        return replace(learnt, closed_until=max(self.closed_until, ends)) if spent else learnt

    def _believed(self, shown: float, *, again: bool) -> float:
        """Return the length of a window after an answer showed one of `shown` s, `again` when two beginnings agree.

        More is believed at once, less only again: it may be a matter of rounding. Up to express-rate-limit 5, windows
        begin without regard to requests, so that their beginnings look later than they are: one second less is never
        believed, except for PeerTube's default.
        """
        if shown > self.window:
            return shown
        return shown if again and (shown == WINDOW or shown != self.window - 1) else self.window

    def dumps(self) -> str:
        """Return the state as a text for stores."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def loads(cls, text: str) -> "RateLimit":
        """Return the state of what `dumps` returned; facts that are missing in it have their defaults."""
        return msgspec.json.decode(text, type=cls)


def _non_negative(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _retry_after(text: str | None, date: float | None) -> float | None:
    """Return the seconds that a `Retry-After` asks for, at most `LONGEST_PAUSE`; None for what is no time, or is over.

    It has seconds, or a date by the clock of the answer's `Date` (RFC 9110, 10.2.3); by ours where it has none.
    """
    until = _http_date(text)
    wait = _non_negative(text) if until is None else until - (time.time() if date is None else date)
    return None if wait is None or wait < 0 else min(wait, LONGEST_PAUSE)


def _http_date(text: str | None) -> float | None:
    """Return an HTTP date in seconds since the epoch; its three forms are all in GMT, which one of them doesn't say."""
    try:
        found = parsedate_to_datetime(text or "")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
