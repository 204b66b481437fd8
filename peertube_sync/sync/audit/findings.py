"""What an audit came to: its counts, and its differences, each told once."""

from collections.abc import Callable
from dataclasses import dataclass, field

from peertube_sync.ingest.compare import Difference, DifferenceKind

DIFFERENCES_KEPT = 100
"""Differences that the result of an audit keeps; all of them are told as they are found."""
COUNTS = ("checked", "details_checked", "missing", "ghosts", "differing")

Tell = Callable[[Difference], None]


def tell_no_difference(_difference: Difference) -> None:
    """Do nothing with a difference at the moment when it is found: the default."""


@dataclass
class Audit:
    """What an audit came to.

    `checked` are the videos that were looked for, `details_checked` those whose details were. `differing`
    counts videos, channels and accounts of which at least one field differs. `differences` are the first
    KEPT. `error` says why it couldn't be completed.
    """

    host: str
    checked: int = 0
    details_checked: int = 0
    missing: int = 0
    ghosts: int = 0
    differing: int = 0
    differences: list[Difference] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0
    error: str = ""

    @property
    def total(self) -> int:
        """How many things aren't as they are at the source."""
        return self.missing + self.ghosts + self.differing

    def as_dict(self) -> dict[str, object]:
        return {**vars(self), "differences": [difference.as_dict() for difference in self.differences]}

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in COUNTS}


COUNTED = {DifferenceKind.MISSING: "missing", DifferenceKind.GHOST: "ghosts", DifferenceKind.DIFFERS: "differing"}


@dataclass
class Findings:
    """Takes differences as they are found, counts them in `audit` and tells them; a second time says nothing."""

    audit: Audit
    tell: Tell = tell_no_difference
    _told: set[tuple[str, str, str, str]] = field(default_factory=set)
    _counted: set[tuple[str, str, str]] = field(default_factory=set)

    def add(self, *differences: Difference) -> None:
        for difference in differences:
            if (difference.kind, difference.what, difference.key, difference.field) not in self._told:
                self._told.add((difference.kind, difference.what, difference.key, difference.field))
                subject = (difference.kind, difference.what, difference.key)
                if subject not in self._counted:
                    self._counted.add(subject)
                    name = COUNTED[difference.kind]
                    setattr(self.audit, name, getattr(self.audit, name) + 1)
                if len(self.audit.differences) < DIFFERENCES_KEPT:
                    self.audit.differences.append(difference)
                self.tell(difference)
