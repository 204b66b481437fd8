"""A fault by which a sandbox answers only once it is told to, so that nothing depends on how fast a machine is."""

import threading
from dataclasses import dataclass, field

from peertube_sync.testing import Fault

SECONDS = 60.0
"""The longest that an answer is held."""


@dataclass(slots=True)
class Held(Fault):
    """Nobody gets an answer from the sandbox, from the first request that it strikes on, until `release` is called."""

    times: int | None = None
    delay: float = 0.0
    answered: bool = field(default=False, init=False)
    _released: threading.Event = field(default_factory=threading.Event, init=False, repr=False)

    def strikes(self, target: str) -> bool:
        struck = Fault.strikes(self, target)
        if struck:
            self._released.wait(SECONDS)
            self.answered = True
        return struck

    def release(self) -> None:
        self._released.set()
