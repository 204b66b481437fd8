"""Channels, accounts and playlists: listed after each sweep; what a list doesn't show is asked by name."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from msgspec import UnsetType

from peertube_sync.client.errors import Refused, UnexpectedShape
from peertube_sync.client.parse import Page, Unreadable
from peertube_sync.client.peertube import walk
from peertube_sync.client.types import RemoteAccount, RemoteChannel, RemoteElement, RemotePlaylist
from peertube_sync.ingest.actors import ingest_accounts, ingest_channels
from peertube_sync.ingest.playlists import ingest_elements, ingest_playlists
from peertube_sync.models import (
    PUBLIC,
    Account,
    Channel,
    Playlist,
    Reason,
    RingKind,
    RunKind,
    Source,
    SourceKind,
    SyncRun,
)
from peertube_sync.sync.doorbell.silence import note_silent_actors, note_silent_playlists
from peertube_sync.sync.operations.optout import opted_out
from peertube_sync.sync.walks.pages import objection, scope_of
from peertube_sync.sync.walks.readability import Readability
from peertube_sync.sync.work import Work, open_run

MOST_ELEMENTS = 10_000
"""The most elements of a playlist that are read: all of them are replaced in one transaction."""
LOOKED_AT = 20
"""How many playlists that a list doesn't show any more are asked for after it; the others wait for the next time."""
Remote = TypeVar("Remote", RemoteChannel, RemoteAccount, RemotePlaylist)


def read_lists(work: Work, source: Source) -> None:
    """Read the channels and playlists of `source`.

    Rows here that a complete list didn't show become due, to be asked for by name; after a list that could hardly be
    read, none do. A walk that the end of a slice interrupts goes on from its cursor.
    """
    due_at = source.lists_due_at
    playlists_run = open_run(source, RunKind.PLAYLISTS, due_at)
    if playlists_run is None:
        with work.recording(RunKind.ACTORS, source, open_run(source, RunKind.ACTORS, due_at)) as run:
            listed = _pages_from_cursor(work, run, lambda start: work.client.channels(scope_of(source), start=start))
            channels = _commit(work, run, "channel", channel_pages(work, source, listed), key="name")
            if not run.error:
                _ask_again(work, own_rows(Channel, source), {"name__in": channels}, "details_due_at")
                if source.kind == SourceKind.INSTANCE:
                    # No list that may be asked shows accounts: those that own no channel any more are asked by name.
                    accounts = Account.objects.filter(instance=source.instance_id, removed_at=None)
                    _ask_again(work, accounts, {"channels__name__in": channels}, "details_due_at")
        _add_run_error(work, source, run)
    with work.recording(RunKind.PLAYLISTS, source, playlists_run) as run:
        pages = _pages_from_cursor(work, run, lambda start: work.client.playlists(scope_of(source), start=start))
        playlists = _commit(work, run, "playlist", pages, key="uuid")
        if not run.error:
            _ask_again(work, own_rows(Playlist, source), {"uuid__in": playlists}, "elements_due_at")
            # Ask about some playlists that are missing from a list: one that is unlisted now still shows its elements.
            absent = own_rows(Playlist, source).exclude(uuid__in=playlists)
            to_check = absent.exclude(privacy_id=None).order_by("elements_fetched_at", "pk")
            for row in to_check[:LOOKED_AT]:
                ask_about_row(work, run, _check_privacy, row)
    _add_run_error(work, source, run)
    work.write_source(source, lists_due_at=None)


def _add_run_error(work: Work, source: Source, run: SyncRun) -> None:
    """Add what a run of its lists could not read to what is wrong with `source`."""
    if run.error:
        source.refresh_from_db(fields=["last_error"])
        work.write_source(source, last_error="; ".join(filter(None, [source.last_error, f"{run.kind}: {run.error}"])))


def fetch_actors(work: Work) -> None:
    """Ask for every channel and account that is due by its name."""
    _each_due_row(work, RunKind.ACTORS, [(Channel, ask_channel), (Account, ask_account)])


def fetch_elements(work: Work) -> None:
    """Read the elements of every playlist that is due."""
    _each_due_row(work, RunKind.PLAYLISTS, [(Playlist, _read_elements)], "elements_due_at")


def channel_pages(work: Work, source: Source, listed: Iterator[Page[RemoteChannel]]) -> Iterator[Page[RemoteChannel]]:
    """Yield the channels of `source`: a channel is its own and has no list, others have what is `listed`."""
    if source.kind != SourceKind.CHANNEL:
        return listed
    return iter([Page(0, 1, 1, [work.client.channel(source.name)])])


def _pages_from_cursor(work: Work, run: SyncRun, ask: Callable[[int], Page[Any]]) -> Iterator[Page[Any]]:
    """Yield the pages from the cursor of `run` on; the slice may end before each of them, except for the first."""
    first = int(run.cursor.get("start", 0))

    def next_page(start: int) -> Page[Any]:
        if start > first:
            work.check_time()
        return ask(start)

    return walk(next_page, first)


