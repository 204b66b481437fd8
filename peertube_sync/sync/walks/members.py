"""Sources that name their videos one by one: a playlist's members, or a single video."""

from uuid import UUID

from django.utils import timezone

from peertube_sync.client.errors import Refused, UnexpectedShape
from peertube_sync.client.parse import Page, Unreadable
from peertube_sync.ingest.details import all_facts
from peertube_sync.models import RunKind, Source, SourceKind, SyncRun
from peertube_sync.models.rules import excluded_by
from peertube_sync.sync.schedule import next_sweep
from peertube_sync.sync.walks.details import commit_details, mark_missing
from peertube_sync.sync.walks.lists import read_playlist
from peertube_sync.sync.walks.pages import held_among
from peertube_sync.sync.walks.readability import Readability, settle_readability
from peertube_sync.sync.work import Work, open_run


def read_members(work: Work, source: Source) -> None:
    """Ask for the details of every member of `source`; they create rows as well as they update them.

    What the end of a slice interrupts goes on from its cursor, with the members that were read at the start.
    """
    with work.recording(RunKind.SWEEP, source, open_run(source, RunKind.SWEEP, source.sweep_due_at)) as run:
        if not run.cursor:
            uuid = UUID(source.name)
            members = read_playlist(work, run, uuid) if source.kind == SourceKind.PLAYLIST else [uuid]
            run.cursor = {"start": 0, "uuids": list(map(str, members)), "unread": 0, "reason": ""}
        uuids = run.cursor["uuids"]
        while run.cursor["start"] < len(uuids):
            _member(work, run, source, UUID(uuids[run.cursor["start"]]))
            work.progress(run.kind, run.cursor["start"], len(uuids))
            work.check_time()
        unread, reason = run.cursor["unread"], run.cursor["reason"]
        reading = Readability(len(uuids) - unread, unread, 2 * unread > len(uuids), reason)
        run.cursor, run.error = {}, reading.trouble
    good = {"sweep_at": timezone.now(), "last_error": ""}
    due = next_sweep(work.settings)
    columns = {"excluded": run.excluded, "unread": unread, "head_due_at": None, "sweep_due_at": due}
    settle_readability(work, source, reading, good, complete=True, remote_total=len(uuids), **columns)


def _member(work: Work, run: SyncRun, source: Source, uuid: UUID) -> None:
    """Read one member, write it unless the rules exclude it and no row holds it, and move the cursor on."""
    try:
        details = work.client.video(uuid)
        excluded = bool(excluded_by(source.rules, all_facts(work.instance, details)))
        run.excluded += excluded
        if not excluded or held_among(source, [uuid]):
            commit_details(work, run, [details])
        if not work.covers(details):
            _miss(work, uuid)
    except Refused as error:
        if not error.gone:
            raise
        _miss(work, uuid)
    except UnexpectedShape as error:
        run.cursor["unread"] += 1
        run.cursor["reason"] = run.cursor["reason"] or str(error)
        with work.lease.transaction():
            work.skip(run, "details", Page(0, 1, None, []), [Unreadable(str(error), "", str(uuid))])
    run.cursor["start"] += 1
    with work.lease.transaction():
        work.save(run)


def _miss(work: Work, uuid: UUID) -> None:
    """Let the removal look at a member that isn't public any more, or gone."""
    for row in work.rows.filter(uuid=uuid, removed_at=None):
        mark_missing(work, row)
