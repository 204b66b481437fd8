"""Fetching a host's robots.txt, before it is asked for anything else.

RFC 9309: a 4xx means that there are no rules, a failing server that everything is disallowed; an answer is good
for a day at the most, and 500 KiB of it are enough.
"""

from urllib.parse import urljoin, urlsplit

from peertube_sync.client.errors import Disallowed, Moved, Refused
from peertube_sync.client.hosts import host_of
from peertube_sync.client.robots import Robots
from peertube_sync.client.transport import Transport

LARGEST_ROBOTS = 500 * 2**10
HOPS = 5
NEEDED = ("/api/v1/config", "/api/v1/videos")
"""Without these, nothing can be mirrored."""


def apply_robots(transport: Transport, text: str) -> None:
    """Let `transport` keep to the rules in `text`; raises Disallowed where they leave nothing to be mirrored."""
    transport.robots = robots = Robots(text)
    for path in NEEDED:
        if not robots.allows(path):
            raise Disallowed(transport.host, path)


def fetch_robots(transport: Transport) -> str:
    """Return the host's robots.txt, at most 500 KiB of it; "", which allows everything, where there is none.

    Raises what asking raises: while a server fails or can't be reached, everything is disallowed (RFC 9309,
    2.3.1.4). Redirects are followed on the same host only.
    """
    transport.robots = Robots()
    path = "/robots.txt"
    for _hop in range(HOPS):
        try:
            body = transport.get(path).body[:LARGEST_ROBOTS]
        except Moved as error:
            try:
                location = urljoin(f"{transport.base}{path}", error.location)
            except ValueError:
                raise error from None
            if host_of(location) != transport.host:
                raise
            path = urlsplit(location).path or "/"
        except Refused:
            return ""
        else:
            return body.decode("utf-8-sig", errors="replace").replace("\0", "")
    return ""