def _commit(work: Work, run: SyncRun, kind: str, pages: Iterator[Page[Any]], *, key: str) -> set[str]:
    """Write page after page of the instance's own items; returns their `key`s, those of earlier slices too.

    Lists show what is followed, too; what claims others' actors is refused.
    """
    seen: set[str] = set(run.cursor.get("seen", ()))
    reading = Readability(**run.cursor.get("reading", {}))
    for page in pages:
        at_home = [item for item in page.items if work.client.is_home_of(item) and not opted_out(work, item)]
        objections = [(item, objection(work, item)) for item in at_home]
        own = [item for item, why in objections if not why]
        refused = [
            Unreadable(why, str(item.url), str(getattr(item, "uuid", "") or item.name))
            for item, why in objections
            if why
        ]
        reading.add(page.start, len(page.items) - len(refused), [*page.unreadable, *refused])
        seen |= {str(getattr(item, key)) for item in own}
        run.cursor = {"start": page.end, "seen": sorted(seen), "reading": asdict(reading)}
        with work.lease.transaction():
            if kind == "channel":
                _accounts, channels = ingest_channels(work.instance, own, work.rotation, known=work.actors)
                note_silent_actors(work, RingKind.CHANNEL, channels)
                work.count(run, channels)
            else:
                playlists = ingest_playlists(work.instance, own, work.actors)
                note_silent_playlists(work, playlists)
                work.count(run, playlists)
            work.skip(run, kind, page, refused)
            _hide(work, page.items)
            work.save(run)
    run.cursor, run.error = {}, reading.trouble
    return seen


def _hide(work: Work, items: Iterable[Any]) -> None:
    """Hide playlists that the answer doesn't call public; a later answer that does brings them back."""
    hidden = [item.uuid for item in items if isinstance(item, RemotePlaylist) and item.privacy_id != PUBLIC]
    rows = Playlist.objects.filter(instance=work.instance, uuid__in=hidden, privacy_id__isnull=False)
    if hidden and rows.exists():
        rows.update(privacy_id=None, privacy_label=None)


def own_rows(model: type[Channel | Playlist], source: Source) -> "QuerySet[Any, Any]":
    """Return the rows that the list of `source` should have shown."""
    rows: QuerySet[Any, Any] = model._default_manager.filter(instance=source.instance_id, removed_at=None)
    if source.kind == SourceKind.INSTANCE:
        return rows
    by = "video_channel" if model is Playlist else ""
    name = f"{by}__name" if by else "name"
    if source.kind == SourceKind.CHANNEL:
        return rows.filter(**{name: source.name})
    return rows.filter(owner_account__name=source.name)


def _ask_again(work: Work, rows: "QuerySet[Any, Any]", listed: dict[str, Any], column: str) -> None:
    absent = list(rows.exclude(**listed).values_list("pk", flat=True))
    if absent:
        with work.lease.transaction():
            rows.filter(pk__in=absent).update(**{column: timezone.now()})


def _check_privacy(work: Work, _run: SyncRun, row: Playlist) -> None:
    with suppress(UnexpectedShape):  # reading its elements tells
        playlist = work.client.playlist(row.uuid)
        with work.lease.transaction():
            _hide(work, [playlist])


def _each_due_row(
    work: Work, kind: RunKind, jobs: list[tuple[Any, Callable[..., None]]], column: str = "details_due_at"
) -> None:
    """Do each job for the rows of its model that are due, in one run; one that is gone becomes a tombstone."""
    due = {"instance": work.instance, "removed_at": None, f"{column}__lte": timezone.now()}
    known = due if kind == RunKind.PLAYLISTS else {**due, "private": False}
    todo = [(ask, row) for model, ask in jobs for row in model.objects.filter(**known).order_by("pk")]
    if not todo:
        return
    with work.recording(kind) as run:
        for done, (ask, row) in enumerate(todo, start=1):
            ask_about_row(work, run, ask, row)
            work.progress(kind, done, len(todo))
            work.check_time()


def ask_about_row(work: Work, run: SyncRun, ask: Callable[..., None], row: Any) -> None:
    """Do `ask` for one row: a tombstone if it is gone, and noted if the answer can't be read."""
    try:
        ask(work, run, row)
    except Refused as error:
        if not error.gone:
            raise
        work.confirm_peertube()
        with work.lease.transaction():
            type(row).objects.filter(pk=row.pk).update(removed_at=timezone.now(), removed_reason=Reason.DELETED)
        work.actors.forget(row)
        run.removed += 1
    except UnexpectedShape as error:
        # Noted, and asked for again after a rotation.
        nothing: Page[Any] = Page(0, 1, None, [])
        with work.lease.transaction():
            work.skip(run, row._meta.model_name or "", nothing, [Unreadable(str(error), row.url, row.name)])
            type(row)._default_manager.filter(pk=row.pk).update(details_due_at=timezone.now() + work.rotation)


