"""Making tombstones of rows; where nobody here wants them, their twins are shown in their place."""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.utils import timezone

from peertube_sync.ingest.twins import Twinned, lock_twins, settle_twins
from peertube_sync.models import Reason, Video

BATCH = 500
"""Rows that become tombstones in one transaction."""
One = TypeVar("One")


def make_tombstones(pks: list[int], reason: Reason) -> None:
    """Make rows tombstones, inside a transaction.

    Those that are only out of scope keep what is due, for the day that they come back, and give way to their twins.
    """
    done: dict[str, Any] = {"removed_at": timezone.now(), "missing_since": None}
    if reason == Reason.OUT_OF_SCOPE:
        put_out_of_scope(Video, pks, done)
    else:
        done |= {"removed_reason": reason, "details_due_at": None, "captions_due_at": None}
        Video.objects.filter(pk__in=pks).update(**done)


def put_out_of_scope(model: Twinned, pks: list[int], columns: dict[str, Any]) -> None:
    """Write that no source wants rows any more, and `columns` beside; rows with their uuids are shown in their place.

    Inside a transaction.
    """
    uuids = lock_twins(model, pks)
    model._default_manager.filter(pk__in=pks).update(**columns, removed_reason=Reason.OUT_OF_SCOPE)
    settle_twins(model, uuids)


def batches(rows: list[One]) -> Iterator[list[One]]:
    """Yield `rows` in the portions that are written at once."""
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
