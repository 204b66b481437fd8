"""Which keys of the API's answers are made when a row changes, and how whole answers are put together of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from django.db.models import QuerySet

from peertube_sync.api.serializers.actors import (
    SUMMARY,
    AccountDetailsSerializer,
    AccountSerializer,
    AccountSummarySerializer,
    ChannelDetailsSerializer,
    ChannelSerializer,
    ChannelSummarySerializer,
)
from peertube_sync.api.serializers.plan import MOMENTS, plan_of, table_of
from peertube_sync.api.serializers.playlists import PlaylistDetailsSerializer, PlaylistSerializer
from peertube_sync.api.serializers.videos import DETAILS, ROW, VideoDetailsSerializer, VideoSerializer
from peertube_sync.catalogue import queries, visibility
from peertube_sync.catalogue.answer_parts import Answers, Layout, Part
from peertube_sync.catalogue.visibility import Side
from peertube_sync.faces import pages
from peertube_sync.models import Account, Channel, Kind, Playlist, Video
from peertube_sync.pictures import addresses

Rows = Callable[[], QuerySet[Any]]


def _addresses() -> tuple[str, ...]:
    return (*addresses.depend_on(), str(pages.are_included()))


def _api_part(kind: Kind, name: str, serializer: Any, keys: Iterable[str], rows: Rows) -> Part:
    return Part(
        kind,
        f"api {name}",
        keys,
        lambda: table_of(serializer, None, None, visibility.blurs_nsfw()),
        rows,
        besides=_addresses,
    )


def _keys_without(serializer: Any, *left_out: str) -> Iterable[str]:
    """Return the keys of a serializer but for those `left_out` elsewhere."""
    return [key for key in serializer.Meta.fields if key not in left_out]


def _counted_rows(model: Any) -> Rows:
    return partial(queries.with_counts, model)


_videos, _channels, _accounts, _playlists = (
    partial(queries.public_rows, model) for model in (Video, Channel, Account, Playlist)
)
VIDEO_LISTED = _api_part(Kind.VIDEO, "video listed", VideoSerializer, ROW, _videos)
VIDEO_TOLD = _api_part(Kind.VIDEO, "video told", VideoDetailsSerializer, DETAILS, _videos)
CHANNEL_SUMMARY = _api_part(Kind.CHANNEL, "channel", ChannelSummarySerializer, SUMMARY, _channels)
CHANNEL_LISTED = _api_part(
    Kind.CHANNEL_LISTED, "channel listed", ChannelSerializer, ChannelSerializer.Meta.fields, _counted_rows(Channel)
)
CHANNEL_TOLD = _api_part(
    Kind.CHANNEL,
    "channel told",
    ChannelDetailsSerializer,
    _keys_without(ChannelDetailsSerializer, *ChannelSerializer.Meta.fields),
    _channels,
)
ACCOUNT_SUMMARY = _api_part(Kind.ACCOUNT, "account", AccountSummarySerializer, SUMMARY, _accounts)
ACCOUNT_LISTED = _api_part(
    Kind.ACCOUNT_LISTED, "account listed", AccountSerializer, AccountSerializer.Meta.fields, _counted_rows(Account)
)
ACCOUNT_TOLD = _api_part(
    Kind.ACCOUNT,
    "account told",
    AccountDetailsSerializer,
    _keys_without(AccountDetailsSerializer, *AccountSerializer.Meta.fields),
    _accounts,
)
PLAYLIST_LISTED = _api_part(
    Kind.PLAYLIST, "playlist listed", PlaylistSerializer, PlaylistSerializer.Meta.fields, _playlists
)
PLAYLIST_TOLD = _api_part(
    Kind.PLAYLIST,
    "playlist told",
    PlaylistDetailsSerializer,
    _keys_without(PlaylistDetailsSerializer, *PlaylistSerializer.Meta.fields),
    _playlists,
)
PARTS = (
    *(VIDEO_LISTED, VIDEO_TOLD),
    *(CHANNEL_SUMMARY, CHANNEL_LISTED, CHANNEL_TOLD),
    *(ACCOUNT_SUMMARY, ACCOUNT_LISTED, ACCOUNT_TOLD),
    *(PLAYLIST_LISTED, PLAYLIST_TOLD),
)
"""What `ingest/answers.py` writes for the API."""


OF_VIDEO: Mapping[str, Callable[[str], Layout]] = {
    "channel": lambda prefix: Layout(table_of(ChannelSummarySerializer), [CHANNEL_SUMMARY], prefix=prefix),
    "account": lambda prefix: Layout(table_of(AccountSummarySerializer), [ACCOUNT_SUMMARY], prefix=prefix),
}
"""What lays out the actors of a video, reached by a prefix."""
_SHAPES: dict[Any, tuple[Sequence[Part], Mapping[str, Callable[[str], Layout]], Rows]] = {
    VideoSerializer: ((VIDEO_LISTED,), OF_VIDEO, queries.video_summaries),
    VideoDetailsSerializer: ((VIDEO_LISTED, VIDEO_TOLD), OF_VIDEO, partial(queries.whole_videos, Side.PUBLIC)),
    ChannelSerializer: ((CHANNEL_LISTED,), {}, queries.channels),
    ChannelDetailsSerializer: ((CHANNEL_LISTED, CHANNEL_TOLD), {}, queries.channels),
    AccountSerializer: ((ACCOUNT_LISTED,), {}, queries.accounts),
    AccountDetailsSerializer: ((ACCOUNT_LISTED, ACCOUNT_TOLD), {}, queries.accounts),
    PlaylistSerializer: ((PLAYLIST_LISTED,), {}, queries.playlists),
    PlaylistDetailsSerializer: ((PLAYLIST_LISTED, PLAYLIST_TOLD), {}, queries.playlists),
}
"""By serializer: the parts of its answers, the rows that belong to each, and what all of it is read of."""


@lru_cache(maxsize=256)
def ready(serializer: Any, query: Any, blur: bool | None) -> Answers | None:  # noqa: FBT001 - as the context has it
    """Return what puts the answers of `serializer` together, in a context; None of one that has no parts."""
    if serializer not in _SHAPES:
        return None
    parts, related, rows = _SHAPES[serializer]
    context = (None, query, blur)
    layout = Layout(table_of(serializer, *context), parts, related)
    return Answers(layout, plan_of(serializer, *context), rows, given=(MOMENTS,))
