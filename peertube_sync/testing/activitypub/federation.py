"""The followers of a sandbox, and its deliveries to them: its instance, its channels and its accounts can be followed.

As 8.2.1 was seen to do: a Follow is accepted at once, or by a person; a repeated one is accepted under the id of the
first; a follower whose inbox fails loses trust, and in the end its follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any, Literal
from urllib.parse import urlsplit

from peertube_sync.testing.activitypub.activities import Activities, Activity
from peertube_sync.testing.activitypub.deliveries import Deliveries, get_document
from peertube_sync.testing.activitypub.documents import Documents, actor_path
from peertube_sync.testing.activitypub.keys import INSTANCE, KeyRing
from peertube_sync.testing.activitypub.parcels import Parcel
from peertube_sync.testing.catalogue import Catalogue
from peertube_sync.testing.news import News
from peertube_sync.testing.records import Account, Channel
from peertube_sync.testing.versions import Version

JSON = dict[str, Any]

TRUST, MOST_TRUST, CHANGE_OF_TRUST = 1000, 10_000, 10
GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Follower:
    """An actor elsewhere, as its document tells; `inbox` is the shared one where it has one."""

    url: str
    name: str
    inbox: str
    pem: str


@dataclass(slots=True)
class Follow:
    """A follower of the actor at the path `followed`; `url` is the id of its first Follow."""

    number: int
    followed: str
    follower: Follower
    url: str
    state: Literal["pending", "accepted", "rejected"] = "pending"
    score: int = TRUST


class Federation:
    """The followers of a sandbox, and its deliveries to them.

    `home` returns the sandbox's scheme and host. With `manual_approval` a person accepts those who follow the
    instance; channels and accounts are always followed at once. `addresses` maps hosts that followers call
    themselves by, such as `mirror.example`, to where they are, such as `127.0.0.1:8000`.
    """

    def __init__(self, catalogue: Catalogue, home: Callable[[], str], version: Version) -> None:
        self.catalogue = catalogue
        self.home = home
        self.version = version
        self.manual_approval = False
        self.addresses: dict[str, str] = {}
        self.follows: list[Follow] = []
        self.keys = KeyRing()
        self.deliveries = Deliveries(self.keys, self.user_agent, self.addresses, self._settle)
        self._known: dict[str, Follower] = {}
        self._last_number = 0

    @property
    def documents(self) -> Documents:
        return Documents(self.catalogue.renderer(self.home().partition("://")[2], version=self.version))

    def user_agent(self) -> str:
        return f"PeerTube/{self.version.text} (+{self.home()})"

    def actor(self, path: str) -> Account | Channel | None:
        """Return the local account or channel at a path; None for the instance's actor, too."""
        _, kind, name = path.split("/", 2)
        rows = self.catalogue.accounts if kind == "accounts" else self.catalogue.channels
        row = rows.get((name.lower(), ""))
        return row if row and actor_path(row) != INSTANCE else None

    def document(self, path: str) -> JSON | None:
        """Return the document of the actor at a path, None where there is none."""
        if path == INSTANCE:
            born = min((row.created for row in self.catalogue.accounts.values()), default=0)
            return self.documents.instance("peertube", born, self.keys.pem(path))
        row = self.actor(path)
        return self.documents.actor(row, self.keys.pem(actor_path(row))) if row else None

    def follower(self, url: str) -> Follower:
        """Return an actor elsewhere; asks its host, once. Raises ValueError for what is no actor."""
        if url not in self._known:
            _status, document = get_document(self.addresses, url, self.user_agent())
            found = _read_actor(url, document)
            for key in ("followers", "following"):
                get_document(self.addresses, document[key], self.user_agent())
            self._known[url] = found
        return self._known[url]

    def receive(self, sender: Follower, activity: JSON) -> None:
        """Do what a verified activity asks for; all others are left alone, as PeerTube does."""
        told = activity.get("object")
        with self.catalogue.lock:
            if activity["type"] == "Follow" and isinstance(told, str):
                self._follow(sender, told, activity["id"])
            elif activity["type"] == "Undo" and isinstance(told, dict) and told.get("type") == "Follow":
                self._drop(lambda one: one.follower.url == sender.url and self.home() + one.followed == told["object"])
            elif activity["type"] == "Delete" and told == sender.url:
                self._forget(sender.url)

    def approve(self, follower: str | None = None) -> None:
        """Accept those who wait, or those of one follower's address."""
        self._decide(follower, "accepted")

    def reject(self, follower: str | None = None) -> None:
        """Reject those who follow, or those of one follower's address: now and whenever they follow again."""
        self._decide(follower, "rejected")

    def forget_followers(self) -> None:
        """Drop all followers without a word."""
        with self.catalogue.lock:
            self._drop(lambda _one: True)

    def change_keys(self) -> None:
        self.keys.generation += 1

    def refresh_followers(self) -> None:
        """Read the followers' actors anew, as PeerTube does after two days: one that is gone follows no longer."""
        for url in list(self._known):
            status, document = get_document(self.addresses, url, self.user_agent())
            if status in GONE:
                self._forget(url)
            elif status == 200:
                known = self._known[url] = _read_actor(url, document)
                for one in self.follows:
                    one.follower = known if one.follower.url == url else one.follower

    def send_views(self, count: int) -> None:
        """Tell of so many views of listed videos at once."""
        with self.catalogue.lock:
            videos = [video for video in self.catalogue.videos.values() if video.federated]
            activities = self._activities()
            for video in islice(cycle(videos), count):
                self._broadcast(activities.view(video))

    def set_deliveries(
        self,
        *,
        lost: float = 0.0,
        doubled: float = 0.0,
        forged: float = 0.0,
        late: float = 0.0,
        unordered: bool = False,
        manual_approval: bool = False,
    ) -> None:
        """Set what happens to deliveries from now on (see `Deliveries`), and whether a person approves followers."""
        queue = self.deliveries
        queue.lost, queue.doubled, queue.forged, queue.late, queue.unordered = lost, doubled, forged, late, unordered
        self.manual_approval = manual_approval

    def stop(self) -> None:
        if self._hear in self.catalogue.listeners:
            self.catalogue.listeners.remove(self._hear)
        self.deliveries.stop()

    def _follow(self, sender: Follower, followed: str, url: str) -> None:
        path = followed.removeprefix(self.home())
        if path != INSTANCE and (path == followed or self.document(path) is None):
            return
        mine = (one for one in self.follows if one.followed == path and one.follower.url == sender.url)
        follow = next(mine, None)
        if follow is None:
            self._last_number += 1
            follow = Follow(self._last_number, path, sender, url)
            self.follows.append(follow)
            if self._hear not in self.catalogue.listeners:
                self.catalogue.listeners.append(self._hear)
        if follow.state == "rejected":
            self._answer(follow, "Reject", url)
        elif follow.state == "accepted" or path != INSTANCE or not self.manual_approval:
            follow.state = "accepted"
            self._answer(follow, "Accept", follow.url)

    def _decide(self, follower: str | None, state: Literal["accepted", "rejected"]) -> None:
        with self.catalogue.lock:
            for one in self.follows:
                if one.state != state and follower in (None, one.follower.url):
                    one.state = state
                    self._answer(one, "Accept" if state == "accepted" else "Reject", one.url)

    def _answer(self, follow: Follow, kind: str, url: str) -> None:
        home, followed = self.home(), f"{self.home()}{follow.followed}"
        name = follow.number if kind == "Accept" else datetime.now(UTC).isoformat(timespec="milliseconds")
        asked = {"type": "Follow", "id": url, "actor": follow.follower.url, "object": followed}
        body = {"type": kind, "id": f"{home}/{kind.lower()}s/follows/{name}", "actor": followed, "object": asked}
        self.deliveries.put(Parcel(follow.follower.inbox, follow.followed, body, may_fail=False))

    def _drop(self, fits: Callable[[Follow], bool]) -> None:
        self.follows = [one for one in self.follows if not fits(one)]

    def _hear(self, news: News) -> None:
        if self.follows:
            for activity in self._activities().of(news):
                self._broadcast(activity)

    def _activities(self) -> Activities:
        return Activities(self.documents, self.keys.pem, self.catalogue.videos.values())

    def _broadcast(self, activity: Activity) -> None:
        inboxes = {
            one.follower.inbox: None
            for one in self.follows
            if one.state == "accepted" and one.followed in activity.reach
        }
        for inbox in inboxes:
            self.deliveries.put(Parcel(inbox, activity.actor, activity.body))

    def _forget(self, url: str) -> None:
        """Drop whatever an actor elsewhere follows, and what is known of it."""
        with self.catalogue.lock:
            self._drop(lambda one: one.follower.url == url)
            self._known.pop(url, None)

    def _settle(self, inbox: str, good: bool) -> None:  # noqa: FBT001 - the only fact it is told
        with self.catalogue.lock:
            for one in self.follows:
                if one.follower.inbox == inbox:
                    one.score = min(MOST_TRUST, one.score + (CHANGE_OF_TRUST if good else -CHANGE_OF_TRUST))
            self._drop(lambda one: one.score <= 0)


def _read_actor(url: str, document: JSON) -> Follower:
    """Take a document for an actor. Raises ValueError if something that PeerTube needs is missing."""
    try:
        if document["id"] != url or urlsplit(document["inbox"]).netloc != urlsplit(url).netloc:
            raise ValueError(f"the document at {url} is another actor's")
        needed = [document[key] for key in ("type", "url", "name", "outbox", "followers", "following")]
        inbox = document.get("endpoints", {}).get("sharedInbox") or document["inbox"]
        key = document["publicKey"]
        if not all(needed) or key["owner"] != url:
            raise ValueError(f"the document at {url} lacks something")
        return Follower(url, document["preferredUsername"], inbox, key["publicKeyPem"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the document at {url} lacks {error}") from None
