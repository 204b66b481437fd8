"""Which keys of answers in PeerTube's shape are made when a row changes, and how whole answers are put together."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.answer_parts import Answers, Layout, Part
from peertube_sync.catalogue.answer_plan import AnswerPlan, Table
from peertube_sync.catalogue.visibility import Side
from peertube_sync.models import Account, Channel, Kind, Playlist
from peertube_sync.models.answer_triggers import MODELS
from peertube_sync.peertube_api import paths, serializers
from peertube_sync.peertube_api.serializers import Asking
from peertube_sync.pictures import addresses

MOVING = frozenset({*serializers.COUNTERS, "isLocal", "account", "channel"})
"""Keys that no part has: what moves at nearly every look, what depends on who asks, and whose a video is."""


def _peertube_part(kind: Kind, name: str, table: Table) -> Part:
    keys = [key for key in table if key not in MOVING]
    rows = partial(queries.public_rows, MODELS[kind])
    return Part(kind, f"peertube {name}", keys, lambda: table, rows, besides=_besides)


def _besides() -> tuple[str, ...]:
    """Return what decides how paths, and addresses of pictures, are written."""
    return (*paths.paths_depend_on(), *addresses.depend_on())


VIDEO = _peertube_part(Kind.VIDEO, "video listed", serializers.video_table())
DETAILS = _peertube_part(Kind.VIDEO, "video", serializers.DETAILS_TABLE)
CHANNEL = _peertube_part(Kind.CHANNEL, "channel", serializers.channel_table())
CHANNEL_SUMMARY = _peertube_part(Kind.CHANNEL, "channel in short", serializers.CHANNEL_SUMMARY)
ACCOUNT = _peertube_part(Kind.ACCOUNT, "account", serializers.ACCOUNT_TABLE)
ACCOUNT_SUMMARY = _peertube_part(Kind.ACCOUNT, "account in short", serializers.ACCOUNT_SUMMARY)
PLAYLIST = _peertube_part(Kind.PLAYLIST, "playlist", serializers.playlist_table())
PARTS = (VIDEO, DETAILS, CHANNEL, CHANNEL_SUMMARY, ACCOUNT, ACCOUNT_SUMMARY, PLAYLIST)
"""What `ingest/answers.py` writes for PeerTube's shape."""

Related = Mapping[str, Callable[[str], Layout]]
_whole_videos = partial(queries.whole_videos, Side.PUBLIC)  # the same for all who ask, as statements are kept by it


def _layout_of(table: Table, part: Part, related: Related | None = None) -> Callable[[str], Layout]:
    """Return what lays out the rows that are reached by a prefix."""
    return lambda prefix: Layout(table, [part], related, prefix)


_account, _short_account = (
    _layout_of(serializers.ACCOUNT_TABLE, ACCOUNT),
    _layout_of(serializers.ACCOUNT_SUMMARY, ACCOUNT_SUMMARY),
)
_channel = _layout_of(serializers.channel_table(), CHANNEL)
_short_channel = _layout_of(serializers.CHANNEL_SUMMARY, CHANNEL_SUMMARY)


def _answers(table: Table, parts: Sequence[Part], related: Related, whole: Callable[[], Any]) -> Answers:
    return Answers(Layout(table, parts, related), AnswerPlan(table), whole)


@lru_cache(maxsize=64)
def video_answers(asking: Asking = None) -> Answers:
    """Return how lists of videos are put together for the host that asks."""
    related: Related = {"account": _short_account, "channel": _short_channel}
    return _answers(serializers.video_table(asking), [VIDEO], related, _whole_videos)


@lru_cache(maxsize=64)
def channel_answers(asking: Asking = None) -> Answers:
    return _answers(serializers.channel_table(asking), [CHANNEL], {}, Channel.objects.available)


@lru_cache(maxsize=64)
def playlist_answers(asking: Asking = None) -> Answers:
    return _answers(serializers.playlist_table(asking), [PLAYLIST], {}, Playlist.objects.available)


VIDEO_DETAILS = _answers(
    serializers.DETAILS_TABLE,
    [DETAILS],
    {"account": _account, "channel": _channel},
    _whole_videos,
)
ACCOUNTS = _answers(serializers.ACCOUNT_TABLE, [ACCOUNT], {}, Account.objects.available)
"""How single videos, and accounts in lists and by themselves, are put together."""
