"""Sweeps: a complete walk in the order of creation, which never changes, joined with our own rows.

The remote list and our rows of the same scope are two lists sorted by `created_at`. Each page covers a
range of that key: rows of ours inside the range that the page doesn't show are missing. Memory holds one
page; a catalogue that didn't change is read and never written; the cursor resumes after a crash.

1. The last key of a page may go on on the next page, so a page covers `[from, last)`; the uuids seen
   with `last` are carried over in the cursor.
2. When something before the cursor goes, the list shifts left and the next page would jump over items.
   So pages overlap by a row, and the first row has to be one that was seen, or older: else the overlap grows
   until it is.
3. The walk ends with a short page that reaches `total`; a page before `total` that brings nothing further
   is odd and closes nothing. The end of the list covers `[from, ∞)`.
4. Only rows that existed before the sweep began can be missing.
5. An item that can't be read stands where our row of its uuid does. Where there is none, nobody knows what it
   is: all rows between its neighbours, those with their keys too, may be it, and none of them is settled. Of a
   page on which nothing can be read, and of one that isn't in order, that is true from end to end.
6. A walk reads at most twice as many items as it finds. A walk that contradicts itself ends, and the next one
   begins anew; so does one that was asked for after this one began.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from django.utils import timezone

from peertube_sync.client.errors import InconsistentList
from peertube_sync.client.parse import Page
from peertube_sync.client.peertube import COUNT, MOST_ENTRIES, require_end
from peertube_sync.client.types import VideoItem
from peertube_sync.models import RunKind, Source, SyncRun, Video
from peertube_sync.sync.doorbell.trust import prove
from peertube_sync.sync.schedule import next_head, next_sweep
from peertube_sync.sync.walks.pages import commit_page, require_home, scope_of
from peertube_sync.sync.walks.readability import Readability, settle_readability
from peertube_sync.sync.work import Work, open_run

WIDE = 32
"""By how many rows, at least, pages overlap after the list has shifted; each further page halves that."""
BELIEVED = 5 * COUNT
"""Up to this number, a list's own total is believed before its items were found."""
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Entry = tuple[datetime | None, str]
"""An item of a page: its key (`created_at`) and uuid. An unreadable item that can't be identified has no key."""
Range = tuple[datetime, datetime]
"""A range of keys, both ends included."""


@dataclass
class Cursor:
    """Where a sweep stands: `start` in the remote list; rows older than `key` are done.

    `tied` are the uuids seen with exactly `key`; `hiding`: an item of which nobody knows what it is stands at that
    key or behind it. `overlap` is by how many rows the next page begins before `start`. `received` items came, of which
    `found` were new; `end` is the last place reached, `told` the most that the list said to have. `began` is when the
    sweep started, by our clock.
    """

    began: str
    start: int = 0
    key: str = ""
    tied: list[str] = field(default_factory=list)
    hiding: bool = False
    overlap: int = 1
    received: int = 0
    found: int = 0
    end: int = 0
    told: int = 0
    reading: Readability = field(default_factory=Readability)

    def __post_init__(self) -> None:
        """Take up what JSON has kept."""
        if isinstance(self.reading, dict):
            self.reading = Readability(**self.reading)

    @property
    def last(self) -> datetime:
        return datetime.fromisoformat(self.key) if self.key else EARLIEST

    def knows(self, entry: Entry) -> bool:
        """Whether nothing can have slipped between the rows seen and `entry`, or at least nothing that is settled."""
        key, uuid = entry
        return not self.key or key is None or key < self.last or uuid in self.tied


@dataclass(frozen=True)
class Shown:
    """What a page shows, place by place; `ended`: it is the last of its list."""

    page: Page[VideoItem]
    entries: list[Entry]
    ended: bool

    @property
    def last(self) -> datetime:
        """The key up to which the list is known now."""
        return max((key for key, _uuid in self.entries if key), default=EARLIEST)


