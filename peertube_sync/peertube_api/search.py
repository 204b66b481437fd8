"""The questions of a search index: what PeerTube's servers and clients of Sepia Search ask."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.totals import total
from peertube_sync.models import Channel, Playlist
from peertube_sync.peertube_api import matching, readers, selection
from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.selection import Narrowing
from peertube_sync.peertube_api.serializers import Json
from peertube_sync.peertube_api.views import page_of

GREATEST_COUNT = 500
"""The greatest `count`; clients of Sepia Search send as much."""
BEST = "-match"


def answer_video_search(query: Query) -> Json:
    videos, counted = selection.found_videos(visibility.listed(), query)
    return page_of(query, videos, counted, readers.video_reader(query.text("fromHost")), most=GREATEST_COUNT)


def answer_channel_search(query: Query) -> Json:
    channels = _find_rows(query, Channel.objects.available(), selection.CHANNEL_NARROWINGS, matching.channels_matching)
    return page_of(
        query, channels, partial(total, channels), readers.channel_reader(query.text("fromHost")), most=GREATEST_COUNT
    )


def answer_playlist_search(query: Query) -> Json:
    playlists = _find_rows(
        query, Playlist.objects.available(), selection.PLAYLIST_NARROWINGS, matching.playlists_matching
    )
    return page_of(
        query,
        playlists,
        partial(total, playlists),
        readers.playlist_reader(query.text("fromHost")),
        most=GREATEST_COUNT,
    )


def _find_rows(
    query: Query, rows: Any, narrowings: Sequence[Narrowing], with_text: Callable[[Any, str], Any]
) -> QuerySet[Any]:
    wanted = Q()
    for condition in selection.conditions(query, narrowings):
        wanted &= condition
    text = query.without_our_host(query.text("search"))
    narrowed = with_text(rows.filter(wanted), text) if text else rows.filter(wanted)
    return selection.ordered(narrowed, query.sort(selection.FOUND_SORTS, BEST), selection.FOUND_SORTS)
