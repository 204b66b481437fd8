"""The one session that reaches the network: who may be connected to, for how long, and how much is taken from them.

Only those addresses of a DNS answer that may be asked are connected to: there is no second look-up that could answer
otherwise. TLS and the Host header keep the name. Time and bytes of a question are limited
where the bytes come in, so that a status line, headers, chunks or a body that never end are all the same.
"""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from io import BufferedReader, RawIOBase
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests_hardened import Config, HTTPSession
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family

from peertube_sync.client.errors import ForbiddenHost, MalformedAnswer
from peertube_sync.client.networks import LOCAL_NAT64, Standing, hidden_in, may_connect, standing

ALLOW_PRIVATE_HINT = 'set PEERTUBE_SYNC["ALLOW_PRIVATE_HOSTS"] in the settings to allow it'


@dataclass
class Quota:
    """The rest of what one request may take: until when (monotonic seconds), and how many bytes."""

    end: float = 0.0
    size: int = 0

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.end

    def seconds(self) -> float:
        """Return how long it may still take; raises TimeoutError when that is over."""
        if self.over:
            raise TimeoutError("the time for this question is over")
        return max(0.001, self.end - time.monotonic())

    def take(self, size: int) -> None:
        """Count bytes that came in; raises MalformedAnswer when they are too many."""
        self.size -= size
        if self.size < 0:
            raise MalformedAnswer("the answer goes on and on, and was cut off")


class GuardedSession(HTTPSession):  # type: ignore[misc]  # it ships no types
    """Asks as `user_agent`, keeps no cookies, takes no proxy from the environment, and follows nothing."""

    def __init__(self, user_agent: str, timeout: float, *, allow_private: bool) -> None:
        """Open no connection yet; `timeout` (seconds) is how long a request may take to be sent."""
        # The filter of this library looks at the first address only and has no switch for private networks.
        config = Config(
            ip_filter_enable=False,
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(timeout, timeout),
            user_agent_override=user_agent,
        )
        super().__init__(config)
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self.quota = Quota()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(self.quota, allow_private=allow_private))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: to prepare a redirect that nobody follows, requests would read its body without any limit."""


class _Adapter(HTTPAdapter):
    def __init__(self, quota: Quota, *, allow_private: bool) -> None:
        self._make: dict[str, Any] = {"quota": quota, "allow_private": allow_private}
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": self._pools(HTTPConnectionPool, _Connection),
            "https": self._pools(HTTPSConnectionPool, _TlsConnection),
        }

    def _pools(self, pools: Callable[..., Any], connections: Callable[..., Any]) -> object:
        def make(*args: Any, **kwargs: Any) -> object:
            pool = pools(*args, **kwargs)
            pool.ConnectionCls = partial(connections, **self._make)
            return pool

        return make


def _why_forbidden(host: str, addresses: list[str]) -> str:
    """Say which addresses of `host` may not be connected to, and what helps: a setting only where it is a way out."""
    described = []
    for address in dict.fromkeys(addresses):
        hidden = " and ".join(map(str, hidden_in(ip_address(address.partition("%")[0]))))
        described.append(f"{address}, which leads to {hidden}" if hidden else address)
    listed = ", ".join(described)
    if any(standing(address) is Standing.OWN for address in addresses):
        return f"{host} is on a loopback or private network ({listed}); {ALLOW_PRIVATE_HINT}"
    if any(ip_address(address.partition("%")[0]) in LOCAL_NAT64 for address in addresses):
        return (
            f"{host} has, for this machine, only an address of its own NAT64 ({listed}), which hides where it leads: "
            f"let the resolver use 64:ff9b::/96 for DNS64, or give this machine an IPv4 address"
        )
    return (
        f"{host} has no address of the public Internet ({listed}), and no setting allows this one: "
        f"correct its entry in the DNS, or the resolver of this machine"
    )


def _look_up(host: str, port: int, seconds: float) -> list[Any]:
    """Return the DNS answer; raises TimeoutError after `seconds`.

    The system's resolver knows no deadline, and whoever owns a domain says how long its answers take: so it is asked in
    a thread, which is left alone then.
    """
    answers: SimpleQueue[list[Any] | Exception] = SimpleQueue()

    def look() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM))
        except Exception as error:
            answers.put(error)  # raised where it is waited for

    threading.Thread(target=look, daemon=True).start()
    try:
        answer = answers.get(timeout=min(seconds, threading.TIMEOUT_MAX))
    except Empty:
        raise TimeoutError("the DNS did not answer in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, quota: Quota, allow_private: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._quota, self._allow_private = quota, allow_private
        self.response_class = partial(_Response, quota=quota)  # type: ignore[assignment]  # it is only called

    def _new_conn(self) -> socket.socket:
        addresses = self._addresses()
        failure: OSError = OSError("the DNS answer is empty")
        for number, (family, kind, protocol, _name, address) in enumerate(addresses):
            try:
                return self._opened(socket.socket(family, kind, protocol), address, len(addresses) - number)
            except OSError as error:
                failure = error
        raise NewConnectionError(self, f"no connection: {failure}") from failure

    def _addresses(self) -> list[Any]:
        """Return those of the DNS answer that may be connected to."""
        try:
            answer = _look_up(self.host.strip("[]"), self.port, self._quota.seconds())
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(self.host, self, socket.gaierror(str(error))) from error
        except TimeoutError as error:
            raise NewConnectionError(self, f"no connection: {error}") from error
        good = [info for info in answer if may_connect(str(info[4][0]), allow_private=self._allow_private)]
        if answer and not good:
            raise ForbiddenHost(_why_forbidden(self.host, [str(address[0]) for *_how, address in answer]))
        return good

    def _opened(self, opening: socket.socket, address: Any, left: int) -> socket.socket:
        """Connect; whoever doesn't answer leaves time to the others that are `left`."""
        try:
            for option in self.socket_options or ():
                opening.setsockopt(*option)
            opening.settimeout(self._quota.seconds() / left)
            opening.connect(address)
            opening.settimeout(self._quota.seconds())  # for the TLS handshake
        except BaseException:
            opening.close()
            raise
        return opening


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, quota: Quota, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = BufferedReader(_QuotaReader(sock, quota))


class _QuotaReader(RawIOBase):
    """The bytes of a socket, as long as the quota lasts."""

    def __init__(self, sock: socket.socket, quota: Quota) -> None:
        self._socket, self._stream, self._quota = sock, sock.makefile("rb", buffering=0), quota

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._socket.settimeout(self._quota.seconds())
        size = self._stream.readinto(buffer) or 0
        self._quota.take(size)
        return size

    def close(self) -> None:
        self._stream.close()
        super().close()
