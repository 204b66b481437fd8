"""Files that an instance tells of: its own, and those that it keeps on other hosts, such as an object storage.

Another host is asked through the same session, within a rate budget of its own, within the rules of its own robots.txt,
without the instance's token, and only where nobody has opted out for it. Its trouble is no trouble of the instance:
after a failure it is left alone until the next slice.
"""

from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from peertube_sync.client.captions import address_from
from peertube_sync.client.errors import (
    BotCheck,
    BudgetClosed,
    BudgetLost,
    ForbiddenHost,
    Moved,
    PeerTubeError,
    RateLimited,
    ServerError,
    Unreachable,
)
from peertube_sync.client.hosts import host_of
from peertube_sync.client.robots import Robots
from peertube_sync.client.robots_fetch import fetch_robots
from peertube_sync.client.transport import Transport
from peertube_sync.models import OptOut

HOSTS = 5
"""Other hosts that are asked for one instance in a slice: who names more wants us to knock at doors."""
HOPS = 5
"""Redirects that are followed at the most (RFC 9110, 15.4)."""
RETRIES = 1
HOSTS_OWN = (BotCheck, BudgetClosed, ForbiddenHost, RateLimited, ServerError, Unreachable)
"""What is not the trouble of one file."""


class NotRead(PeerTubeError):  # noqa: N818 - a fact about a file, not an error of ours
    """A file on another host than the instance couldn't be read; says why.

    `until` (seconds since the epoch) is there where our own rate budget doesn't let us ask before: nothing failed.
    """

    def __init__(self, message: str, until: float | None = None) -> None:
        super().__init__(message)
        self.until = until


@dataclass
class Storages:
    """The other hosts that one slice asks for files, and why some of them aren't asked any more."""

    _asked: dict[str, Transport] = field(default_factory=dict)
    _failed: dict[str, NotRead] = field(default_factory=dict)

    def read(self, home: Transport, address: str) -> bytes:
        """Return the file at `address`, a path on the server of `home` or a whole address elsewhere.

        Redirects are followed, each through the same session; from elsewhere never back to the server, which would
        answer to a path of another's choice. Raises what asking `home` raises; elsewhere NotRead or BudgetLost.
        """
        for _hop in range(HOPS + 1):
            try:
                return home.get(address).body if address.startswith("/") else self._elsewhere(home, address)
            except Moved as error:
                was, moved = address, error
                address = address_from(error.location, f"{home.base}{was}" if was.startswith("/") else was, home.base)
                if not address or (address.startswith("/") and not was.startswith("/")):
                    break
        if was.startswith("/"):
            raise moved
        raise NotRead(f"{was} redirects to {moved.location[:500]!r}, where it is not followed") from moved

    def close(self) -> None:
        for asked in self._asked.values():
            asked.close()

    def _elsewhere(self, home: Transport, address: str) -> bytes:
        parts = urlsplit(address)
        base = f"{parts.scheme}://{parts.netloc}"
        if base in self._failed:
            raise NotRead(str(self._failed[base]), self._failed[base].until)
        try:
            if base not in self._asked:
                self._asked[base] = self._admitted(home, base)
            self._asked[base].until = home.until
            return self._asked[base].get(address.removeprefix(base)).body
        except (BudgetLost, Moved):
            raise
        except PeerTubeError as error:
            unread = NotRead(str(error), getattr(error, "until", None))
            if isinstance(error, HOSTS_OWN) or base not in self._asked:
                self._failed[base] = unread
            raise unread from error

    def _admitted(self, home: Transport, base: str) -> Transport:
        """Return what asks the server at `base`; raises a PeerTubeError where it may not be asked."""
        host = host_of(base)
        if len(self._asked.keys() | self._failed.keys()) >= HOSTS:
            raise NotRead(f"{host} is not asked: {home.host} keeps files on more than {HOSTS} other hosts")
        if OptOut.objects.filter(host=host, name="").exists():
            raise NotRead(f"{host} is not asked: it has opted out")
        asking = replace(home, base=base, host=host, token=None, robots=Robots(), retries=RETRIES)
        try:
            asking.robots = Robots(fetch_robots(asking))
        except PeerTubeError as error:
            asking.close()
            if isinstance(error, BudgetLost):
                raise
            until = getattr(error, "until", None)
            raise NotRead(f"{host} is not asked, as its robots.txt can't be read: {error}", until) from error
        return asking
