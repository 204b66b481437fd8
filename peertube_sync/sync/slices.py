"""Slices: one bounded piece of work on one instance under its lease, in the order of what matters first."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from peertube_sync.client.errors import BudgetClosed, Disallowed, PeerTubeError, RateLimited, Refused, UnexpectedShape
from peertube_sync.conf import Settings
from peertube_sync.ingest.derived import derive_due
from peertube_sync.models import Instance, InstanceState, RunState, Source, SourceKind
from peertube_sync.models.tally import Measure, add_to_tallies
from peertube_sync.signals import sync_finished
from peertube_sync.sync import events
from peertube_sync.sync.audit.instance import audit
from peertube_sync.sync.bulk_removal import enough_at, is_marked_for_removal, remove_marked
from peertube_sync.sync.connect import connect
from peertube_sync.sync.doorbell.answering import answer_rings
from peertube_sync.sync.doorbell.follows import keep_follows
from peertube_sync.sync.doorbell.trust import settle_doubts
from peertube_sync.sync.lease import Lease, LeaseLost
from peertube_sync.sync.operations.move_signs import named_home, notice_twins
from peertube_sync.sync.permission import ANSWERS_BEFORE_RETRIES, require_permission
from peertube_sync.sync.schedule import active_sources, is_due, next_due, next_head, retry_at
from peertube_sync.sync.scope import settle_all, settle_suspensions
from peertube_sync.sync.walks.details import fetch_captions, fetch_details
from peertube_sync.sync.walks.head import poll_head
from peertube_sync.sync.walks.lists import fetch_actors, fetch_elements, read_lists
from peertube_sync.sync.walks.members import read_members
from peertube_sync.sync.walks.missing import look_again, settle_missing
from peertube_sync.sync.walks.owner import read_own
from peertube_sync.sync.walks.pictures import fetch_pictures
from peertube_sync.sync.walks.readability import mark_readability
from peertube_sync.sync.walks.refresh import refresh
from peertube_sync.sync.walks.sweep import sweep
from peertube_sync.sync.work import Counts, Progress, SliceEnded, Work, fail_runs, no_progress

ALL, HALF, QUARTER = 1.0, 0.5, 0.25
"""Parts of a slice's time: a first sweep may take all, later ones half, and pictures before details a quarter."""

Steps = tuple[tuple[str, frozenset[str], Callable[[Work, Source], None]], ...]
WALKED = frozenset({SourceKind.INSTANCE, SourceKind.CHANNEL, SourceKind.ACCOUNT})
NAMED = frozenset({SourceKind.PLAYLIST, SourceKind.VIDEO})
VIDEO_STEPS: Steps = (
    ("head_due_at", WALKED, poll_head),
    ("sweep_due_at", WALKED, sweep),
    ("sweep_due_at", NAMED, read_members),
)
LIST_STEPS: Steps = (("lists_due_at", WALKED, read_lists),)

TOO_FAST = 3
"""No more failures in a row than these are counted of a host that answers well, and then says 429."""


@dataclass
class SliceResult:
    """What a slice came to.

    `held`: another process is at work on the instance, nothing was done. `broken`: a bug ended it. `more`: work is
    still due.
    `error`: what ended the slice early. `answers`: how many good ones came. `done`: the counts of each run, by
    its kind. `spent`: the `requests`, `rate_limited` and `waited_seconds` of all that was asked, in runs and between
    them. `due_at`: when there is work again of the kind that was to be done.
    """

    held: bool = False
    broken: bool = False
    more: bool = False
    error: PeerTubeError | None = None
    answers: int = 0
    due_at: datetime | None = None
    done: list[tuple[str, Counts]] = field(default_factory=list)
    spent: Counts = field(default_factory=dict)


def run_slice(
    instance: Instance,
    settings: Settings,
    *,
    details: bool = True,
    progress: Progress = no_progress,
    stop: Event | None = None,
) -> SliceResult:
    """Do what is due on `instance`, for `settings.slice_seconds` at the most, or until `stop` is set.

    Rows that are hidden and still to be removed are removed first. A failure of the remote side is written into the
    rows and returned, never raised. Without `details`, only lists are read.

    `sync_finished` is sent at the end, but not where nothing was done (the lease was held), only rows were removed, or
    a bug ended it.
    """
    stop = stop or Event()
    lease = Lease.acquire(instance, settings.lease_seconds)
    if lease is None:
        return SliceResult(held=True)
    result, began, ended = SliceResult(), time.monotonic(), "another process took over"
    columns: dict[str, Any] = {}
    events.slice_began(instance)
    try:
        if not _finish_removal(instance, lease, settings, stop):
            result.more = is_marked_for_removal(instance)
            columns = {"next_due_at": Now()}
            return result
        instance.refresh_from_db()
        result.error = _work(instance, lease, settings, result, details=details, progress=progress, stop=stop)
        columns = _outcome_columns(instance, result.error, result.answers)
        columns |= named_home(instance, result.error, result.answers)
        _count_failure(lease, result.error)
        if result.error is None:
            result.due_at = columns["next_due_at"] if details else next_due(instance, details=False)
        result.more = is_due(result.due_at)
        events.contact(instance, result.error, columns)
        ended = "it failed" if result.error else "more is due" if result.more else "all is done"
    except LeaseLost:
        result.held = True
    finally:
        lease.release(**columns)
    took = time.monotonic() - began
    events.slice_ended(instance.host, result.done, result.spent, seconds=took, ended=ended, columns=columns)
    _follow_up(instance, settings, result)
    return result


