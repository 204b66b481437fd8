"""PeerTube's REST API, one method a question. Facts and versions: PeerTube 3.x to 8.2.

Lists come a page at a time (`count` at most 100, no maximum for `start`); `walk` strings pages together.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec

from peertube_sync.client.captions import Addressed, file_address
from peertube_sync.client.errors import InconsistentList, InvalidTarget, Refused, UnexpectedShape
from peertube_sync.client.hosts import host_of
from peertube_sync.client.http_signatures import public_key
from peertube_sync.client.parse import Page, parse, parse_page
from peertube_sync.client.sanitise import one_line
from peertube_sync.client.transport import Transport
from peertube_sync.client.types import (
    ActorDocument,
    ActorSummary,
    Chapters,
    FollowedServer,
    Json,
    Peer,
    RemoteAccount,
    RemoteCaption,
    RemoteChannel,
    RemoteElement,
    RemotePlaylist,
    VideoDetails,
    VideoItem,
)

COUNT = 100
CUT = 250
MOST_ENTRIES = 2_000_000
"""The most entries of a list that are read. No real list comes near it: a server that shows more makes them up."""
ROLES = ("account", "channel", "owner_account", "video_channel")
T = TypeVar("T")
Constants = Literal["categories", "licences", "languages", "privacies"]
CONSTANTS: tuple[Constants, ...] = ("categories", "licences", "languages", "privacies")


@dataclass(frozen=True)
class Scope:
    """Whose lists are read: the whole instance, one channel or one account (`name` without host).

    "own" is whoever the transport's token belongs to: all of theirs, public or not.
    """

    kind: Literal["instance", "channel", "account", "own"] = "instance"
    name: str = ""

    @property
    def path(self) -> str:
        """The path that the scope's lists stand below."""
        prefix = {"instance": "", "channel": "/video-channels/", "account": "/accounts/"}
        return "/api/v1/users/me" if self.kind == "own" else f"/api/v1{prefix[self.kind]}{quote(self.name)}"


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
        return self._read(path, dict[str, str])

    def videos(
        self, scope: Scope = Scope(), *, start: int = 0, count: int = COUNT, sort: str = "createdAt"
    ) -> Page[VideoItem]:
        """Return a page of the local public videos in `scope`, nsfw ones too; of one's own, of all."""
        params = {"start": start, "count": count, "sort": sort}
        if scope.kind != "own":
            # `isLocal` came with 4.0; `filter` was before, and is an error from 6.0 on.
            params |= {"nsfw": "both", **({"filter": "local"} if self._before(4, 0) else {"isLocal": "true"})}
        return self._page(f"{scope.path}/videos", VideoItem, params)

    def found(self, uuids: Iterable[UUID]) -> Page[VideoItem]:
        """Return those of `uuids` (at most 100) that the instance's own search shows to everybody."""
        params = {"searchTarget": "local", "nsfw": "both", "count": COUNT, "uuids": [str(uuid) for uuid in uuids]}
        return self._page("/api/v1/search/videos", VideoItem, params)

    def video(self, uuid: UUID) -> VideoDetails:
        """Return a video's details.

        Before 5.x details cut the description too: then its own route is asked.
        """
        details = self._read_same(f"/api/v1/videos/{uuid}", VideoDetails, "uuid", uuid)
        if details.truncated_description is msgspec.UNSET and len(details.description or "") >= CUT:
            details.description = self._object(f"/api/v1/videos/{uuid}/description").get("description")
        return details

    def captions(self, uuid: UUID) -> Page[RemoteCaption]:
        """Return all captions of a video (never paged)."""
        return self._page(f"/api/v1/videos/{uuid}/captions", RemoteCaption, {})

    def caption_address(self, caption: Addressed) -> str:
        """Return where the file of a caption is: a path on this server, else a whole address, "" for nowhere."""
        return file_address(caption, self.transport.base)

    def chapters(self, uuid: UUID) -> Chapters:
        """Return the chapters of a video; before 6.0 there is no such route (400), so none."""
        if self._before(6, 0):
            return Chapters(chapters=[])
        return self._read(f"/api/v1/videos/{uuid}/chapters", Chapters)

    def channels(self, scope: Scope = Scope(), *, start: int = 0, count: int = COUNT) -> Page[RemoteChannel]:
        """Return a page of channels, oldest first: local ones and, for the instance, followed remote ones."""
        params = {"start": start, "count": count, "sort": "createdAt"}
        return self._page(f"{scope.path}/video-channels", RemoteChannel, params)

    def channel(self, name: str) -> RemoteChannel:
        return self._read_same(f"/api/v1/video-channels/{quote(name)}", RemoteChannel, "name", name)

    def account(self, name: str) -> RemoteAccount:
        """Return the local account `name` (the public list of accounts is deprecated)."""
        return self._read_same(f"/api/v1/accounts/{quote(name)}", RemoteAccount, "name", name)

    def playlists(self, scope: Scope = Scope(), *, start: int = 0, count: int = COUNT) -> Page[RemotePlaylist]:
        """Return a page of public playlists, oldest first; for the instance, followed remote ones too."""
        params = {"start": start, "count": count, "sort": "createdAt"}
        return self._page(f"{scope.path}/video-playlists", RemotePlaylist, params)

    def playlist(self, uuid: UUID) -> RemotePlaylist:
        return self._read_same(f"/api/v1/video-playlists/{uuid}", RemotePlaylist, "uuid", uuid)

    def elements(self, uuid: UUID, *, start: int = 0, count: int = COUNT) -> Page[RemoteElement]:
        """Return a page of a playlist's elements in their order."""
        params = {"start": start, "count": count}
        return self._page(f"/api/v1/video-playlists/{uuid}/videos", RemoteElement, params)

    def following(self, *, start: int = 0, count: int = COUNT) -> Page[FollowedServer]:
        """Return a page of the servers that this one follows, oldest first."""
        return self._page(
            "/api/v1/server/following", FollowedServer, {"start": start, "count": count, "sort": "createdAt"}
        )

    def followers(self, *, start: int = 0, count: int = COUNT) -> Page[FollowedServer]:
        """Return a page of the servers that follow this one, oldest first."""
        return self._page(
            "/api/v1/server/followers", FollowedServer, {"start": start, "count": count, "sort": "createdAt"}
        )

    def indexed_hosts(self, *, start: int = 0, count: int = COUNT, since: datetime | None = None) -> Page[Peer]:
        """Return a page of the hosts that an index of instances lists; it is no PeerTube, but speaks alike.

        With `since` only those that it has listed since then (PeerTube's auto-follow asks so).
        """
        later = {"since": since.astimezone(UTC).isoformat()} if since else {}
        return self._page("/api/v1/instances/hosts", Peer, {"start": start, "count": count, **later})

    def public_key(self, actor: str) -> str:
        """Return the public key (PEM) of an actor of this instance, by its address; raises UnexpectedShape.

        A key counts only if the actor's own document, at its own address, has it.
        """
        path = actor.removeprefix(self.transport.base)
        body = self.transport.get(path, accept="application/activity+json").json(self._where(path))
        document = parse(body, ActorDocument, self._where(path))
        key = document.public_key
        if (document.id, key.id, key.owner) != (actor, f"{actor}#main-key", actor):
            raise UnexpectedShape(f"{self._where(path)} tells the key of somebody else: {key.id[:500]}")
        try:
            public_key(key.public_key_pem)
        except ValueError as error:
            raise UnexpectedShape(f"{self._where(path)} tells what is {error}") from None
        return key.public_key_pem

    def resolve_actor(self, name: str) -> RemoteChannel | RemoteAccount:
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

    def stranger(self, thing: Any) -> str:
        """Return where what isn't at home here is, of `thing` and the actors in it; "" where all of them are.

        Identity is bound to the host that is asked: nobody speaks for another's videos, channels or accounts.
        """
        actors = [getattr(thing, role, None) for role in ROLES]
        parts = [thing, *(actor for actor in actors if isinstance(actor, ActorSummary))]
        owner = getattr(getattr(thing, "channel", None), "owner_account", None)
        parts += [owner] if isinstance(owner, ActorSummary) else []
        return next((_where_it_is(part) for part in parts if not self.is_home_of(part)), "")

    def is_home_of(self, thing: Any) -> bool:
        """Whether `thing` (a parsed video, playlist or actor) belongs to this instance, by its own words.

        A video or playlist whose address can't be read belongs where its account does.
        """
        if getattr(thing, "is_local", msgspec.UNSET) is False:
            return False
        if thing.url is not msgspec.UNSET:
            return host_of(thing.url) == self.transport.host
        if isinstance(thing, ActorSummary):
            return thing.host == self.transport.host
        return self.is_home_of(_account_of(thing))

    def _before(self, *version: int) -> bool:
        numbers = re.match(r"(\d+)\.(\d+)", self.version)
        return numbers is not None and (int(numbers[1]), int(numbers[2])) < version

    def _object(self, path: str) -> Json:
        return self._read(path, dict[str, Any])

    def _read(self, path: str, type_: type[T]) -> T:
        return parse(self.transport.get(path).json(self._where(path)), type_, self._where(path))

    def _read_same(self, path: str, type_: type[T], key: str, asked: object) -> T:
        """Return what was asked for by its `key`; raises UnexpectedShape where the answer is about another one."""
        answer = self._read(path, type_)
        if str(getattr(answer, key)).lower() != str(asked).lower():
            raise UnexpectedShape(f"{self._where(path)} answered with another one: {getattr(answer, key)}")
        return answer

    def _page(self, path: str, type_: type[T], params: dict[str, Any]) -> Page[T]:
        body = self.transport.get(path, params).json(self._where(path))
        return parse_page(body, type_, params.get("start", 0), self._where(path))

    def _where(self, path: str) -> str:
        return f"{self.transport.host}{path}"


