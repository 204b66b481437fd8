"""Spelling a host one way: the identity of an instance."""

import re
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import urlsplit

import idna

from peertube_sync.client.errors import InvalidTarget

LOCAL = frozenset({"localhost", "local", "localdomain", "internal", "lan", "home", "onion", "i2p", "invalid", "test"})
LABEL = 63
"""Characters of a part of a name, at most (RFC 1035)."""
NORMAL = re.compile(rf"[a-z0-9_-]{{1,{LABEL}}}(?:\.[a-z0-9_-]{{1,{LABEL}}})*", re.ASCII)
"""A host that is spelt as we spell it already."""
DEFAULT_PORTS = {"https": 443, "http": 80}


def normalise_host(text: str, scheme: str = "https") -> str:
    """Return `text` ("Video.Example:443") as PeerTube would spell it ("video.example").

    Lower case, IDNA (UTS 46), no trailing dot, no default port of `scheme`. Raises InvalidTarget for
    what isn't a host: paths, user names, spaces.
    """
    if NORMAL.fullmatch(text):
        return text
    try:
        parts = urlsplit(f"//{text.strip()}")
        if not parts.hostname or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
            raise _not_a_host(text)
        name, port = _ascii(parts.hostname.rstrip(".")), parts.port
    except ValueError as error:
        raise _not_a_host(text) from error
    return name if port in {None, DEFAULT_PORTS.get(scheme)} else f"{name}:{port}"


def public_name(text: str) -> str:
    """Return `text` normalised, if it may be the public name of a server that strangers tell of.

    Raises InvalidTarget for addresses of any spelling, ports, and names that no public DNS has.
    """
    host = normalise_host(text)
    *labels, last = host.split(".")
    names = labels and all(0 < len(label) <= LABEL for label in (*labels, last)) and len(host) <= 253
    if not names or not last[0].isalpha() or last in LOCAL or ":" in host:
        raise _not_a_host(text)
    return host


@lru_cache(maxsize=4096)  # the addresses of actors come back on page after page
def host_of(url: str) -> str:
    """Return the normalised host of an absolute `url`, "" when it has none that we read as everybody does."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return _normalised(parts.netloc, parts.scheme)


@lru_cache(maxsize=1024)
def _normalised(netloc: str, scheme: str) -> str:
    """Remember the few hosts that all the addresses of a page have."""
    try:
        return normalise_host(netloc, scheme) if netloc else ""
    except InvalidTarget:
        return ""


def _ascii(name: str) -> str:
    """Return a name as the DNS spells it, an address in brackets; raises ValueError for what is neither."""
    if ":" in name:
        address = IPv6Address(name)
        if address.scope_id:  # with a zone, it means something else on every machine
            raise ValueError(name)
        return f"[{address}]"
    if not name.isascii():
        return idna.encode(name, uts46=True).decode()
    parts = [part.replace("-", "a").replace("_", "a") for part in name.split(".")]
    if not all(part.isalnum() and len(part) <= LABEL for part in parts):
        raise ValueError(name)
    return name.lower()


def _not_a_host(text: str) -> InvalidTarget:
    return InvalidTarget(f"{text!r} is not a host; give it like video.example or video.example:9000")
