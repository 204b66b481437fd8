"""Asking an instance what rang, the last first, through the code that asks on schedule too.

Rings in a slice: each costs one request more, since no list has shown the change. Rows that no source wants are neither
made nor asked for twice.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

from django.utils import timezone

from peertube_sync.client.errors import BudgetClosed, PeerTubeError, Refused, UnexpectedShape
from peertube_sync.client.types import RemotePlaylist, VideoDetails
from peertube_sync.ingest.details import all_facts
from peertube_sync.models import (
    PUBLIC,
    Account,
    Channel,
    Playlist,
    PlaylistElement,
    Ring,
    RingKind,
    RunKind,
    Source,
    SourceKind,
    SyncRun,
    Video,
)
from peertube_sync.models.rules import excluded_by
from peertube_sync.sync.doorbell.follows import FOLLOWED
from peertube_sync.sync.doorbell.hearing import fetch_keys, forget_unproven
from peertube_sync.sync.doorbell.rings import answered, count_answer, forget_old_rings, ring, waiting
from peertube_sync.sync.schedule import active_sources
from peertube_sync.sync.scope import settle_scope
from peertube_sync.sync.walks.details import (
    ask_captions,
    ask_details,
    commit_details,
    is_published,
    mark_missing,
    write_captions,
)
from peertube_sync.sync.walks.lists import ask_about_row, ask_account, ask_channel, write_playlist
from peertube_sync.sync.walks.missing import settle_missing
from peertube_sync.sync.work import Work

AT_ONCE = 20
"""Rings of a kind that are read at once; those that come meanwhile are among the next."""
Answer = Callable[[Work, SyncRun, Ring], None]


def answer_rings(work: Work) -> None:
    """Ask for everything that rang, until nothing waits any more or the time is over.

    A few of each kind by turns, with keys and what turns out to be missing: however much rings, none waits for others.
    """
    if not work.settings.doorbell:
        return
    forget_unproven(work)
    while waiting(work.instance).exists():
        for kind, kinds, answer in ANSWERS:
            if _answer_some(work, kind, kinds, answer) and kind == RunKind.RINGS:
                settle_missing(work)
        fetch_keys(work)
    with work.lease.transaction():
        forget_old_rings(work.instance)


def _answer_some(work: Work, kind: RunKind, kinds: tuple[RingKind, ...], answer: Answer) -> bool:
    """Answer some of what waits of these kinds; returns whether anything did."""
    rings = list(waiting(work.instance, kinds)[:AT_ONCE])
    if not rings:
        return False
    with work.recording(kind) as run:
        for ring in rings:
            _answer_ring(work, run, ring, answer)
            work.check_time()
    return True


def _answer_ring(work: Work, run: SyncRun, ring: Ring, answer: Answer) -> None:
    """Answer a ring; one that ends the slice instead is left to the schedule, and doesn't end the next one too."""
    try:
        answer(work, run, ring)
    except BudgetClosed:
        raise
    except PeerTubeError:
        with work.lease.transaction():
            _leave_to_schedule(work, ring)
            answered(ring)
        raise
    with work.lease.transaction():
        answered(ring)
        count_answer(ring)
        work.save(run)


def _answer_video(work: Work, run: SyncRun, ring: Ring) -> None:
    """Read all there is of a video; of one that is no living row here, if a source wants it."""
    uuid = UUID(ring.name)
    row = work.rows.filter(uuid=uuid, removed_at=None).only("pk", "uuid", "delisted_at").first()
    if row is None and not _may_be_wanted(work, uuid):
        return
    published = True
    for details in ask_details(work, run, row or Video(instance=work.instance, uuid=uuid)):
        published = is_published(details) and not (row and row.delisted_at)
        if row or (published and _is_wanted(work, details)):
            commit_details(work, run, [details])
    row = work.rows.filter(uuid=uuid, removed_at=None, missing_since=None).only("pk", "uuid").first()
    answers = list(ask_captions(work, run, row)) if row else []
    if answers:
        with work.lease.transaction():
            write_captions(work, run, answers)
    if row and not published:
        mark_missing(work, row)  # whether lists show it, only these can tell


def _may_be_wanted(work: Work, uuid: UUID) -> bool:
    """Tell, before it is asked for, whether a source may select a video that isn't here."""
    sources = active_sources(work.sources)
    named = {source.name for source in sources if source.kind == SourceKind.VIDEO}
    playlists = [source.name for source in sources if source.kind == SourceKind.PLAYLIST]
    elements = PlaylistElement.objects.filter(playlist__instance=work.instance, video_uuid=uuid)
    return (
        any(source.kind in FOLLOWED for source in sources)
        or str(uuid) in named
        or (bool(playlists) and elements.filter(playlist__uuid__in=playlists).exists())
    )


