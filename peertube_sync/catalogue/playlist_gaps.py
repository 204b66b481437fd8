"""How many videos of a playlist are shown here, and why others aren't, as far as that may be told."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from django.db.models import Count, Exists, OuterRef

from peertube_sync.catalogue import visibility
from peertube_sync.models import Playlist, PlaylistElement, Reason

LOOKED = 2_000
"""The most elements that are looked at, the first ones that were read."""


class Gap(Enum):
    """Why an element shows no video."""

    DELETED = "deleted"
    PRIVATE = "private"
    UNAVAILABLE = "unavailable"
    ELSEWHERE = "elsewhere"
    """It isn't mirrored: of another instance, of no source, or opted out."""
    WITHHELD = "withheld"
    """This site shows it to nobody."""


BY_TYPE = {1: Gap.DELETED, 2: Gap.PRIVATE, 3: Gap.UNAVAILABLE}
"""What the source says of an element (`PlaylistElement.type_id`)."""
BY_REASON: Mapping[str, Gap] = {
    Reason.DELETED: Gap.DELETED,
    Reason.PRIVATE: Gap.PRIVATE,
    Reason.PASSWORD: Gap.PRIVATE,
    Reason.UNLISTED: Gap.PRIVATE,
    Reason.BLOCKED: Gap.UNAVAILABLE,
    Reason.OUT_OF_SCOPE: Gap.ELSEWHERE,
    Reason.OPTED_OUT: Gap.ELSEWHERE,
}
"""Why a video that was mirrored isn't any more."""


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
    kinds = PlaylistElement.objects.filter(pk__in=first).order_by().annotate(shown=shown)
    found = kinds.values_list("shown", "type_id", "video__removed_reason").annotate(number=Count("pk"))
    number: Counter[Gap | None] = Counter()
    for is_shown, kind, reason, rows in found:
        number[None if is_shown else _gap(kind, reason)] += rows
    there = number.pop(None, 0)
    gaps = {gap: number[gap] for gap in Gap if number[gap]}
    return ElementCounts(there, gaps, whole=there + sum(gaps.values()) <= LOOKED)


def _gap(kind: int | None, reason: str | None) -> Gap:
    """Return why an element shows nothing; `reason` is None where there never was a row of its video."""
    if kind in BY_TYPE:
        return BY_TYPE[kind]
    return Gap.ELSEWHERE if reason is None else BY_REASON.get(reason, Gap.WITHHELD)
