"""The part of an audit that reads the lists of channels and playlists, and the elements of playlists."""

from collections.abc import Iterable
from typing import Any

from peertube_sync.client.parse import Unreadable
from peertube_sync.client.peertube import walk
from peertube_sync.ingest.compare import (
    Difference,
    DifferenceKind,
    compare_channels,
    compare_elements,
    compare_playlists,
)
from peertube_sync.models import Channel, Playlist, Source
from peertube_sync.sync.audit.findings import Findings
from peertube_sync.sync.walks.lists import channel_pages, own_rows
from peertube_sync.sync.walks.pages import scope_of
from peertube_sync.sync.work import Work

NOT_LISTED = "no list shows it"


def check_channels(work: Work, findings: Findings, source: Source) -> None:
    """Compare the channels that `source` lists."""
    names_shown: set[Any] = set()
    listed = walk(lambda start: work.client.channels(scope_of(source), start=start))
    for page in channel_pages(work, source, listed):
        own = [channel for channel in page.items if not work.client.stranger(channel)]
        differences, absent = compare_channels(work.instance, own)
        findings.add(
            *differences, *_missing_differences("channel", absent), *_unreadable_items("channel", page.unreadable)
        )
        names_shown.update(channel.name for channel in own)
    rows = own_rows(Channel, source).exclude(name__in=names_shown)
    findings.add(*_ghosts("channel", rows.values_list("name", flat=True)))


def check_playlists(work: Work, findings: Findings, source: Source) -> None:
    """Compare the playlists that `source` lists, without their elements."""
    uuids_shown: set[Any] = set()
    for page in walk(lambda start: work.client.playlists(scope_of(source), start=start)):
        own = [listed for listed in page.items if not work.client.stranger(listed)]
        differences, absent = compare_playlists(work.instance, own)
        findings.add(
            *differences, *_missing_differences("playlist", absent), *_unreadable_items("playlist", page.unreadable)
        )
        uuids_shown.update(listed.uuid for listed in own)
    rows = own_rows(Playlist, source).exclude(uuid__in=uuids_shown)
    findings.add(*_ghosts("playlist", rows.values_list("uuid", flat=True)))


def check_elements(work: Work, findings: Findings, playlist: Playlist) -> None:
    if playlist.elements_fetched_at is None:
        return
    pages = walk(lambda start: work.client.elements(playlist.uuid, start=start))
    findings.add(*compare_elements(playlist, [item for page in pages for item in page.items]))


def _missing_differences(what: str, keys: Iterable[object]) -> list[Difference]:
    return [Difference(DifferenceKind.MISSING, what, str(key)) for key in sorted(map(str, keys))]


def _ghosts(what: str, keys: Iterable[object]) -> list[Difference]:
    return [Difference(DifferenceKind.GHOST, what, str(key), reason=NOT_LISTED) for key in sorted(map(str, keys))]


def _unreadable_items(what: str, items: Iterable[Unreadable]) -> list[Difference]:
    return [
        Difference(DifferenceKind.MISSING, what, item.uuid or item.raw[:80], reason=f"unreadable: {item.reason}")
        for item in items
    ]
