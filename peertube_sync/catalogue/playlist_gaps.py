"""How many videos of a playlist are shown here, and why others aren't, as far as that may be told."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from django.db.models import Count, Exists, OuterRef, Subquery

from peertube_sync.catalogue import visibility
from peertube_sync.models import Playlist, PlaylistElement, Reason

LOOKED = 2_000
"""The most elements that are looked at, the first ones that were read."""


class Gap(Enum):
    """Why an element shows no video."""

    DELETED = "deleted"
    PRIVATE = "private"
    UNAVAILABLE = "unavailable"
    NOT_HERE = "not here"
    """It was never mirrored, or this site shows it to nobody: which of both isn't told."""


BY_TYPE = {1: Gap.DELETED, 2: Gap.PRIVATE, 3: Gap.UNAVAILABLE}
"""What the source says of an element (`PlaylistElement.type_id`)."""
BY_REASON: Mapping[str, Gap] = {
    Reason.DELETED: Gap.DELETED,
    Reason.PRIVATE: Gap.PRIVATE,
    Reason.PASSWORD: Gap.PRIVATE,
    Reason.UNLISTED: Gap.PRIVATE,
    Reason.BLOCKED: Gap.UNAVAILABLE,
}
"""Why a video that everybody could see here isn't any more."""


@dataclass(frozen=True)
class ElementCounts:
    """How many elements of a playlist show a video, and how many don't; `whole`: all of them were looked at."""

    shown: int
    gaps: Mapping[Gap, int]
    whole: bool

    @property
    def known(self) -> int:
        return self.shown + sum(self.gaps.values())


def count_elements(playlist: Playlist) -> ElementCounts:
    """Count the elements of a playlist, in one query of bounded cost."""
    first = PlaylistElement.objects.filter(playlist=playlist).order_by("pk").values("pk")[: LOOKED + 1]
    shown = Exists(visibility.available().filter(pk=OuterRef("video")))
    # Of what the source didn't take back there is no reason, or the page would tell that hidden rows are there.
    taken_back = Subquery(visibility.taken_back().filter(pk=OuterRef("video")).values("removed_reason")[:1])
    kinds = PlaylistElement.objects.filter(pk__in=first).order_by().annotate(shown=shown, taken_back=taken_back)
    counted = kinds.values_list("shown", "type_id", "taken_back").annotate(number=Count("pk"))
    number: Counter[Gap | None] = Counter()
    for is_shown, kind, reason, rows in counted:
        number[None if is_shown else BY_TYPE.get(kind) or BY_REASON.get(reason, Gap.NOT_HERE)] += rows
    there = number.pop(None, 0)
    gaps = {gap: number[gap] for gap in Gap if number[gap]}
    return ElementCounts(there, gaps, whole=there + sum(gaps.values()) <= LOOKED)
