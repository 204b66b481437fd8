"""What a catalogue tells of its changes while they happen, to whoever listens."""

from __future__ import annotations

from typing import Literal, NamedTuple

from peertube_sync.testing.records import Account, Channel, Playlist, Video

Kind = Literal["new", "changed", "gone", "viewed", "liked", "commented"]


class News(NamedTuple):
    """One change to a row that other instances may know of; `channel` is the one that a video was in before."""

    row: Video | Playlist | Account | Channel
    kind: Kind
    channel: Channel | None = None
