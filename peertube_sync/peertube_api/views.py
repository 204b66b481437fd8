"""PeerTube's questions about videos, actors and playlists, and the answers of the catalogue."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet

from peertube_sync.catalogue import queries, visibility
from peertube_sync.catalogue.aggregates import as_gathered
from peertube_sync.catalogue.answer_parts import Answers
from peertube_sync.catalogue.answer_plan import Column
from peertube_sync.catalogue.counting import Count
from peertube_sync.catalogue.lookups import present
from peertube_sync.catalogue.prepared_queries import ChosenColumns
from peertube_sync.catalogue.totals import COUNTED, cached_total
from peertube_sync.catalogue.video_search import BestFirst
from peertube_sync.catalogue.visibility import Side
from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.short_uuid import parse_uuid
from peertube_sync.conf import get_settings
from peertube_sync.models import Channel, Playlist, PlaylistElement
from peertube_sync.models.base import Row
from peertube_sync.peertube_api import parts, readers, selection, serializers
from peertube_sync.peertube_api.endpoints import Unfinished
from peertube_sync.peertube_api.parameters import DIGITS, MAX_COUNT, Query, read_handle
from peertube_sync.peertube_api.problems import invalid, not_found
from peertube_sync.peertube_api.serializers import Json
from peertube_sync.sync.read_through import Told, read_through

DEEPEST = 2**31
"""A list is empty from this place on: none is as long, and databases take no greater number."""
BAD_ID = "Should have a valid video id (id, short UUID or UUID)"
BAD_PLAYLIST = "Should have a valid playlist id"
NEWEST = "-createdAt"
KEY = ("pk",)


def page_of(
    query: Query,
    found: QuerySet[Any] | BestFirst | readers.Whole,
    counted: Callable[[], Count],
    read: Callable[[Any], list[Json]],
    *,
    most: int = MAX_COUNT,
) -> Json:
    """Return the page of `found` that `query` asks for. The total costs no query where the page tells it.

    That of a list may be a moment old; that of a search isn't, and selections of videos keep it as long as it is true.
    """
    start, count = query.page(most)
    data = read(found[start : start + count]) if count and start < DEEPEST else []
    if query.flag("skipCount"):
        return serializers.list_json(data, None)
    end = start + len(data)
    count_now = counted if query.text("search") else partial(cached_total, query.subject, counted)
    total = Count(end) if 0 < len(data) < count and end < COUNTED else count_now()
    return serializers.list_json(data, total.number, exact=total.exact)


def videos(query: Query) -> Json:
    return _list_videos(query)


def channel_videos(query: Query, handle: str) -> Json:
    return _list_videos(query, channel=find_channel(handle)["pk"])


def account_videos(query: Query, handle: str) -> Json:
    return _list_videos(query, account=find_account(handle)["pk"])


def video(_query: Query, name: str) -> Json | Unfinished:
    """Tell all of a video, once its details are read."""
    row = find_video(name, (*parts.VIDEO_DETAILS.columns, "details_fetched_at", "instance"))
    answer = _made(parts.VIDEO_DETAILS, row, "Video")
    if row["details_fetched_at"]:
        return answer
    return Unfinished(answer, partial(_read_details, row["pk"], row["instance"]))


def _read_details(pk: int, instance: int) -> Callable[[Query], Json] | None:
    """Read the details of a video from its home, if that is possible now; returns what tells all of it then."""
    columns = read_through(pk, instance, get_settings())
    return None if columns is None else partial(_with_details, pk, columns)


def _with_details(pk: int, columns: Told, _query: Query) -> Json:
    """Tell all of a video; `columns` were read just now and aren't in its row yet, none where that has everything."""
    if not columns:
        return _single_answer(parts.VIDEO_DETAILS, partial(find_video, str(pk)), "Video")
    row = {**find_video(str(pk), serializers.DETAILS.columns), **columns}
    tags = {"all_tags": as_gathered(columns["tags"])} if "tags" in columns else {}
    return serializers.DETAILS.answer({**row, **tags, serializers.IS_READ: True})


def description(_query: Query, name: str) -> Json:
    """Tell the text of a video in full."""
    return serializers.DESCRIPTION.answer(find_video(name, serializers.DESCRIPTION.columns))


def captions(_query: Query, name: str) -> Json:
    """List the captions of a video."""
    data = readers.read_captions(find_video(name)["pk"])
    return serializers.list_json(data, len(data))


def chapters(_query: Query, name: str) -> Json:
    """List the chapters of a video."""
    return {"chapters": readers.read_chapters(find_video(name)["pk"])}


def storyboards(_query: Query, name: str) -> Json:
    """List no storyboards: they aren't mirrored."""
    find_video(name)
    return {"storyboards": []}


def channels(query: Query) -> Json:
    return _list_channels(query)


def channel(_query: Query, handle: str) -> Json:
    return _single_answer(parts.channel_answers(), lambda columns: find_channel(handle, columns), "Video channel")


def account_channels(query: Query, handle: str) -> Json:
    return _list_channels(query, owner_account=find_account(handle)["pk"])


def accounts(query: Query) -> Json:
    return _all_rows(
        query, selection.all_accounts, query.sort(selection.ACCOUNT_SORTS, NEWEST), readers.account_reader()
    )


def account(_query: Query, handle: str) -> Json:
    return _single_answer(parts.ACCOUNTS, lambda columns: find_account(handle, columns), "Account")


