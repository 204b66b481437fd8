"""PeerTube's REST API, one method a question. Facts and versions: PeerTube 3.x to 8.2.

Lists come a page at a time (`count` at most 100, no maximum for `start`); `walk` strings pages together.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec

from peertube_sync.client.captions import Line, own_path, read_lines
from peertube_sync.client.errors import InvalidTarget, Refused
from peertube_sync.client.hosts import host_of
from peertube_sync.client.parse import Page, parse, parse_page
from peertube_sync.client.transport import Transport
from peertube_sync.client.types import (
    Account,
    Caption,
    Channel,
    Chapter,
    Chapters,
    Follow,
    Json,
    Peer,
    Playlist,
    PlaylistElement,
    VideoDetails,
    VideoItem,
)

COUNT = 100
CUT = 250
T = TypeVar("T")
Constants = Literal["categories", "licences", "languages", "privacies"]
CONSTANTS: tuple[Constants, ...] = ("categories", "licences", "languages", "privacies")


@dataclass(frozen=True)
class Scope:
    """Whose lists are read: the whole instance, one channel or one account (`name` without host)."""

    kind: Literal["instance", "channel", "account"] = "instance"
    name: str = ""

    @property
    def path(self) -> str:
        """The path that the scope's lists stand below."""
        prefix = {"instance": "", "channel": "/video-channels/", "account": "/accounts/"}[self.kind]
        return f"/api/v1{prefix}{quote(self.name)}"