def _account_of(thing: Any) -> ActorSummary:
    """Return the account of a video or playlist."""
    owner: ActorSummary = thing.owner_account if isinstance(thing, RemotePlaylist) else thing.account
    return owner


def _where_it_is(thing: Any) -> str:
    """Return where `thing` is, in words where it doesn't tell: they are never ""."""
    if thing.url is msgspec.UNSET and not isinstance(thing, ActorSummary):
        return _where_it_is(_account_of(thing))
    return str(thing.url or getattr(thing, "host", "") or "what tells no address")


def instance_of(config: Json) -> dict[str, str]:
    """Return the texts in an instance's `config` about itself: name, shortDescription, …, each in one line."""
    own = config.get("instance")
    texts = own.items() if isinstance(own, dict) else ()
    return {key: one_line(text) for key, text in texts if isinstance(text, str)}


def walk(ask: Callable[[int], Page[T]], start: int = 0) -> Iterator[Page[T]]:
    """Yield page after page of `ask(start)`, from `start` on, until the list ends.

    A list ends with an empty page, or with a short one that reaches `total`. `/accounts` and plugins make
    `total` wrong, so it alone ends nothing.
    """
    while True:
        page = ask(start)
        require_end(page)
        yield page
        if page.length == 0 or (page.length < COUNT and page.end >= (page.total or page.end + 1)):
            return
        start = page.end


def require_end(page: Page[Any]) -> None:
    """Raise InconsistentList where a list goes on long after what it says is its end, or for ever."""
    most = MOST_ENTRIES if page.total is None else min(MOST_ENTRIES, 2 * page.total + 10 * COUNT)
    if page.end > most:
        raise InconsistentList(f"a list of {page.total} goes on and on: at {page.end} it was left")


def items(pages: Iterator[Page[T]]) -> Iterator[T]:
    for page in pages:
        yield from page.items