def _require_own(work: Work, answer: Remote) -> Remote:
    """Return `answer`; raises UnexpectedShape if it isn't at home on the instance."""
    if reason := objection(work, answer):
        raise UnexpectedShape(reason)
    return answer


def ask_channel(work: Work, run: SyncRun, row: Channel) -> None:
    channel = _require_own(work, work.client.channel(row.name))
    with work.lease.transaction():
        _accounts, channels = ingest_channels(work.instance, [channel], work.rotation, known=work.actors)
        note_silent_actors(work, RingKind.CHANNEL, channels)
        work.count(run, channels)
        _note_answer(work, run, row, channel)


def ask_account(work: Work, run: SyncRun, row: Account) -> None:
    account = _require_own(work, work.client.account(row.name))
    with work.lease.transaction():
        accounts = ingest_accounts(work.instance, [account], work.rotation, known=work.actors)
        note_silent_actors(work, RingKind.ACCOUNT, accounts)
        work.count(run, accounts)
        _note_answer(work, run, row, account)


def _note_answer(work: Work, run: SyncRun, row: Channel | Account, answer: RemoteChannel | RemoteAccount) -> None:
    """Note what was odd in an answer about one actor, and ask again after a rotation, however little it had."""
    work.skip(run, row._meta.model_name or "", Page(0, 1, None, [answer]), [])
    rows = type(row)._default_manager.filter(pk=row.pk, details_due_at__lte=timezone.now())
    rows.update(details_due_at=timezone.now() + work.rotation)


def _read_elements(work: Work, run: SyncRun, row: Playlist) -> None:
    """Take a complete reading only: the elements replace what was there."""
    try:
        elements, unreadable = all_elements(work, row.uuid, row.videos_length)
    except UnexpectedShape as error:
        # Noted, and asked for again the next day.
        nothing: Page[RemoteElement] = Page(0, 0, None, [])
        with work.lease.transaction():
            work.skip(run, "elements", nothing, [Unreadable(str(error), row.url, str(row.uuid))])
            Playlist.objects.filter(pk=row.pk).update(elements_due_at=timezone.now() + timedelta(days=1))
        return
    with work.lease.transaction():
        changed = ingest_elements(row, elements, work.rotation)
        work.skip(run, "element", Page(0, len(elements), None, elements, unreadable), [], str(row.uuid))
    run.updated += changed
    run.unchanged += not changed


def read_playlist(work: Work, run: SyncRun, uuid: UUID) -> list[UUID]:
    """Read one playlist and its elements; returns the uuids of its local videos. Its run counts those alone."""
    return write_playlist(work, run, work.client.playlist(uuid))


def write_playlist(work: Work, run: SyncRun, playlist: RemotePlaylist) -> list[UUID]:
    """Write a playlist, and its elements, which are read first; returns the uuids of its local videos."""
    uuid = playlist.uuid
    with work.lease.transaction():
        _hide(work, [playlist])
    _require_own(work, playlist)
    elements, unreadable = all_elements(work, uuid, playlist.videos_length)
    with work.lease.transaction():
        ingest_playlists(work.instance, [playlist], work.actors)
        row = Playlist.objects.get(instance=work.instance, uuid=uuid)
        ingest_elements(row, elements, work.rotation)
        work.skip(run, "playlist", Page(0, 1, None, [playlist]), [])
        work.skip(run, "element", Page(0, len(elements), None, elements, unreadable), [], str(uuid))
    return local_uuids(elements)


def all_elements(
    work: Work, uuid: UUID, length: int | UnsetType | None = None
) -> tuple[list[RemoteElement], list[Unreadable]]:
    """Return the elements of a playlist, and the unreadable ones; videos of this instance's opt-outs are left out.

    Raises UnexpectedShape when there is none, though the playlist says that its `length` is another, or no end, or
    when hardly any can be read.
    """
    elements, unreadable, reading = [], [], Readability()
    host = work.client.transport.host
    for page in walk(lambda start: work.client.elements(uuid, start=start)):
        elements += page.items
        unreadable += page.unreadable
        reading.add(page.start, len(page.items), page.unreadable)
        if page.end > MOST_ELEMENTS:
            raise UnexpectedShape(f"{host} shows more than {MOST_ELEMENTS} elements of the playlist {uuid}")
    if length and not elements:
        raise UnexpectedShape(f"{host} says that the playlist {uuid} has {length} videos, yet shows none")
    if reading.trouble:
        raise UnexpectedShape(f"the playlist {uuid} of {host}: {reading.trouble}")
    return [element for element in elements if not (is_local(element) and opted_out(work, element.video))], unreadable


def is_local(element: RemoteElement) -> bool:
    """Return whether `element` shows a video of the playlist's own instance."""
    return element.video is not None and element.video.is_local


def local_uuids(elements: Iterable[RemoteElement]) -> list[UUID]:
    """Return the uuids of the local videos that a playlist's elements show."""
    return [element.video.uuid for element in elements if element.video and element.video.is_local]