@dataclass
class PeerTube:
    """One instance, asked through `transport`; `version` ("6.3.0") picks between old and new parameters."""

    transport: Transport
    version: str = ""

    def config(self) -> Json:
        """Return `/config` as published."""
        return self._object("/api/v1/config")

    def about(self) -> Json:
        """Return `/config/about` as published."""
        return self._object("/api/v1/config/about")

    def stats(self) -> Json:
        """Return `/server/stats` as published (up to 4 h old at the source)."""
        return self._object("/api/v1/server/stats")

    def constants(self, kind: Constants) -> Json:
        """Return id → English label; plugins add and remove entries per instance."""
        path = "/api/v1/videos/" + kind
        return self._object(path)

    def videos(
        self, scope: Scope = Scope(), *, start: int = 0, count: int = COUNT, sort: str = "createdAt"
    ) -> Page[VideoItem]:
        """Return a page of the local public videos in `scope`, nsfw ones too."""
        params = {"start": start, "count": count, "sort": sort, "nsfw": "both", **self._local_only()}
        return self._page(f"{scope.path}/videos", VideoItem, params)

    def found(self, uuids: Iterable[UUID]) -> Page[VideoItem]:
        """Return those of `uuids` (at most 100) that the instance's own search shows to everybody."""
        params = {"searchTarget": "local", "nsfw": "both", "count": COUNT, "uuids": [str(uuid) for uuid in uuids]}
        return self._page("/api/v1/search/videos", VideoItem, params)

    def video(self, uuid: UUID) -> VideoDetails:
        """Return a video's details.

        Before 5.x details cut the description too: then its own route is asked.
        """
        details = self._one(f"/api/v1/videos/{uuid}", VideoDetails)
        if details.truncated_description is msgspec.UNSET and len(details.description or "") >= CUT:
            details.description = self._object(f"/api/v1/videos/{uuid}/description").get("description")
        return details

    def captions(self, uuid: UUID) -> Page[Caption]:
        """Return all captions of a video (never paged)."""
        return self._page(f"/api/v1/videos/{uuid}/captions", Caption, {})

    def caption_path(self, caption: Caption) -> str:
        """Return where on this server the file of a caption is, "" if it isn't."""
        return own_path(caption, self.transport.base)

    def caption_lines(self, path: str) -> list[Line]:
        """Return the lines of the caption file at `path`."""
        return read_lines(self.transport.get(path).body, self._where(path))

    def chapters(self, uuid: UUID) -> list[Chapter]:
        """Return the chapters of a video; before 6.0 there is no such route (400), so none."""
        if self._before(6, 0):
            return []
        return self._one(f"/api/v1/videos/{uuid}/chapters", Chapters).chapters

    def channels(self, scope: Scope = Scope(), *, start: int = 0, count: int = COUNT) -> Page[Channel]:
        """Return a page of channels, oldest first: local ones and, for the instance, followed remote ones."""
        params = {"start": start, "count": count, "sort": "createdAt"}
        return self._page(f"{scope.path}/video-channels", Channel, params)

    def channel(self, name: str) -> Channel:
        """Return the local channel `name`."""
        return self._one(f"/api/v1/video-channels/{quote(name)}", Channel)

    def account(self, name: str) -> Account:
        """Return the local account `name` (the public list of accounts is deprecated)."""
        return self._one(f"/api/v1/accounts/{quote(name)}", Account)

    def playlists(self, scope: Scope = Scope(), *, start: int = 0, count: int = COUNT) -> Page[Playlist]:
        """Return a page of public playlists, oldest first; for the instance, followed remote ones too."""
        params = {"start": start, "count": count, "sort": "createdAt"}
        return self._page(f"{scope.path}/video-playlists", Playlist, params)

    def playlist(self, uuid: UUID) -> Playlist:
        """Return one playlist."""
        return self._one(f"/api/v1/video-playlists/{uuid}", Playlist)

    def elements(self, uuid: UUID, *, start: int = 0, count: int = COUNT) -> Page[PlaylistElement]:
        """Return a page of a playlist's elements in their order."""
        params = {"start": start, "count": count}
        return self._page(f"/api/v1/video-playlists/{uuid}/videos", PlaylistElement, params)

    def following(self, *, start: int = 0, count: int = COUNT) -> Page[Follow]:
        """Return a page of the servers that this one follows, oldest first."""
        return self._page("/api/v1/server/following", Follow, {"start": start, "count": count, "sort": "createdAt"})

    def followers(self, *, start: int = 0, count: int = COUNT) -> Page[Follow]:
        """Return a page of the servers that follow this one, oldest first."""
        return self._page("/api/v1/server/followers", Follow, {"start": start, "count": count, "sort": "createdAt"})

    def indexed_hosts(self, *, start: int = 0, count: int = COUNT) -> Page[Peer]:
        """Return a page of the hosts that an index of instances lists; it is no PeerTube, but speaks alike."""
        return self._page("/api/v1/instances/hosts", Peer, {"start": start, "count": count})

    def resolve_actor(self, name: str) -> Channel | Account:
        """Return the channel `name`, else the account: they share one namespace per host.

        Raises InvalidTarget when it is neither.
        """
        for ask in (self.channel, self.account):
            try:
                return ask(name)
            except Refused as error:
                if error.status != 404:
                    raise
        raise InvalidTarget(f"{self.transport.host} has neither a channel nor an account called {name!r}")

    def is_home_of(self, thing: Any) -> bool:
        """Whether `thing` (a parsed video, playlist or actor) belongs to this instance, by its own words."""
        local = getattr(thing, "is_local", True)
        return local in {True, msgspec.UNSET} and host_of(thing.url) == self.transport.host

    def _local_only(self) -> dict[str, str]:
        """`isLocal` came with 4.0; `filter` was before, and is an error from 6.0 on."""
        return {"filter": "local"} if self._before(4, 0) else {"isLocal": "true"}

    def _before(self, *version: int) -> bool:
        found = re.match(r"(\d+)\.(\d+)", self.version)
        return found is not None and (int(found[1]), int(found[2])) < version

    def _object(self, path: str) -> Json:
        return self._one(path, dict[str, Any])

    def _one(self, path: str, type_: type[T]) -> T:
        return parse(self.transport.get(path).body, type_, self._where(path))

    def _page(self, path: str, type_: type[T], params: dict[str, Any]) -> Page[T]:
        body = self.transport.get(path, params).body
        return parse_page(body, type_, params.get("start", 0), self._where(path))

    def _where(self, path: str) -> str:
        return f"{self.transport.host}{path}"


def walk(ask: Callable[[int], Page[T]], start: int = 0) -> Iterator[Page[T]]:
    """Yield page after page of `ask(start)`, from `start` on, until the list ends.

    A list ends with an empty page, or with a short one that reaches `total`. `/accounts` and plugins make
    `total` wrong, so it alone ends nothing.
    """
    while True:
        page = ask(start)
        yield page
        if page.length == 0 or (page.length < COUNT and page.end >= (page.total or page.end + 1)):
            return
        start = page.end


def items(pages: Iterator[Page[T]]) -> Iterator[T]:
    """Yield the readable items of `pages`."""
    for page in pages:
        yield from page.items