def sweep(work: Work, source: Source) -> None:
    """Walk the whole list of `source`, from where the last slice stopped."""
    with work.recording(RunKind.SWEEP, source, open_run(source, RunKind.SWEEP, source.sweep_due_at)) as run:
        cursor = Cursor(**run.cursor) if run.cursor else Cursor(began=timezone.now().isoformat())
        while _step(work, source, run, cursor):
            work.check_time()
        run.cursor, run.error = {}, cursor.reading.trouble
    source.excluded = run.excluded
    now = timezone.now()
    settle_readability(
        work,
        source,
        cursor.reading,
        {"sweep_at": now, "head_at": now, "last_error": ""},
        complete=True,
        sweep_due_at=next_sweep(work.settings),
        head_due_at=next_head(source, work.settings),
        lists_due_at=None if work.owner_source else now,
        remote_total=source.remote_total,
        excluded=source.excluded,
        unread=cursor.reading.unread,
    )
    if not cursor.reading.trouble:
        prove(work, source, datetime.fromisoformat(cursor.began))


def _step(work: Work, source: Source, run: SyncRun, cursor: Cursor) -> bool:
    """Read and settle one page; returns whether there is more."""
    shown = next_page(work, source, cursor)
    if shown is None:
        run.cursor = asdict(cursor)
        return True
    page = shown.page
    source.remote_total = page.total
    new = replace(
        page,
        items=[item for item in page.items if str(item.uuid) not in cursor.tied],
        unreadable=[item for item in page.unreadable if page.start + item.place >= cursor.start],
    )
    commit_page(work, run, source, new, lambda: _settle(source, run, cursor, shown), reading=cursor.reading)
    work.progress(run.kind, min(page.end, page.total or page.end), page.total)
    return not shown.ended


def next_page(work: Work, source: Source, cursor: Cursor) -> Shown | None:
    """Read the page at `cursor`; None where the list has shifted: the next page begins earlier.

    Raises InconsistentList where the pages make no list, Moved where all of them are another host's.
    """
    page = work.client.videos(scope_of(source), start=max(0, cursor.start - cursor.overlap), sort="createdAt")
    require_home(work, page)
    require_end(page)
    entries = _entries(work, page)
    cursor.received += page.length
    cursor.end, cursor.told = max(cursor.end, page.end), max(cursor.told, page.total or 0)
    if _shifted(cursor, page, entries):
        beyond = max(0, cursor.start - (page.total or 0)) if page.length == 0 else 0
        cursor.overlap = max(WIDE, 4 * cursor.overlap, beyond + WIDE)
        _require_progress(work, cursor)
        return None
    cursor.found += _count_new(cursor, page, entries)
    ended = _ended(work, cursor, page)
    if not ended:
        _require_progress(work, cursor)
    return Shown(page, entries, ended)


def _entries(work: Work, page: Page[VideoItem]) -> list[Entry]:
    """Return what stands in each place of `page`."""
    bad, good = {item.place: item.uuid for item in page.unreadable}, iter(page.items)
    entries: list[Entry] = []
    for place in range(page.length):
        if place in bad:
            entries.append((None, bad[place]))
        elif item := next(good, None):
            entries.append((item.created_at if isinstance(item.created_at, datetime) else None, str(item.uuid)))
    held = _keys_of_our_rows(work, [uuid for key, uuid in entries if not key])
    return [(key or _key_if_fitting(held.get(uuid), entries, place), uuid) for place, (key, uuid) in enumerate(entries)]


def _keys_of_our_rows(work: Work, uuids: list[str]) -> dict[str, datetime]:
    """Return the keys of those of our rows that these name; what only looks like a uuid names none."""
    named = []
    for uuid in uuids:
        with suppress(ValueError):
            named.append(UUID(uuid))
    rows = Video.objects.filter(instance=work.instance, uuid__in=named)
    return {str(uuid): key for uuid, key in rows.values_list("uuid", "created_at")} if named else {}


def _key_if_fitting(key: datetime | None, entries: list[Entry], place: int) -> datetime | None:
    """Return the key of our row where it fits between those told beside its place: a row may have had no better one."""
    before = max((other for other, _uuid in entries[:place] if other), default=EARLIEST)
    return (
        key if key and before <= key <= _first_or_latest(other for other, _uuid in entries[place:] if other) else None
    )


