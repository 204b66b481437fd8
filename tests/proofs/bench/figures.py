"""What a server's log says of how it was asked."""

from dataclasses import dataclass
from itertools import pairwise

from peertube_sync.testing.respond import LoggedRequest


@dataclass(frozen=True)
class Figures:
    """What the sandbox's log says.

    `seconds` from the first request to the last, `least` those that the limit demands, `over` their ratio; `refused`
    answers were 429; `together` requests began before the one before was answered; `most` were begun in any
    span as long as a window.
    """

    requests: int
    seconds: float
    least: float
    over: float
    refused: int
    together: int
    most: int

    @classmethod
    def read(cls, log: list[LoggedRequest], limit: int, window: float) -> "Figures":
        log = sorted(log, key=lambda one: one.started)
        seconds = log[-1].started - log[0].started
        least = (len(log) - 1) // limit * window
        return cls(
            requests=len(log),
            seconds=round(seconds, 3),
            least=least,
            over=round(seconds / least, 4) if least else 0.0,
            refused=sum(one.status == 429 for one in log),
            together=sum(later.started < earlier.ended for earlier, later in pairwise(log)),
            most=max(sum(one.started <= other.started < one.started + window for other in log) for one in log),
        )
