"""PeerTube's questions about videos, actors and playlists, and the answers of the catalogue."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.short_uuid import parse_uuid
from peertube_sync.compat import rows, selection, shapes
from peertube_sync.compat.parameters import DIGITS, MAX_COUNT, Query, read_handle
from peertube_sync.compat.problems import invalid, not_found
from peertube_sync.compat.shapes import Json, Shapes
from peertube_sync.models import Account, Channel, Playlist, Video

DEEPEST = 2**31
"""No list is longer, and no database counts further."""
BAD_ID = "Should have a valid video id (id, short UUID or UUID)"
BAD_PLAYLIST = "Should have a valid playlist id"
NEWEST = "-createdAt"


def page(query: Query, found: QuerySet[Any], shape: Callable[[Any], Json], most: int = MAX_COUNT) -> Json:
    """Return the page of `found` that `query` asks for. The total costs no query where the page tells it."""
    start, count = query.page(most)
    data = [shape(row) for row in found[start : start + count]] if count and start < DEEPEST else []
    if query.flag("skipCount"):
        return shapes.page(data, None)
    return shapes.page(data, start + len(data) if 0 < len(data) < count else found.order_by().count())


def videos(query: Query) -> Json:
    """List videos."""
    return _videos(query, rows.videos())


def channel_videos(query: Query, handle: str) -> Json:
    """List videos of a channel."""
    return _videos(query, rows.videos().filter(channel=_channel(handle, Channel.objects.available().only("pk"))))


def account_videos(query: Query, handle: str) -> Json:
    """List videos of an account."""
    return _videos(query, rows.videos().filter(account=_account(handle, Account.objects.available().only("pk"))))


def video(_query: Query, name: str) -> Json:
    """Tell all of a video."""
    return Shapes().details(_video(name, rows.video_details()))


def description(_query: Query, name: str) -> Json:
    """Tell the text of a video in full."""
    return {"description": shapes.description(_video(name, rows.parents()))}


def captions(_query: Query, name: str) -> Json:
    """List the captions of a video."""
    parent = _video(name, rows.parents())
    data = [shapes.caption(one, parent.instance) for one in rows.captions(parent)]
    return shapes.page(data, len(data))


def chapters(_query: Query, name: str) -> Json:
    """List the chapters of a video."""
    return {"chapters": [shapes.chapter(one) for one in rows.chapters(_video(name, rows.parents()))]}


def channels(query: Query) -> Json:
    """List channels."""
    return _channels(query, rows.channels())


def channel(_query: Query, handle: str) -> Json:
    """Tell all of a channel."""
    return Shapes().channel(_channel(handle, rows.channels()))


def account_channels(query: Query, handle: str) -> Json:
    """List channels of an account."""
    owner = _account(handle, Account.objects.available().only("pk"))
    return _channels(query, rows.channels().filter(owner_account=owner))


def accounts(query: Query) -> Json:
    """List accounts."""
    sort = query.sort(selection.ACCOUNT_SORTS, NEWEST)
    return page(query, selection.ordered(rows.accounts(), sort, selection.ACCOUNT_SORTS), Shapes().account)


def account(_query: Query, handle: str) -> Json:
    """Tell all of an account."""
    return Shapes().account(_account(handle, rows.accounts()))


def playlists(query: Query) -> Json:
    """List playlists."""
    return _playlists(query, rows.playlists())


def channel_playlists(query: Query, handle: str) -> Json:
    """List playlists of a channel."""
    shown_in = _channel(handle, Channel.objects.available().only("pk"))
    return _playlists(query, rows.playlists().filter(video_channel=shown_in))


def account_playlists(query: Query, handle: str) -> Json:
    """List playlists of an account."""
    owner = _account(handle, Account.objects.available().only("pk"))
    return _playlists(query, rows.playlists().filter(owner_account=owner))


def playlist(_query: Query, name: str) -> Json:
    """Tell all of a playlist."""
    return Shapes().playlist(_playlist(name, rows.playlists()))


def elements(query: Query, name: str) -> Json:
    """List the places of a playlist in their order."""
    parent = _playlist(name, Playlist.objects.available().only("pk"))
    return page(query, rows.elements(parent), Shapes().element)


def _videos(query: Query, found: QuerySet[Video]) -> Json:
    return page(query, selection.listed_videos(found, query), Shapes().video)


def _channels(query: Query, found: QuerySet[Any]) -> Json:
    sort = query.sort(selection.CHANNEL_SORTS, NEWEST)
    return page(query, selection.ordered(found, sort, selection.CHANNEL_SORTS), Shapes().channel)


def _playlists(query: Query, found: QuerySet[Any]) -> Json:
    sort = query.sort(selection.PLAYLIST_SORTS, NEWEST)
    return page(query, selection.ordered(found, sort, selection.PLAYLIST_SORTS), Shapes().playlist)


def _video(name: str, found: QuerySet[Video]) -> Video:
    return _named(name, found, "id", BAD_ID, "Video")  # type: ignore[no-any-return]


def _playlist(name: str, found: QuerySet[Any]) -> Playlist:
    return _named(name, found, "playlistId", BAD_PLAYLIST, "Video playlist")  # type: ignore[no-any-return]


def _named(name: str, found: QuerySet[Any], parameter: str, message: str, what: str) -> Any:
    """Return the row with this number, uuid or short uuid. Raises Problem 400, 404."""
    try:
        by = Q(pk=int(name)) if name.isdecimal() and len(name) <= 2 * DIGITS else Q(uuid=parse_uuid(name))
    except InvalidTarget as error:
        raise invalid(parameter, name, message, "params") from error
    row = found.filter(by).order_by("pk").first()
    if row is None:
        raise not_found(what)
    return row


def _channel(handle: str, found: QuerySet[Any]) -> Channel:
    return _actor(handle, found, "Video channel")  # type: ignore[no-any-return]


def _account(handle: str, found: QuerySet[Any]) -> Account:
    return _actor(handle, found, "Account")  # type: ignore[no-any-return]


def _actor(handle: str, found: QuerySet[Any], what: str) -> Any:
    """Return the actor with this handle; a name alone is enough where only one has it. Raises Problem 404."""
    try:
        named = list(found.filter(selection.by_handles([read_handle(handle)]))[:2])
    except InvalidTarget as error:
        raise not_found(what) from error
    if len(named) != 1 or "\0" in handle:
        raise not_found(what)
    return named[0]
