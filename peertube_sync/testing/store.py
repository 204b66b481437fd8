"""The state of a sandbox: every row, found by any of its names, and the ordered lists over them.

Ordered lists are built once and kept until a change touches them, so that a page at any offset is
a slice. Code that reads or changes rows holds `lock`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from peertube_sync.testing.constants import CONSTANTS
from peertube_sync.testing.identifiers import expand_short, parse_uuid
from peertube_sync.testing.news import Kind, News
from peertube_sync.testing.pictures import Size, size_by_name
from peertube_sync.testing.records import Account, Channel, Grant, Image, Picture, Playlist, Privacy, User, Video
from peertube_sync.testing.selection import COUNTER_SORTS, VideoSelection
from peertube_sync.testing.versions import DEFAULT

KEPT_LISTS = 12

ActorKey = tuple[str, str]


class Store:
    """Rows by id, uuid and handle. `documents` are recorded answers by path below the API, `robots` is robots.txt.

    `version` is the release of PeerTube that it speaks as, unless its `Sandbox` has another.
    `follows`, `followed_by` and `indexed` are hosts that the instance, or an index of instances, lists;
    `indexed_at` has the times (ISO 8601, UTC) since when the index lists them, of those that it doesn't list anew.
    `users` can log in, by name; `grants` are their living tokens, good for `access_seconds` and `refresh_seconds`.
    `listeners` are called with each change while it happens, under `lock`.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.constants = {path: dict(labels) for path, labels in CONSTANTS.items()}
        self.documents: dict[str, Any] = {}
        self.recorded_host = ""
        self.version = DEFAULT
        self.name = "Sandbox"
        self.nsfw_policy = "do_not_list"
        self.robots = "User-agent: *\nDisallow:\n"
        self.follows: list[str] = []
        self.followed_by: list[str] = []
        self.indexed: list[str] = []
        self.indexed_at: dict[str, str] = {}
        self.users: dict[str, User] = {}
        self.grants: dict[str, Grant] = {}
        self.access_seconds, self.refresh_seconds = 86_400, 1_209_600
        self.accounts: dict[ActorKey, Account] = {}
        self.channels: dict[ActorKey, Channel] = {}
        self.videos: dict[int, Video] = {}
        self.playlists: dict[int, Playlist] = {}
        self.assets: dict[str, Size | None] = {}
        self.listeners: list[Callable[[News], None]] = []
        self._lists: OrderedDict[VideoSelection, list[Video]] = OrderedDict()
        self._last_id = 0

    def next_id(self) -> int:
        """Give out a number that no row of any kind has."""
        self._last_id += 1
        return self._last_id

    def put_account(self, account: Account) -> Account:
        """Take in an account under its handle."""
        self._note_id(account.id)
        self.assets.update(_sizes(account.avatars))
        return self.accounts.setdefault(_actor_key(account), account)

    def put_channel(self, channel: Channel) -> Channel:
        """Take in a channel under its handle."""
        self._note_id(channel.id)
        self.assets.update(_sizes((*channel.avatars, *channel.banners)))
        return self.channels.setdefault(_actor_key(channel), channel)

    def put_video(self, video: Video) -> Video:
        """Take in a video; the kept lists must be dropped with `changed` afterwards."""
        self._note_id(video.id)
        self.videos[video.number] = video
        paths = (video.thumbnail, video.preview, *(caption.path for caption in video.captions))
        self.assets.update((path, None) for path in paths if path)
        self.assets.update(_sizes(video.thumbnails or ()))
        return video

    def put_playlist(self, playlist: Playlist) -> Playlist:
        self._note_id(playlist.id)
        self.playlists[playlist.number] = playlist
        self.assets.update({playlist.thumbnail: None} if playlist.thumbnail else {})
        self.assets.update(_sizes(playlist.thumbnails or ()))
        return playlist

    def drop_video(self, video: Video) -> None:
        """Forget a video; playlists keep their element without it."""
        del self.videos[video.number]
        video.deleted = True

    def drop_playlist(self, playlist: Playlist) -> None:
        del self.playlists[playlist.number]

    def find_video(self, text: str) -> Video | None:
        """Find by numeric id, uuid or short uuid."""
        if text.isdecimal():
            identity = int(text)
            return next((video for video in self.videos.values() if video.id == identity), None)
        number = parse_uuid(text)
        return None if number is None else self.videos.get(number)

    def find_playlist(self, text: str) -> Playlist | None:
        """Find by numeric id, uuid or short uuid."""
        if text.isdecimal():
            identity = int(text)
            return next((row for row in self.playlists.values() if row.id == identity), None)
        number = parse_uuid(text)
        return None if number is None else self.playlists.get(number)

    def find_account(self, handle: str, own_host: str) -> Account | None:
        """Find by `name` or `name@host`, whatever the case."""
        return self.accounts.get(self._handle_key(handle, own_host))

    def find_channel(self, handle: str, own_host: str) -> Channel | None:
        """Find by `name` or `name@host`, whatever the case."""
        return self.channels.get(self._handle_key(handle, own_host))

    def select(self, selection: VideoSelection) -> list[Video]:
        """Return the whole list of a selection in its order, built at most once per change."""
        kept = self._lists.get(selection)
        if kept is None:
            numbers = self.videos if selection.numbers is None else selection.numbers & self.videos.keys()
            kept = [video for number in numbers if selection.matches(video := self.videos[number])]
            key, descending = selection.ordering
            kept.sort(key=lambda video: video.id)
            kept.sort(key=key, reverse=descending)
            self._lists[selection] = kept
            if len(self._lists) > KEPT_LISTS:
                self._lists.popitem(last=False)
        self._lists.move_to_end(selection)
        return kept

    def changed(self, *, counters_only: bool = False) -> None:
        """Drop kept lists: all, or those ordered by views and likes."""
        for selection in list(self._lists):
            if not counters_only or selection.sort.removeprefix("-") in COUNTER_SORTS:
                del self._lists[selection]

    def is_known(self, row: Video | Playlist) -> bool:
        """Tell whether other instances know of a row, or may."""
        if isinstance(row, Video):
            return row.federated and row.number in self.videos
        return row.number in self.playlists and row.privacy != Privacy.PRIVATE and not row.origin

    def tell(self, row: Video | Playlist | Account | Channel, kind: Kind, channel: Channel | None = None) -> None:
        """Tell everybody who listens of a change."""
        for listener in self.listeners:
            listener(News(row, kind, channel))

    @contextmanager
    def telling(self, row: Video | Playlist) -> Iterator[None]:
        """Tell of what the block does to a row, as far as other instances know of it, or may know of it now."""
        knew, channel = self.is_known(row), row.channel
        yield
        knows = self.is_known(row)
        if not knows:
            if knew:
                self.tell(row, "gone")
        elif isinstance(row, Video):
            self.tell(row, "changed" if row.shared else "new", channel)
            row.shared = True
        else:
            self.tell(row, "changed" if knew else "new")

    def has_asset(self, path: str) -> bool:
        """Tell whether a static file exists: a known path, or one derived from a row's uuid."""
        stem = path.rpartition("/")[2].removeprefix("playlist-")[:36]
        number = parse_uuid(expand_short(stem))
        return path in self.assets or number in self.videos or number in self.playlists

    def size_at(self, path: str) -> Size:
        """Return the size of the picture at a path: what a row says, else what its name does."""
        return self.assets.get(path) or size_by_name(path)

    def _note_id(self, number: int) -> None:
        self._last_id = max(self._last_id, number)

    def _handle_key(self, handle: str, own_host: str) -> ActorKey:
        name, _, host = handle.lower().removeprefix("@").partition("@")
        return name, "" if host in (own_host, self.recorded_host) else host


def _sizes(pictures: Iterable[Image | Picture]) -> Iterator[tuple[str, Size]]:
    return ((picture.path, (picture.width, picture.height)) for picture in pictures)


def _actor_key(actor: Account | Channel) -> ActorKey:
    return actor.name.lower(), actor.origin.rpartition("/")[2]
