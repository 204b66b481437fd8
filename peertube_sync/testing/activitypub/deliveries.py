"""Deliveries to inboxes: signed as the recorded ones, each tried once, by threads that begin with the first of them.

What may happen to them on the way is set while the sandbox serves: some are lost, doubled, late, out of order, or
followed by a forged one.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from peertube_sync.testing.activitypub.forged import forge
from peertube_sync.testing.activitypub.keys import KeyRing
from peertube_sync.testing.activitypub.parcels import Parcel

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
TIMEOUT_SECONDS = 10


class Delivery(NamedTuple):
    """One delivery. `status` is 0 where no answer came, `ended` is `time.monotonic()`; `object` is an address."""

    kind: str
    object: str
    actor: str
    inbox: str
    status: int
    ended: float
    forged: str
    body: bytes


class Waiting(NamedTuple):
    """A parcel in the queue, by the time when it is due, then by its place."""

    due: float
    place: float
    parcel: Parcel


@dataclass
class Deliveries:
    """The queue of a sandbox. `lost`, `doubled` and `forged` are shares (0 to 1) of what is sent.

    `late` is how many seconds a delivery may wait at most, `unordered` shuffles those that wait. `addresses` says
    where hosts are that aren't on this machine by their name; nothing but loopback is ever connected to.
    `threads` deliver side by side. `log` has what was delivered, in order of the answers, `bodies` whether with it.
    """

    keys: KeyRing
    user_agent: Callable[[], str]
    addresses: dict[str, str]
    settled: Callable[[str, bool], None]
    lost: float = 0.0
    doubled: float = 0.0
    forged: float = 0.0
    late: float = 0.0
    unordered: bool = False
    threads: int = 1
    bodies: bool = True
    seed: int = 1

    def __post_init__(self) -> None:
        self.log: list[Delivery] = []
        self._random = Random(self.seed)
        self._queue: list[Waiting] = []
        self._pending = 0
        self._places = 0
        self._changed = threading.Condition()
        self._workers: list[threading.Thread] = []
        self._stopped = False

    def put(self, parcel: Parcel) -> None:
        """Send a parcel, unless it is lost, and perhaps again, or with a forged one."""
        with self._changed:
            if parcel.may_fail and self._random.random() < self.lost:
                return
            copies = [parcel] * (2 if parcel.may_fail and self._random.random() < self.doubled else 1)
            if parcel.may_fail and self._random.random() < self.forged:
                copies.append(forge(parcel, self._random))
            for one in copies:
                self._enqueue(one)
            self._changed.notify_all()

    def wait(self, seconds: float = 30) -> None:
        """Wait until everything is delivered. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._pending == 0, seconds):
                raise TimeoutError(f"{self._pending} deliveries are still to come")

    def stop(self) -> None:
        """Deliver nothing more, once what is being delivered has arrived."""
        with self._changed:
            self._stopped = True
            self._pending -= len(self._queue)
            self._queue.clear()
            self._changed.notify_all()
        for worker in self._workers:
            worker.join()

    def _enqueue(self, parcel: Parcel) -> None:
        self._places += 1
        place = self._random.random() if self.unordered and parcel.may_fail else self._places
        due = time.monotonic() + (self._random.uniform(0, self.late) if self.late and parcel.may_fail else 0)
        heapq.heappush(self._queue, Waiting(due if self.late else 0.0, place, parcel))
        self._pending += 1
        while len(self._workers) < self.threads and not self._stopped:
            worker = threading.Thread(target=self._work, daemon=True)
            self._workers.append(worker)
            worker.start()

    def _work(self) -> None:
        while True:
            parcel = self._next()
            if parcel is None:
                return
            try:
                delivery = self._deliver(parcel)
                self.log.append(delivery)
                if not parcel.forged:
                    self.settled(parcel.inbox, 200 <= delivery.status < 300)
            finally:
                with self._changed:
                    self._pending -= 1
                    self._changed.notify_all()

    def _next(self) -> Parcel | None:
        with self._changed:
            while not self._stopped:
                wait = self._queue[0].due - time.monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._queue).parcel
                self._changed.wait(wait)
            return None

    def _deliver(self, parcel: Parcel) -> Delivery:
        body = msgspec.json.encode(parcel.body)
        split = urlsplit(parcel.inbox)
        headers = parcel.headers(self.keys, body, split.netloc, split.path, formatdate(usegmt=True))
        sent = parcel.sent(body)
        status = post(self.addresses, parcel.inbox, {"user-agent": self.user_agent(), **headers}, sent)
        told = parcel.body["object"]
        named = told if isinstance(told, str) else told.get("id", "")
        kept = sent if self.bodies else b""
        return Delivery(
            parcel.body["type"],
            named,
            parcel.body["actor"],
            parcel.inbox,
            status,
            time.monotonic(),
            parcel.forged,
            kept,
        )


def connect(addresses: dict[str, str], url: str) -> HTTPConnection:
    """Return a connection to the host of an address. Raises OSError for one that isn't on this machine."""
    split = urlsplit(url)
    place = addresses.get(split.netloc, split.netloc if split.scheme == "http" else "")
    host, _, port = place.rpartition(":") if ":" in place else (place, "", "80")
    if host not in LOOPBACK:
        raise OSError(f"{url} is not on this machine")
    return HTTPConnection(host.strip("[]"), int(port), timeout=TIMEOUT_SECONDS)


def post(addresses: dict[str, str], url: str, headers: dict[str, str], body: bytes) -> int:
    """Return the status that a POST was answered with, 0 where no answer came."""
    try:
        connection = connect(addresses, url)
        try:
            connection.putrequest("POST", urlsplit(url).path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            return connection.getresponse().status
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError):
        return 0


def get_document(addresses: dict[str, str], url: str, user_agent: str) -> tuple[int, dict[str, Any]]:
    """Return status and document of an address; 0 and nothing where there is none."""
    headers = {
        "Host": urlsplit(url).netloc,
        "Accept": "application/activity+json, application/ld+json",
        "User-Agent": user_agent,
    }
    try:
        connection = connect(addresses, url)
        try:
            connection.request("GET", urlsplit(url).path, headers=headers)
            answer = connection.getresponse()
            return answer.status, msgspec.json.decode(
                answer.read(), type=dict[str, Any]
            ) if answer.status == 200 else {}
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError):
        return 0, {}
