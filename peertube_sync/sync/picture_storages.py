"""Other hosts on which an instance keeps pictures: a few of each instance, and those that disappoint are left alone.

Whoever publishes the address of a picture chooses which host this site asks. So an instance has few such hosts in
a month, and one that hasn't answered with a picture several times in a row is asked nothing for it for a day. Both is
remembered by the cache; where that forgets, it begins anew.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.cache import cache
from django.utils import timezone

from peertube_sync.client.hosts import host_of
from peertube_sync.client.transport import Transport
from peertube_sync.sync.walks.storages import NotRead, Storages

MOST_HOSTS = 3
"""Other hosts on which one instance may keep pictures."""
MONTH = 30 * 24 * 3600
"""Seconds after which a host that no picture came from counts no more."""
MISSES = 5
"""So many answers in a row that were no picture, or none at all, after which a host is left alone."""
DAY = 24 * 3600


@dataclass
class _Known:
    """What is known of one host: until when it counts and rests (seconds since the epoch), and how often it missed."""

    until: float
    misses: int = 0
    rests_until: float = 0.0


@dataclass
class PictureStorages(Storages):
    """Those of one instance (its key), in all slices and processes; `came` and `missed` tell what became of answers."""

    instance: int = 0
    _last: str = field(default="", init=False)

    def read(self, home: Transport, address: str) -> bytes:
        """Return the file at `address`, as `Storages.read` does."""
        self._last = ""
        return super().read(home, address)

    def came(self) -> None:
        """Note that what was read last has become a picture."""
        self._note(_Known(_now() + MONTH))

    def missed(self) -> None:
        """Note that what was asked for last hasn't."""
        if known := self._known().get(self._last):
            misses = known.misses + 1
            rests_until = _now() + DAY if misses >= MISSES else 0.0
            self._note(_Known(known.until, 0 if rests_until else misses, rests_until))

    def _elsewhere(self, home: Transport, address: str) -> bytes:
        parts = urlsplit(address)
        host = host_of(f"{parts.scheme}://{parts.netloc}")
        known = self._known()
        if host not in known and len(known) >= MOST_HOSTS:
            raise NotRead(f"{host} is not asked: {home.host} keeps pictures on more than {MOST_HOSTS} other hosts")
        if host in known and known[host].rests_until > _now():
            raise NotRead(f"{host} is not asked before tomorrow: it gave no picture {MISSES} times in a row")
        self._last = host
        if host not in known:
            self._note(_Known(_now() + MONTH))
        return super()._elsewhere(home, address)

    def _known(self) -> dict[str, _Known]:
        known_hosts: dict[str, _Known] = cache.get(self._key, {})
        return {host: known for host, known in known_hosts.items() if known.until > _now()}

    def _note(self, known: _Known) -> None:
        if self._last:
            cache.set(self._key, {**self._known(), self._last: known}, MONTH)

    @property
    def _key(self) -> str:
        return f"peertube_sync.pictures.storages:{self.instance}"


def _now() -> float:
    return timezone.now().timestamp()