def playlists(query: Query) -> Json:
    return _list_playlists(query)


def channel_playlists(query: Query, handle: str) -> Json:
    return _list_playlists(query, video_channel=find_channel(handle)["pk"])


def account_playlists(query: Query, handle: str) -> Json:
    return _list_playlists(query, owner_account=find_account(handle)["pk"])


def playlist(_query: Query, name: str) -> Json:
    return _single_answer(parts.playlist_answers(), lambda columns: find_playlist(name, columns), "Video playlist")


def elements(query: Query, name: str) -> Json:
    """List the places of a playlist in their order."""
    places = PlaylistElement.objects.filter(playlist=find_playlist(name)["pk"]).order_by("position", "pk")
    return page_of(query, places, partial(selection.count_all, places), readers.read_elements)


def _single_answer(answers: Answers, find: Callable[[tuple[Column, ...]], Row], what: str) -> Json:
    """Return the answer of the row that `find` finds. Raises Refusal 404 where it has just gone."""
    return _made(answers, find(answers.columns), what)


def _made(answers: Answers, row: Row, what: str) -> Json:
    single = answers.of([row])
    if not single:
        raise not_found(what)
    answer: Json = single[0]
    return answer


def _all_rows(query: Query, make: Callable[..., QuerySet[Any]], sort: str, read: Callable[[Any], list[Json]]) -> Json:
    """List all rows that `make` selects and sorts."""
    return page_of(query, readers.Whole(make, (sort,)), partial(_count_made, make, (sort,)), read)


def _count_made(make: Callable[..., QuerySet[Any]], arguments: tuple[Any, ...]) -> Count:
    return selection.count_all(make(*arguments))


def _list_videos(query: Query, **of: int) -> Json:
    if not of and query.is_plain:
        arguments = (query.sort(selection.VIDEO_SORTS, "-publishedAt"), query.nsfw())
        whole = readers.Whole(selection.all_videos, arguments)
        return page_of(query, whole, partial(_count_made, selection.all_videos, arguments), readers.video_reader())
    selected, counted = selection.listed_videos(visibility.listed().filter(**of), query)
    return page_of(query, selected, counted, readers.video_reader())


def _list_channels(query: Query, **of: int) -> Json:
    sort = query.sort(selection.CHANNEL_SORTS, NEWEST)
    if not of:
        return _all_rows(query, selection.all_channels, sort, readers.channel_reader())
    selected = selection.ordered(Channel.objects.available().filter(**of), sort, selection.CHANNEL_SORTS)
    return page_of(query, selected, partial(selection.count_all, selected), readers.channel_reader())


def _list_playlists(query: Query, **of: int) -> Json:
    sort = query.sort(selection.PLAYLIST_SORTS, NEWEST)
    if not of:
        return _all_rows(query, selection.all_playlists, sort, readers.playlist_reader())
    selected = selection.ordered(Playlist.objects.available().filter(**of), sort, selection.PLAYLIST_SORTS)
    return page_of(query, selected, partial(selection.count_all, selected), readers.playlist_reader())


def find_video(name: str, columns: tuple[Column, ...] = KEY) -> Row:
    """Return a video that everybody may see, by its number, uuid or short uuid. Raises Refusal 400, 404."""
    rows = ChosenColumns(queries.whole_videos, columns, (Side.PUBLIC,))
    return _find_by_name(name, rows, "id", BAD_ID, "Video")


def find_playlist(name: str, columns: tuple[Column, ...] = KEY) -> Row:
    """Return a playlist that everybody may see, by its number, uuid or short uuid. Raises Refusal 400, 404."""
    rows = ChosenColumns(queries.playlists, columns)
    return _find_by_name(name, rows, "playlistId", BAD_PLAYLIST, "Video playlist")


def _find_by_name(name: str, rows: ChosenColumns, parameter: str, message: str, what: str) -> Row:
    """Return the row with this number, uuid or short uuid. Raises Refusal 400, 404."""
    try:
        numbered = name.isdecimal() and len(name) <= 2 * DIGITS
        row = rows.first(id=int(name)) if numbered else rows.first(uuid=parse_uuid(name))
    except InvalidTarget as error:
        raise invalid(parameter, name, message, "params") from error
    if row is None:
        raise not_found(what)
    return row


def find_channel(handle: str, columns: tuple[Column, ...] = KEY) -> Row:
    """Return the channel with a handle. Raises Refusal 404."""
    return _find_actor(handle, ChosenColumns(queries.channels, columns), "Video channel")


def find_account(handle: str, columns: tuple[Column, ...] = KEY) -> Row:
    """Return the account with a handle. Raises Refusal 404."""
    return _find_actor(handle, ChosenColumns(queries.accounts, columns), "Account")


def _find_actor(handle: str, rows: ChosenColumns, what: str) -> Row:
    """Return the actor with this handle; a name without a host means the actor that was here first.

    So whoever comes later can take the address of none. Raises Refusal 404.
    """
    try:
        name, host = read_handle(handle)
        if host and (row := rows.first(name=name, instance__host=host)):
            return row
        named = rows.all().filter(selection.by_name_and_host(name, host)).order_by("pk").first()
        if named is None and (now := present(handle)) != handle:
            named = rows.all().filter(selection.by_name_and_host(*read_handle(now))).order_by("pk").first()
    except InvalidTarget as error:
        raise not_found(what) from error
    if named is None:
        raise not_found(what)
    return named