def _follow_up(instance: Instance, settings: Settings, result: SliceResult) -> None:
    """Do what comes after the lease: an audit that a person asked for, what triggers have queued, the signal."""
    if not result.held and result.error is None and is_due(instance.audit_due_at):
        audit(instance, settings)
    if not result.held:
        notice_twins(instance)
    derive_due()
    sync_finished.send_robust(sender=Instance, instance_id=instance.pk, error=str(result.error or ""))


def _finish_removal(instance: Instance, lease: Lease, settings: Settings, stop: Event) -> bool:
    """Remove what leaves; returns whether there is anything left to work on, and time for it."""
    if not is_marked_for_removal(instance):
        return True
    remove_marked(instance, lease, enough_at(time.monotonic() + settings.slice_seconds, stop.is_set))
    return not is_marked_for_removal(instance) and Instance.objects.filter(pk=instance.pk).exists()


def _work(
    instance: Instance,
    lease: Lease,
    settings: Settings,
    result: SliceResult,
    *,
    details: bool,
    progress: Progress,
    stop: Event,
) -> PeerTubeError | None:
    died = instance.runs.filter(state=RunState.RUNNING, cursor={})  # those with a cursor can go on
    if died.exists():
        with lease.transaction():
            fail_runs(died, "interrupted")
    try:
        client = connect(instance.scheme, instance.host, settings, instance.version)
    except PeerTubeError as error:
        return error
    deadline = time.monotonic() + settings.slice_seconds
    work = Work(instance, client, lease, settings, deadline, progress, result.done, stop)
    try:
        _steps(work, details=details)
    except SliceEnded:
        return None
    except PeerTubeError as error:
        return error
    finally:
        result.answers = client.transport.tally.answers
        client.transport.close()
        work.storages.close()
        result.spent = work.count_cost()
    return None


def _steps(work: Work, *, details: bool) -> None:
    """Do what is due: what rang, then lists before details, details before captions; the first sweep before these."""
    settle_suspensions(work.instance)
    settle_all(work)
    if not work.sources:
        return
    require_permission(work)
    if is_due(work.instance.refresh_due_at):
        refresh(work)
    if details:
        with work.within(HALF):
            answer_rings(work)
        settle_doubts(work)  # behind the keys that prove what has rung
    keep_follows(work)
    sources = active_sources(work.sources)
    for source in sources:
        _work_on_source(work, source, VIDEO_STEPS)
    keep_follows(work)  # for sources whose rows tell only by now whom to follow
    settle_missing(work)
    for source in sources:
        _work_on_source(work, source, LIST_STEPS)
        if source.kind == SourceKind.OWN:
            with work.within(HALF):
                read_own(work, source, details=details)
    fetch_actors(work)
    fetch_elements(work)
    if details:
        fetch_pictures(work, QUARTER)
        fetch_details(work)
        look_again(work)
        fetch_captions(work)
        fetch_pictures(work, ALL)


def _work_on_source(work: Work, source: Source, steps: Steps) -> None:
    """Do the steps of one source that are due; what its server refuses costs the others nothing."""
    for column, kinds, step in steps:
        if source.kind not in kinds or not is_due(getattr(source, column)):
            continue
        try:
            with work.within(ALL if source.sweep_at is None else HALF):
                step(work, source)
        except (Refused, UnexpectedShape) as error:
            if isinstance(error, Refused) and not error.own:
                raise
            work.confirm_peertube()
            # Come back to `source` later; one that names its videos has no newest ones to look for meanwhile.
            gone = source.name and isinstance(error, Refused) and error.gone
            host = work.instance.host
            reason = f"{host} has no public {source.kind} {source.name!r} any more" if gone else str(error)
            heads = {"head_due_at": None} if source.kind in NAMED else {}
            due = next_head(source, work.settings)
            work.write_source(source, **{**heads, "last_error": reason, column: due})
            facts = {"host": host, "source": source, "reason": reason, "next_try_at": due}
            events.note(
                logging.WARNING, "source_failed", "%(source)s: %(reason)s; next try at %(next_try_at)s", **facts
            )
            if isinstance(error, UnexpectedShape) and steps is VIDEO_STEPS:
                mark_readability(work, source, readable=False)
        work.check_time()


def _outcome_columns(instance: Instance, error: PeerTubeError | None, answers: int) -> dict[str, Any]:
    """Return the instance's columns after a slice: its state with the reason, and when it is due next.

    A host that answers well and then finds us too fast isn't getting worse: its failures add up to a wait of minutes,
    not of a day.
    """
    if error is None:
        columns = {"state": InstanceState.OK, "state_reason": "", "failures": 0, "failing_since": None}
        return {**columns, "next_due_at": next_due(instance)}
    failed = not isinstance(error, BudgetClosed)
    got_on = isinstance(error, RateLimited) and answers > ANSWERS_BEFORE_RETRIES
    failures = min(instance.failures + failed, TOO_FAST if got_on else instance.failures + 1)
    columns = {"state": error.state, "state_reason": str(error), "failures": failures}
    if failed and instance.failing_since is None:
        columns["failing_since"] = timezone.now()
    due = retry_at(error, failures)
    if isinstance(error, Disallowed):
        columns["robots_due_at"] = due
    return {**columns, "next_due_at": due}


def _count_failure(lease: Lease, error: PeerTubeError | None) -> None:
    """Count what ended a slice, by its class; having to wait for one's turn is none."""
    if error is not None and not isinstance(error, BudgetClosed):
        with lease.transaction():
            add_to_tallies(lease.instance_id, {(Measure.FAILURES, error.state): 1})
