"""The lists of the API: videos, channels, accounts, playlists and their elements, and searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, TypeVar

from peertube_sync.testing.answers import Answer, Request, json_answer
from peertube_sync.testing.constants import STATES
from peertube_sync.testing.problems import ProblemError, invalid, not_found, token_required
from peertube_sync.testing.records import Account, Channel, Playlist, Privacy
from peertube_sync.testing.render import own_label
from peertube_sync.testing.selection import (
    SEARCH_SORTS,
    SORT_KEYS,
    VideoSelection,
    one,
    read_nsfw_flags,
    read_page,
    read_selection,
    read_sort,
)

Row = TypeVar("Row")
Keys = dict[str, Callable[[Any], Any]]

WATCHED = "Cannot use excludeAlreadyWatched parameter when auth token is not provided"

CHANNEL_SORTS: Keys = {
    "createdAt": lambda channel: channel.created,
    "updatedAt": lambda channel: channel.updated,
    "name": lambda channel: channel.name,
    "id": lambda channel: channel.id,
}
ACCOUNT_SORTS: Keys = {"createdAt": lambda account: account.created}
PLAYLIST_SORTS: Keys = {
    "createdAt": lambda playlist: playlist.created,
    "updatedAt": lambda playlist: playlist.updated,
    "name": lambda playlist: playlist.name,
    "displayName": lambda playlist: playlist.name,
    "videoChannelPosition": lambda playlist: playlist.position or 0,
}
CHANNEL_SEARCH_SORTS: Keys = {
    "match": lambda channel: channel.created,
    "displayName": lambda channel: channel.display_name,
    "createdAt": lambda channel: channel.created,
}
PLAYLIST_SEARCH_SORTS: Keys = {
    "match": lambda playlist: playlist.created,
    "displayName": lambda playlist: playlist.name,
    "createdAt": lambda playlist: playlist.created,
}


def videos(request: Request) -> Answer:
    return _list_videos(request, None)


def channel_videos(request: Request, handle: str) -> Answer:
    return _list_videos(request, find_channel(request, handle))


def account_videos(request: Request, handle: str) -> Answer:
    return _list_videos(request, find_account(request, handle))


def own_videos(request: Request) -> Answer:
    """List all videos of whoever asks, whatever their privacy or state; its own facts come on top."""
    if request.reader is None:
        raise token_required()
    sort = _read_sort_of_videos(request)
    start, count = read_page(request.query)
    found = request.catalogue.select(VideoSelection(sort=sort, owner=request.reader))
    data = []
    for video in found[start : start + count]:
        facts = {
            "waitTranscoding": video.wait_transcoding,
            "state": own_label(STATES, video.state),
            "blacklisted": video.blocked,
            "blacklistedReason": None,
            "blockedOwner": False,
            "blockedServer": False,
            "scheduledUpdate": None,
            "tags": list(video.tags),
        }
        data.append(request.renderer.video_item(video) | request.version.shape("own video", facts))
    return json_answer({"total": len(found), "data": data})


def search_videos(request: Request) -> Answer:
    """List videos that match; without a word or `uuids`, all of them. Addresses match nothing."""
    sort = read_sort(request.query, SEARCH_SORTS, "-match")
    page = read_page(request.query)
    return _page_of_videos(request, _read_selection(request, sort), page)


def channels(request: Request) -> Answer:
    """List channels, local ones and remote ones."""
    return _list_channels(request, list(request.catalogue.channels.values()), CHANNEL_SORTS)


def account_channels(request: Request, handle: str) -> Answer:
    owner = find_account(request, handle)
    owned = [c for c in request.catalogue.channels.values() if c.owner is owner]
    return _list_channels(request, owned, CHANNEL_SORTS)


def search_channels(request: Request) -> Answer:
    """List channels whose name matches, or those named by `handles`."""
    handles = request.query.get("handles")
    if handles is not None:
        named = [request.catalogue.find_channel(handle, request.host) for handle in handles]
        return _list_channels(request, [c for c in named if c], CHANNEL_SEARCH_SORTS, "-match")
    words = (one(request.query, "search") or "").casefold()
    found = [
        channel
        for channel in request.catalogue.channels.values()
        if words in f"{channel.name} {channel.display_name}".casefold()
    ]
    return _list_channels(request, found, CHANNEL_SEARCH_SORTS, "-match")


def accounts(request: Request) -> Answer:
    """List accounts; as in PeerTube the total is wrong, it counts channels too."""
    rows = list(request.catalogue.accounts.values())
    page = _ordered_page(request, rows, ACCOUNT_SORTS)
    total = len(rows) + len(request.catalogue.channels)
    return json_answer({"total": total, "data": [request.renderer.account(a) for a in page]})


def playlists(request: Request) -> Answer:
    return _list_playlists(request, list(request.catalogue.playlists.values()), _sorts_of_playlists(request))


def channel_playlists(request: Request, handle: str) -> Answer:
    """List public playlists of one channel."""
    channel = find_channel(request, handle)
    owned = [p for p in request.catalogue.playlists.values() if p.channel is channel]
    return _list_playlists(request, owned, _sorts_of_playlists(request))


def account_playlists(request: Request, handle: str) -> Answer:
    """List public playlists of one account."""
    owner = find_account(request, handle)
    owned = [p for p in request.catalogue.playlists.values() if p.owner is owner]
    return _list_playlists(request, owned, _sorts_of_playlists(request))


def search_playlists(request: Request) -> Answer:
    """List public playlists whose name matches."""
    words = (one(request.query, "search") or "").casefold()
    found = [p for p in request.catalogue.playlists.values() if words in p.name.casefold()]
    return _list_playlists(request, found, PLAYLIST_SEARCH_SORTS, "-match")


def playlist_elements(request: Request, text: str) -> Answer:
    """List the elements of a playlist in order of position; the total counts hidden ones."""
    playlist = find_playlist(request, text)
    start, count = read_page(request.query)
    page = playlist.elements[start : start + count]
    data = [request.renderer.element(element) for element in page]
    return json_answer({"total": len(playlist.elements), "data": data})


def find_channel(request: Request, handle: str) -> Channel:
    """Return the channel of a handle. Raises ProblemError 404."""
    channel = request.catalogue.find_channel(handle, request.host)
    if channel is None:
        raise not_found("Video channel")
    return channel


def find_account(request: Request, handle: str) -> Account:
    """Return the account of a handle. Raises ProblemError 404."""
    account = request.catalogue.find_account(handle, request.host)
    if account is None:
        raise not_found("Account")
    return account


def find_playlist(request: Request, text: str) -> Playlist:
    """Return a playlist that an anonymous reader may see. Raises ProblemError 404, 401."""
    playlist = request.catalogue.find_playlist(text)
    if playlist is None:
        raise not_found("Video playlist")
    if playlist.privacy == Privacy.UNLISTED and text.isdecimal():
        raise not_found("Playlist")
    if playlist.privacy == Privacy.PRIVATE:
        raise request.version.refusal("hidden parts")
    return playlist


def _list_videos(request: Request, scope: Account | Channel | None) -> Answer:
    sort = _read_sort_of_videos(request)
    page = read_page(request.query)
    selection = replace(_read_selection(request, sort), scope=scope)
    if not request.version.has("host of listed videos"):
        selection = replace(selection, host=None)
    return _page_of_videos(request, selection, page)


def _sorts_of_playlists(request: Request) -> Keys:
    return request.version.shape("sorts of playlists", PLAYLIST_SORTS)


def _read_sort_of_videos(request: Request) -> str:
    return read_sort(request.query, request.version.shape("sorts of videos", SORT_KEYS), "-publishedAt")


def _read_selection(request: Request, sort: str) -> VideoSelection:
    query, version = request.query, request.version
    if "include" in query or "privacyOneOf" in query:
        raise version.refusal("for moderators")
    if "excludeAlreadyWatched" in query:
        raise ProblemError(400, WATCHED)
    if "filter" in query and not version.has("filter"):
        raise invalid("filter", query["filter"][0])
    selection = read_selection(query, sort, request.host, request.catalogue.nsfw_policy)
    selection = replace(selection, internal=request.reader is not None)
    if version.has("NSFW flags"):
        included, excluded = read_nsfw_flags(query)
        selection = replace(selection, nsfw_included=included, nsfw_excluded=excluded)
    if not version.has("isLocal"):
        return replace(selection, local=True if query.get("filter") == ["local"] else None)
    return selection


def _page_of_videos(request: Request, selection: VideoSelection, page: tuple[int, int]) -> Answer:
    start, count = page
    found = request.catalogue.select(selection)
    renderer = request.renderer
    data = [renderer.video_item(video) for video in found[start : start + count]]
    if one(request.query, "skipCount") == "true":
        return json_answer({"data": data})
    return json_answer({"total": len(found), "data": data})


def _list_channels(request: Request, rows: list[Channel], keys: Keys, default: str = "-createdAt") -> Answer:
    page = _ordered_page(request, rows, keys, default)
    return json_answer({"total": len(rows), "data": [request.renderer.listed_channel(c) for c in page]})


def _list_playlists(request: Request, rows: list[Playlist], keys: Keys, default: str = "-createdAt") -> Answer:
    public = [playlist for playlist in rows if playlist.privacy == Privacy.PUBLIC]
    page = _ordered_page(request, public, keys, default)
    return json_answer({"total": len(public), "data": [request.renderer.playlist(p) for p in page]})


def _ordered_page(request: Request, rows: Sequence[Row], keys: Keys, default: str = "-createdAt") -> list[Row]:
    sort = read_sort(request.query, keys, default)
    start, count = read_page(request.query)
    by_id = sorted(rows, key=attrgetter("id"))
    by_id.sort(key=keys[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return by_id[start : start + count]
