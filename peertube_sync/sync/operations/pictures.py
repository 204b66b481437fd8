"""What there is of pictures, and putting them in order: fetching what lacks, finding what is damaged or left over."""

import time
from collections.abc import Collection
from dataclasses import asdict, dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from peertube_sync.conf import Settings
from peertube_sync.ingest.pictures.keeping import (
    count_by_state,
    damaged,
    drop,
    end_claims,
    make_room,
    orphans,
    settle_stale,
    storage,
    used,
)
from peertube_sync.ingest.pictures.rows import PICTURED
from peertube_sync.models import Instance, Picture, PictureState
from peertube_sync.sync.pictures import Asker, TurnEnded, asking, next_pictures

STILL = 5.0
"""Seconds for which one waits, at the most, until a host may be asked again."""


@dataclass(frozen=True)
class PictureCounts:
    """How many pictures are `here`, how many `missing` though their sources publish them, and why, and the bytes.

    Missing are the `failed`, which are tried again, the `dropped`, which come back when somebody looks, and all that
    nobody has fetched yet. The `refused`, which can't be kept, are not among them.
    """

    here: int
    missing: int
    failed: int
    dropped: int
    refused: int
    bytes: int

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def count_pictures() -> PictureCounts:
    """Count the pictures of all rows that visitors may see. It costs a look at each of these rows."""
    by_state = count_by_state()
    here, waiting, failed, dropped, refused = (
        by_state.get(state, 0)
        for state in (
            PictureState.HERE,
            PictureState.WANTED,
            PictureState.FAILED,
            PictureState.DROPPED,
            PictureState.REFUSED,
        )
    )
    unknown = 0
    for of, kind in PICTURED.items():
        known = Picture.objects.filter(of=of, row_id=OuterRef("pk"))
        unknown += kind.shown().filter(~Exists(known), kind.publishing).order_by().count()
    return PictureCounts(here, waiting + failed + dropped + unknown, failed, dropped, refused, used())


def fetch_missing(instances: Collection[Instance], settings: Settings, *, again: bool = False) -> list[str]:
    """Fetch what lacks of the rows of `instances`, one host after the other; returns why some couldn't be asked on.

    With `again`, also what failed, was thrown away or was refused.
    """
    if again:
        left_out = (PictureState.HERE, PictureState.NONE)
        rows = Picture.objects.exclude(state__in=left_out).filter(instance_id__in=[one.pk for one in instances])
        rows.update(due_at=timezone.now(), tries=0, state=PictureState.WANTED)
    ended = []
    for instance in instances:
        try:
            with asking(instance, settings) as asker:
                _fetch_all(asker)
        except TurnEnded as error:
            ended.append(f"{instance.host}: {error}")
    return ended


def _fetch_all(asker: Asker) -> None:
    while pictures := next_pictures(asker.instance, asker.settings):
        for picture in pictures:
            try:
                asker.fetch(picture)
            except TurnEnded as error:
                wait = (error.until - timezone.now()).total_seconds()
                if wait > STILL:
                    raise
                time.sleep(max(0.0, wait))


@dataclass(frozen=True)
class Pruned:
    """What went: pictures of rows that went or have others, `dropped` for room, files that no picture has."""

    stale: int
    dropped: int
    orphans: int


def prune(settings: Settings) -> Pruned:
    """Take away what isn't to be kept: all of it where pictures are the sources' own matter."""
    if settings.pictures != "site":
        Picture.objects.update(stale=True, version="")
    stale, dropped = settle_stale(), make_room(settings.pictures_bytes)
    end_claims()
    left = list(orphans())
    for name in left:
        storage().delete(name)
    return Pruned(stale, dropped, len(left))


def verify() -> int:
    """Have all pictures fetched again of which a file isn't there, or isn't whole; returns how many."""
    return sum(drop(picture, due=True) for picture in damaged())
