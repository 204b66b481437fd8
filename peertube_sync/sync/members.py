"""Sources that name their videos one by one: a playlist's members, or a single video."""

from collections.abc import Callable
from uuid import UUID

from django.utils import timezone

from peertube_sync.client.errors import Refused
from peertube_sync.models import RunKind, Source, SourceKind, SyncRun, Video
from peertube_sync.sync.details import commit_details, mark_missing
from peertube_sync.sync.lists import read_playlist
from peertube_sync.sync.schedule import next_sweep
from peertube_sync.sync.work import Work, open_run


def read_members(work: Work, source: Source) -> None:
    """Ask for the details of every member of `source`; they create rows as well as they update them.

    What the end of a slice interrupts goes on from its cursor, with the members that were read at the start.
    """
    with work.recording(RunKind.SWEEP, source, open_run(source, RunKind.SWEEP)) as run:
        if not run.cursor:
            found = MEMBERS[SourceKind(source.kind)](work, run, UUID(source.name))
            run.cursor = {"start": 0, "uuids": list(map(str, found))}
        uuids = run.cursor["uuids"]
        while run.cursor["start"] < len(uuids):
            _member(work, run, UUID(uuids[run.cursor["start"]]))
            work.progress(run.kind, run.cursor["start"], len(uuids))
            work.breathe()
        run.cursor = {}
    now = timezone.now()
    due = next_sweep(work.settings)
    work.settle(source, remote_total=len(uuids), sweep_at=now, head_due_at=None, sweep_due_at=due, last_error="")


def _only_this(_work: Work, _run: SyncRun, uuid: UUID) -> list[UUID]:
    return [uuid]


MEMBERS: dict[SourceKind, Callable[[Work, SyncRun, UUID], list[UUID]]] = {
    SourceKind.PLAYLIST: read_playlist,
    SourceKind.VIDEO: _only_this,
}


def _member(work: Work, run: SyncRun, uuid: UUID) -> None:
    """Read one member, and move the cursor on."""
    try:
        commit_details(work, run, [work.client.video(uuid)])
    except Refused as error:
        if not error.gone:
            raise
        for row in Video.objects.filter(instance=work.instance, uuid=uuid, removed_at=None):
            mark_missing(work, row)
    run.cursor["start"] += 1
    with work.lease.transaction():
        run.save()