def _shifted(cursor: Cursor, page: Page[VideoItem], entries: list[Entry]) -> bool:
    """Whether rows before the cursor have gone, so that `page` may begin too late, or lies behind the end.

    Nothing can lie before the first page, however much has gone.
    """
    if page.start == 0:
        return False
    return not cursor.knows(entries[0]) if entries else page.start >= (page.total or 0)


def _count_new(cursor: Cursor, page: Page[VideoItem], entries: list[Entry]) -> int:
    """Count what no page before has shown; of what nobody knows, those whose place is within the list."""
    within = range(cursor.start, MOST_ENTRIES if page.total is None else page.total)
    return sum(
        page.start + place in within if key is None else not cursor.knows((key, uuid)) or not cursor.key
        for place, (key, uuid) in enumerate(entries)
    )


def _require_progress(work: Work, cursor: Cursor) -> None:
    """Raise InconsistentList where one page more could be more than twice what the list has."""
    distinct = min(cursor.found, cursor.end)
    if cursor.received + COUNT > 2 * max(distinct, min(cursor.told, BELIEVED), COUNT):
        host = work.client.transport.host
        raise InconsistentList(
            f"the list of {host} goes on and on, or comes in another order each time:"
            f" of {cursor.received} videos that it showed, {distinct} can be different ones"
        )


def _ended(work: Work, cursor: Cursor, page: Page[VideoItem]) -> bool:
    """Whether `page` is the last; raises InconsistentList where the walk gets no further before `total`."""
    if page.length >= COUNT:
        return False
    if page.end > cursor.start:
        return page.total is not None and page.end >= page.total
    if page.end < (page.total or 0):
        host = work.client.transport.host
        raise InconsistentList(f"{host} says that it lists {page.total} videos, yet shows none from {page.end} on")
    return True


def _settle(source: Source, run: SyncRun, cursor: Cursor, shown: Shown) -> None:
    """Mark our rows that the page should have shown and didn't; move the cursor."""
    seen = {uuid for _key, uuid in shown.entries} | set(cursor.tied)
    hidden = _hidden(cursor, shown)
    rows = Video.objects.of_source(source).filter(
        removed_at=None, missing_since=None, delisted_at=None, first_seen_at__lt=datetime.fromisoformat(cursor.began)
    )
    if cursor.key:
        rows = rows.filter(created_at__gte=cursor.last)
    if not shown.ended:
        rows = rows.filter(created_at__lt=shown.last)
    missing = [
        pk
        for pk, uuid, key in rows.values_list("pk", "uuid", "created_at")
        if str(uuid) not in seen and not any(low <= key <= high for low, high in hidden)
    ]
    Video.objects.filter(pk__in=missing).update(missing_since=timezone.now())
    advance(cursor, shown)
    run.cursor = asdict(cursor)


def _hidden(cursor: Cursor, shown: Shown) -> set[Range]:
    """Return where rows of ours may be what a page shows and nobody can tell: between the keys beside it."""
    entries, keys = shown.entries, [key for key, _uuid in shown.entries if key]
    if (entries and not shown.page.items) or keys != sorted(keys):
        return {(EARLIEST, LATEST)}
    hidden = {(EARLIEST, _first_or_latest(key for key in keys if key > cursor.last))} if cursor.hiding else set()
    before = EARLIEST
    for place, (key, _uuid) in enumerate(entries):
        if key:
            before = key
        else:
            hidden.add((before, _first_or_latest(later for later, _uuid in entries[place:] if later)))
    return hidden


def _first_or_latest(keys: Iterable[datetime]) -> datetime:
    return next(iter(keys), LATEST)


def advance(cursor: Cursor, shown: Shown) -> None:
    """Move `cursor` behind what was shown."""
    hidden, key = _hidden(cursor, shown), max(cursor.last, shown.last)
    tied = {uuid for entry_key, uuid in shown.entries if entry_key == key} | set(
        cursor.tied if key == cursor.last else ()
    )
    cursor.start, cursor.overlap = shown.page.end, max(1, min(cursor.overlap, WIDE) // 2)
    cursor.hiding = any(high >= key for _low, high in hidden)
    cursor.key, cursor.tied = key.isoformat() if tied else "", sorted(tied)
