"""The rules of a robots.txt (RFC 9309), as far as they concern us.

PeerTube serves `instance.robots` of its configuration there; the default allows everything ("User-agent: *"
with an empty "Disallow:").
"""

from dataclasses import dataclass
from functools import cached_property

from protego import Protego

from peertube_sync.client.rate_limit import LONGEST_PAUSE

PRODUCT = "django-peertube-sync"
"""The name that a robots.txt has to use for us; our User-Agent begins with it."""


@dataclass(frozen=True)
class Robots:
    """The rules in the `text` of a robots.txt; an empty one allows everything."""

    text: str = ""

    @cached_property
    def _rules(self) -> Protego:
        return Protego.parse(self.text)

    @property
    def delay(self) -> float:
        """Seconds that the host wants between two requests (`Crawl-delay`, older than the RFC), at most a day."""
        said = float(self._rules.crawl_delay(PRODUCT) or 0) if self.text else 0.0
        return min(said, LONGEST_PAUSE) if said > 0 else 0.0  # a delay that is no number isn't above 0

    def allows(self, target: str) -> bool:
        """Return whether we may ask for `target`, a path with its query."""
        return not self.text or bool(self._rules.can_fetch(target, PRODUCT))
