"""The audit: asking the source again, and comparing what it says with what we hold. No mirrored row changes.

It walks the lists of every source that is worked on, as a sweep does, channels and playlists too; asks one by one for
the videos that we hold and no list showed; and asks for the details, captions and chapters, and the elements of
playlists, of a sample or of all. It holds the lease from beginning to end, so that no sync races with it. Every change
at the source since the last sync, even one more view, is a difference.
"""

import logging
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from peertube_sync.client.errors import PeerTubeError, Refused, UnexpectedShape
from peertube_sync.client.parse import Unreadable
from peertube_sync.conf import Settings
from peertube_sync.ingest.compare import Difference, DifferenceKind, compare_items
from peertube_sync.models import PUBLIC, Instance, Playlist, RunKind, Source, SourceKind, SyncRun, Video, streamed
from peertube_sync.models.scope import outside
from peertube_sync.sync import events
from peertube_sync.sync.audit.findings import Audit, Findings, Tell, tell_no_difference
from peertube_sync.sync.audit.lists import check_channels, check_elements, check_playlists
from peertube_sync.sync.audit.videos import check_captions, check_details, ghost, is_wanted
from peertube_sync.sync.connect import connect
from peertube_sync.sync.lease import Lease, LeaseLost
from peertube_sync.sync.permission import require_permission
from peertube_sync.sync.schedule import active_sources
from peertube_sync.sync.walks.lists import all_elements, local_uuids, own_rows
from peertube_sync.sync.walks.pages import SCOPES, split_allowed, split_by_rules
from peertube_sync.sync.walks.sweep import Cursor, advance, next_page
from peertube_sync.sync.work import Progress, Work, no_progress

SAMPLE = 50
T = TypeVar("T")
TAG_RULES = frozenset({"tags", "exclude_tags"})


def audit(
    instance: Instance,
    settings: Settings,
    *,
    sample: int | None = SAMPLE,
    tell: Tell = tell_no_difference,
    progress: Progress = no_progress,
) -> Audit:
    """Compare `instance` with its source, with the details of `sample` videos (None: of all).

    A failure of the remote side is returned as the `error`, never raised.
    """
    result, began = Audit(instance.host), time.monotonic()
    if not active_sources(instance.sources.all()):
        result.error = "none of its sources is worked on, so there is nothing to compare"
        return result
    lease = Lease.acquire(instance, settings.lease_seconds)
    if lease is None:
        result.error = "another process is at work on it; try again when it is done"
        return result
    columns: dict[str, Any] = {"audit_due_at": None}
    try:
        _audit(instance, lease, settings, Findings(result, tell), sample=sample, progress=progress)
        columns |= {"audited_at": timezone.now(), "audit_differences": result.total}
    except PeerTubeError as error:
        result.error = str(error)
    except LeaseLost:
        result.error = "another process took over"
    finally:
        lease.release(**columns)
    result.seconds = round(time.monotonic() - began, 3)
    level = logging.WARNING if result.total or result.error else logging.INFO
    sentence = "%(host)s: audited, %(differences)s differences among %(checked)s videos"
    sentence += "; not complete: %(error)s" if result.error else ""
    facts = {"host": result.host, "checked": result.checked, "error": result.error, "requests": result.requests}
    events.note(level, "audit_ended", sentence, differences=result.total, seconds=result.seconds, **facts)
    return result


def ask_for_audits(instances: Iterable[Instance]) -> None:
    """Make an audit of each due now; whatever works on the instance next does it after its slice."""
    chosen = Instance.objects.filter(pk__in=[instance.pk for instance in instances])
    chosen.update(audit_due_at=timezone.now(), next_due_at=timezone.now())


def _audit(
    instance: Instance, lease: Lease, settings: Settings, findings: Findings, *, sample: int | None, progress: Progress
) -> None:
    instance.refresh_from_db()
    client = connect(instance.scheme, instance.host, settings, instance.version)
    work = Work(instance, client, lease, settings, float("inf"), progress)
    try:
        require_permission(work)
        with work.recording(RunKind.AUDIT) as run:
            try:
                _Walk(work, run, findings).everything(sample)
            finally:
                findings.audit.requests = client.transport.tally.requests
                run.result = findings.audit.counts()
    finally:
        client.transport.close()
        work.count_cost()


