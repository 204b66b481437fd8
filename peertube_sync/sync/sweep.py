"""Sweeps: a complete walk in the order of creation, which never changes, joined with our own rows.

The remote list and our rows of the same scope are two lists sorted by `created_at`. Each page covers a
range of that key: rows of ours inside the range that the page doesn't show are missing. Memory holds one
page; a catalogue that didn't change is read and never written; the cursor resumes after a crash.

1. The last key of a page may go on on the next page, so a page settles `[from, last)`; the uuids seen
   with `last` are carried over in the cursor.
2. When something before the cursor goes, the list shifts left and the next page would jump over items.
   So pages overlap by one row, and the first row has to be one that was seen, or older: else step back.
3. The walk ends with a short page that reaches `total`; a page before `total` that brings nothing further
   is odd and closes nothing. The end settles `[from, ∞)`.
4. Only rows that existed before the sweep began can be missing.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from peertube_sync.client.errors import MalformedAnswer
from peertube_sync.client.parse import Page
from peertube_sync.client.peertube import COUNT, require_end
from peertube_sync.client.types import VideoItem
from peertube_sync.models import RunKind, Source, SyncRun, Video
from peertube_sync.sync.pages import commit_page, scope_of
from peertube_sync.sync.schedule import next_head, next_sweep
from peertube_sync.sync.work import Work, open_run

BACK = 1000
"""Steps back in one walk: more than any catalogue loses pages while it is read."""


@dataclass
class Cursor:
    """Where a sweep stands: `start` in the remote list; rows older than `key` are settled.

    `tied` are the uuids seen with exactly `key`. `began` is when the sweep started, by our clock.
    """

    began: str
    start: int = 0
    key: str = ""
    tied: list[str] = field(default_factory=list)
    steps_back: int = 0

    def knows(self, item: VideoItem) -> bool:
        """Whether nothing can have slipped between the rows seen and `item`."""
        return not self.key or item.created_at < datetime.fromisoformat(self.key) or str(item.uuid) in self.tied


def sweep(work: Work, source: Source) -> None:
    """Walk the whole list of `source`, from where the last slice stopped."""
    with work.recording(RunKind.SWEEP, source, open_run(source, RunKind.SWEEP)) as run:
        cursor = Cursor(**run.cursor) if run.cursor else Cursor(began=timezone.now().isoformat())
        while _step(work, source, run, cursor):
            work.breathe()
        run.cursor = {}
    source.excluded = run.excluded
    _finish(work, source)


def _step(work: Work, source: Source, run: SyncRun, cursor: Cursor) -> bool:
    """Read and settle one page; returns whether there is more."""
    found = next_page(work, source, cursor)
    if found is None:
        run.cursor = asdict(cursor)
        return True
    page, ended = found
    source.remote_total = page.total
    new = replace(page, items=[item for item in page.items if str(item.uuid) not in cursor.tied])
    commit_page(work, run, source, new, lambda: _settle(source, run, cursor, page, ended=ended))
    work.progress(run.kind, min(page.end, page.total or page.end), page.total)
    return not ended


def next_page(work: Work, source: Source, cursor: Cursor) -> tuple[Page[VideoItem], bool] | None:
    """Read the page at `cursor`, and whether it is the last; None where the list shifted: the cursor stepped back."""
    page = work.client.videos(scope_of(source), start=max(0, cursor.start - 1), sort="createdAt")
    if _shifted(cursor, page):
        cursor.start = max(0, cursor.start - COUNT)
        cursor.steps_back += 1
        if cursor.steps_back > BACK:
            raise MalformedAnswer(f"{work.client.transport.host} shows its videos in another order each time")
        return None
    return page, _ended(work, cursor, page)


def _shifted(cursor: Cursor, page: Page[VideoItem]) -> bool:
    """Whether rows before the cursor have gone, so that `page` may begin too late, or lies behind the end.

    Nothing can lie before the first page, however much has gone.
    """
    if page.items:
        return page.start > 0 and not cursor.knows(page.items[0])
    return page.length == 0 and page.start > 0 and page.start >= (page.total or 0)


def _ended(work: Work, cursor: Cursor, page: Page[VideoItem]) -> bool:
    """Whether `page` is the last; raises MalformedAnswer where the walk gets no further before `total`, or no end."""
    require_end(page)
    if page.end > cursor.start:
        return page.length < COUNT and page.total is not None and page.end >= page.total
    if page.end < (page.total or 0):
        host = work.client.transport.host
        raise MalformedAnswer(f"{host} says that it lists {page.total} videos, yet shows none from {page.end} on")
    return True


def _settle(source: Source, run: SyncRun, cursor: Cursor, page: Page[VideoItem], *, ended: bool) -> None:
    """Mark our rows that the page should have shown and didn't; move the cursor."""
    seen = {str(item.uuid) for item in page.items} | set(cursor.tied) | {one.uuid for one in page.unreadable}
    rows = _rows(source, cursor, None if ended else _last(page))
    missing = [pk for pk, uuid in rows.values_list("pk", "uuid") if str(uuid) not in seen]
    Video.objects.filter(pk__in=missing).update(missing_since=timezone.now())
    advance(cursor, page)
    run.cursor = asdict(cursor)


def _last(page: Page[VideoItem]) -> datetime | None:
    return max((item.created_at for item in page.items), default=None)


def _rows(source: Source, cursor: Cursor, before: datetime | None) -> "QuerySet[Video, Video]":
    """Return our rows that the list should show between the cursor and `before` (None: to the end)."""
    rows = Video.objects.of_source(source).filter(
        removed_at=None, missing_since=None, delisted_at=None, first_seen_at__lt=datetime.fromisoformat(cursor.began)
    )
    if cursor.key:
        rows = rows.filter(created_at__gte=datetime.fromisoformat(cursor.key))
    return rows if before is None else rows.filter(created_at__lt=before)


def advance(cursor: Cursor, page: Page[VideoItem]) -> None:
    """Move `cursor` behind `page`."""
    cursor.start = page.end
    last = _last(page)
    if last is None:
        return
    tied = {str(item.uuid) for item in page.items if item.created_at == last}
    if cursor.key and last <= datetime.fromisoformat(cursor.key):
        last, tied = datetime.fromisoformat(cursor.key), {*tied, *cursor.tied}
    cursor.key, cursor.tied = last.isoformat(), sorted(tied)


def _finish(work: Work, source: Source) -> None:
    now = timezone.now()
    columns: dict[str, Any] = {
        "sweep_at": now,
        "sweep_due_at": next_sweep(work.settings),
        "head_at": now,
        "head_due_at": next_head(source, work.settings),
        "lists_due_at": None if work.own else now,
        "remote_total": source.remote_total,
        "excluded": source.excluded,
        "last_error": "",
    }
    work.settle(source, **columns)