def _is_wanted(work: Work, details: VideoDetails) -> bool:
    """Tell whether a source selects a video, and its rules accept it."""
    known = all_facts(work.instance, details)
    sources = [source for source in active_sources(work.sources) if _selects_video(source, details)]
    return any(not excluded_by(source.rules, known) for source in sources)


def _selects_video(source: Source, details: VideoDetails) -> bool:
    if source.kind == SourceKind.PLAYLIST:
        elements = PlaylistElement.objects.filter(playlist__instance=source.instance_id, playlist__uuid=source.name)
        return bool(elements.filter(video_uuid=details.uuid).exists())
    names: dict[str, str] = {
        SourceKind.INSTANCE: "",
        SourceKind.CHANNEL: details.channel.name,
        SourceKind.ACCOUNT: details.account.name,
        SourceKind.VIDEO: str(details.uuid),
    }
    return names.get(source.kind) == source.name


def _answer_playlist(work: Work, run: SyncRun, ring: Ring) -> None:
    row = Playlist.objects.filter(instance=work.instance, uuid=ring.name, removed_at=None).first()

    def ask(work: Work, run: SyncRun, row: Playlist | None) -> None:
        playlist = work.client.playlist(UUID(ring.name))
        if row or _lists(work, playlist):
            members = write_playlist(work, run, playlist)
            _settle_playlist_source(work, run, ring.name, members)
            run.updated += 1

    if row:
        ask_about_row(work, run, ask, row)
    else:
        with suppress(UnexpectedShape), _suppress_gone():
            ask(work, run, None)


def _settle_playlist_source(work: Work, run: SyncRun, name: str, members: list[UUID]) -> None:
    """Where the playlist is a source, ask for the videos that it newly shows, and let go of those that it doesn't."""
    if not any(source.kind == SourceKind.PLAYLIST and source.name == name for source in active_sources(work.sources)):
        return
    here = set(work.rows.filter(uuid__in=members, removed_at=None).values_list("uuid", flat=True))
    for uuid in members:
        if uuid not in here:
            ring(work.instance, RingKind.VIDEO, str(uuid))
    settle_scope(work, run)


@contextmanager
def _suppress_gone() -> Iterator[None]:
    """Take it for no trouble that what isn't here is gone there, too."""
    try:
        yield
    except Refused as error:
        if not error.gone:
            raise


def _lists(work: Work, playlist: RemotePlaylist) -> bool:
    """Tell whether the list of playlists of a source shows this one."""
    channel = getattr(playlist.video_channel, "name", None)
    selecting = {
        (SourceKind.INSTANCE, ""),
        (SourceKind.CHANNEL, channel),
        (SourceKind.ACCOUNT, playlist.owner_account.name),
    }
    return playlist.privacy_id == PUBLIC and any(
        (source.kind, source.name) in selecting for source in active_sources(work.sources)
    )


def _answer_actor(work: Work, run: SyncRun, ring: Ring) -> None:
    """Ask for an account or channel; a channel that isn't here is in the list of channels."""
    model, ask = (Channel, ask_channel) if ring.kind == RingKind.CHANNEL else (Account, ask_account)
    rows: Any = model.objects.filter(instance=work.instance, name=ring.name, removed_at=None, private=False)
    if row := rows.first():
        ask_about_row(work, run, ask, row)
    elif model is Channel:
        with work.lease.transaction():
            work.instance.sources.filter(kind=SourceKind.INSTANCE).update(lists_due_at=timezone.now())


def _leave_to_schedule(work: Work, ring: Ring) -> None:
    """Make due, by the columns that the schedule goes by, what rang."""
    now, at = timezone.now(), {"instance": work.instance}
    if ring.kind == RingKind.VIDEO:
        held = Video.objects.filter(**at, uuid=ring.name).update(details_due_at=now, captions_due_at=now)
        if not held:
            work.instance.sources.exclude(head_due_at=None).update(head_due_at=now)
    elif ring.kind == RingKind.PLAYLIST:
        Playlist.objects.filter(**at, uuid=ring.name).update(elements_due_at=now)
        work.instance.sources.filter(kind__in=FOLLOWED).update(lists_due_at=now)
    else:
        model: Any = Channel if ring.kind == RingKind.CHANNEL else Account
        model.objects.filter(**at, name=ring.name).update(details_due_at=now)


ANSWERS: tuple[tuple[RunKind, tuple[RingKind, ...], Answer], ...] = (
    (RunKind.RINGS, (RingKind.VIDEO,), _answer_video),
    (RunKind.ACTORS, (RingKind.CHANNEL, RingKind.ACCOUNT), _answer_actor),
    (RunKind.PLAYLISTS, (RingKind.PLAYLIST,), _answer_playlist),
)