@dataclass
class _Walk:
    """An audit at work.

    `shown`: uuids that a list showed; `settled`: those of them that need no second request. `listed` and `named`:
    uuids of our rows that lists should show, and that playlists and single videos name. `playlists`: primary
    keys of those of the sources. `errors` are what sources met.
    """

    work: Work
    run: SyncRun
    findings: Findings
    shown: set[UUID] = field(default_factory=set)
    settled: set[UUID] = field(default_factory=set)
    listed: set[UUID] = field(default_factory=set)
    named: set[UUID] = field(default_factory=set)
    playlists: set[int] = field(default_factory=set)
    errors: list[PeerTubeError] = field(default_factory=list)

    def everything(self, sample: int | None) -> None:
        """Walk the lists, then ask for what they didn't show, then for the sample.

        A refusal about one source doesn't stop the others; it is raised at the end.
        """
        for source in active_sources(self.work.sources):
            if source.kind != SourceKind.OWN:
                self._source(source)
        outer = outside(self.work.instance.pk, self.work.sources).filter(privacy_id=PUBLIC)
        unwanted = set(outer.values_list("uuid", flat=True))
        self.findings.add(*(ghost(uuid, "no source here wants it") for uuid in sorted(unwanted)))
        held = (self.listed | self.named) - unwanted
        self.findings.audit.checked = len(self.settled | held | unwanted)
        gone = self._unshown(sorted(held - self.shown))
        chosen = _sampled(sorted(held - gone), sample)
        for done, row in enumerate(self._rows_of(chosen), start=1):
            if row.uuid not in self.shown or check_details(self.work, self.findings, row):
                check_captions(self.work, self.findings, row)
            self._note("details", done, len(chosen))
        playlists = _sampled(sorted(self.playlists), sample)
        for done, pk in enumerate(playlists, start=1):
            check_elements(self.work, self.findings, Playlist.objects.get(pk=pk))
            self._note("playlists", done, len(playlists))
        if self.errors:
            raise self.errors[0]

    def _source(self, source: Source) -> None:
        rows = Video.objects.of_source(source).filter(removed_at=None).values_list("uuid", flat=True)
        try:
            if source.kind in SCOPES:
                self._list(source)
                check_channels(self.work, self.findings, source)
                check_playlists(self.work, self.findings, source)
                self.playlists.update(own_rows(Playlist, source).values_list("pk", flat=True))
                self.listed.update(streamed(rows))
            else:
                self._members(source)
                named = Playlist.objects.filter(instance=self.work.instance, uuid=source.name, removed_at=None)
                self.playlists.update(named.values_list("pk", flat=True))
                self.named.update(streamed(rows))
        except (Refused, UnexpectedShape) as error:
            if isinstance(error, Refused) and not error.own:
                raise
            self.errors.append(error)

    def _list(self, source: Source) -> None:
        """Walk a whole list, in the order and with the care of a sweep."""
        cursor, ended = Cursor(began=timezone.now().isoformat()), False
        while not ended:
            shown = next_page(self.work, source, cursor)
            if shown is None:
                continue
            page = shown.page
            taken, _refused = split_allowed(self.work, page.items)
            items = [item for item in taken if item.uuid not in self.settled]
            differences, absent = compare_items(self.work.instance, items)
            self.findings.add(*differences)
            self.settled.update(item.uuid for item in items if item.uuid not in absent)
            for item in split_by_rules(source, [item for item in items if item.uuid in absent])[0]:
                if not source.rules.keys() & TAG_RULES or is_wanted(self.work, source, item.uuid):
                    self._report_missing(item.uuid, absent[item.uuid])
            self.shown.update(item.uuid for item in taken)
            for unreadable in page.unreadable:
                self._report_unreadable(unreadable)
            self._note(source, page.end, page.total)
            ended = shown.ended
            advance(cursor, shown)

    def _members(self, source: Source) -> None:
        """Look for what a playlist or a single video names: it is wanted where its details are public."""
        uuid = UUID(source.name)
        single = source.kind == SourceKind.VIDEO
        named = {uuid} if single else set(local_uuids(all_elements(self.work, uuid)[0]))
        rows = Video.objects.filter(instance=self.work.instance, uuid__in=named, removed_at=None)
        for member in sorted(named - set(rows.values_list("uuid", flat=True)) - self.settled):
            if is_wanted(self.work, source, member):
                self._report_missing(member)
        self._note(source, len(named), len(named))

    def _report_missing(self, uuid: UUID, reason: str = "") -> None:
        self.settled.add(uuid)
        self.findings.add(Difference(DifferenceKind.MISSING, "video", str(uuid), reason=reason))

    def _report_unreadable(self, item: Unreadable) -> None:
        """Report an item that can't be read: it can't be compared, and where no row holds it, it is missing."""
        reason, held = f"unreadable: {item.reason}", False
        if item.uuid:
            self.shown.add(UUID(item.uuid))
            held = Video.objects.filter(instance=self.work.instance, uuid=item.uuid, removed_at=None).exists()
        if held:
            self.findings.add(Difference(DifferenceKind.DIFFERS, "video", item.uuid, "list item", reason=reason))
        else:
            self.findings.add(Difference(DifferenceKind.MISSING, "video", item.uuid or item.raw[:80], reason=reason))

    def _unshown(self, uuids: list[UUID]) -> set[UUID]:
        """Ask for the videos that no list showed: delisted and named ones may well be public; returns the ghosts."""
        gone = set()
        for done, row in enumerate(self._rows_of(uuids), start=1):
            unlisted = row.uuid in self.listed and row.delisted_at is None
            if not check_details(self.work, self.findings, row, unlisted=unlisted):
                gone.add(row.uuid)
            self._note("not listed", done, len(uuids))
        return gone

    def _rows_of(self, uuids: list[UUID]) -> Iterator[Video]:
        columns = ("pk", "uuid", "details_fetched_at", "captions_fetched_at", "delisted_at")
        for uuid in uuids:
            yield Video.objects.only(*columns).get(instance=self.work.instance, uuid=uuid)

    def _note(self, what: object, done: int, total: int | None) -> None:
        """Prolong the lease, keep what was found so far, and show it."""
        self.run.result = self.findings.audit.counts()
        with self.work.lease.transaction():
            self.run.save(update_fields=["result"])
        self.work.progress(str(what), done, total)


def _sampled(all_of_them: list[T], size: int | None) -> list[T]:
    return all_of_them if size is None else random.sample(all_of_them, min(size, len(all_of_them)))
