"""Twins: rows of several instances that have one uuid. One of them is shown, the others are doubles of it.

Anybody can publish another's uuids, so nothing that an instance says decides which: it is the row that came first, by
our own primary key, whatever became of it since. Only a row that no source here wants any more gives way to the next.
`double` keeps the outcome, so that lists read one column; a constraint of the database lets no two rows of a uuid be
shown. That none is shown is prevented by order: who adds a row, makes it a tombstone or brings it back locks its twins
first, and looks at them after that, with what others have committed meanwhile.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from peertube_sync.ingest.upsert import Written, upsert
from peertube_sync.models import Curation, Instance, Playlist, Reason, Video
from peertube_sync.models.base import Row

Twinned = type[Video] | type[Playlist]
BATCH = 500
"""Uuids that are settled at once."""
SIGNED = 2**63
"""PostgreSQL's keys of advisory locks are signed numbers of 64 bits."""


def upsert_by_uuid(model: Twinned, instance: Instance, rows: Mapping[UUID, Row], **options: Any) -> Written[UUID]:
    """Do what `upsert` does with its `options`; of rows that are new or come back, settle whether they are shown."""
    shared: set[UUID] = set()

    def arriving(there: Mapping[UUID, Row]) -> dict[UUID, Row]:
        """Return that new rows with a twin are doubles until that is settled."""
        new = rows.keys() - there.keys()
        back = {uuid for uuid, row in there.items() if row["removed_reason"] == Reason.OUT_OF_SCOPE}
        if not (new or back):
            return {}
        _take_turns(new)
        if back:
            _lock(model, rows)
        others = model._default_manager.filter(uuid__in=new | back).exclude(instance=instance)
        shared.update(others.order_by().values_list("uuid", flat=True))
        if shared and not back:
            _lock(model, rows)
        return {uuid: {"double": True} for uuid in shared & new}

    owner = {"instance_id": instance.pk}
    written = upsert(model, rows, key="uuid", owner=owner, arriving=arriving, **options)
    if shared:
        settle_twins(model, shared)
    return written


@transaction.atomic
def settle_twins(model: Twinned, uuids: Collection[UUID]) -> None:
    """Let of all rows with one of `uuids` the first be shown; to be called after whatever may change which that is.

    The first is the one with the lowest primary key, of those that aren't out of scope if there are any. What this
    site hid stays hidden: the decision is handed on to a row that is shown in its place.
    """
    ordered = sorted(set(uuids))
    for some in (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH)):
        _lock(model, some)
        rows: QuerySet[Any] = model._default_manager.filter(uuid__in=some).order_by("uuid", "pk")
        demoted: list[int] = []
        promoted: dict[UUID, int] = {}
        for uuid, twins in groupby(rows.only("uuid", "double", "removed_reason"), attrgetter("uuid")):
            every = list(twins)
            first = next((row for row in every if row.removed_reason != Reason.OUT_OF_SCOPE), every[0])
            demoted += [row.pk for row in every if not row.double and row is not first]
            if first.double:
                promoted[uuid] = first.pk
        _show(model, demoted, promoted)


def lock_twins(model: Twinned, pks: Iterable[int]) -> set[UUID]:
    """Lock the rows `pks` and their twins, in the order in which everybody does; returns their uuids."""
    uuids = set(model._default_manager.filter(pk__in=pks).order_by().values_list("uuid", flat=True))
    _lock(model, uuids)
    return uuids


def twinned(rows: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
    """Return those of `rows` whose uuid another row has too."""
    others = rows.model._default_manager.filter(uuid=OuterRef("uuid")).exclude(pk=OuterRef("pk"))
    return rows.filter(Exists(others))


def replace_deleted_firsts() -> None:
    """Show the next row of each uuid whose first one was deleted by others than this app."""
    for model in (Video, Playlist):
        firsts = model._default_manager.filter(uuid=OuterRef("uuid"), double=False)
        left = model._default_manager.filter(~Exists(firsts), double=True).order_by("pk").values_list("uuid", flat=True)
        while some := set(left[:BATCH]):
            settle_twins(model, some)


def _show(model: Twinned, demoted: Collection[int], promoted: Mapping[UUID, int]) -> None:
    """Make doubles first: the constraint lets no two be shown, not even in between."""
    rows = model._default_manager
    if demoted:
        rows.filter(pk__in=demoted).update(double=True)
    if promoted:
        rows.filter(pk__in=promoted.values()).update(double=False)
    if model is Video and demoted and promoted:
        hidden = Curation.objects.filter(video__in=demoted, hidden=True).values_list("video__uuid", flat=True)
        heirs = Video.objects.filter(pk__in=[promoted[uuid] for uuid in hidden if uuid in promoted])
        Curation.objects.decide(heirs, hidden=True)


def _lock(model: Twinned, uuids: Iterable[UUID]) -> None:
    """Keep others from changing rows with these uuids, all in one order so that no two wait for each other."""
    rows = model._default_manager.filter(uuid__in=list(uuids)).order_by("uuid", "pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def _take_turns(uuids: Collection[UUID]) -> None:
    """Wait for others who are about to add a row with one of `uuids`, of which nobody can see or lock a row yet.

    SQLite has one writer anyway.
    """
    if uuids and connection.vendor == "postgresql":
        keys = sorted(uuid.int % (2 * SIGNED) - SIGNED for uuid in uuids)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])
