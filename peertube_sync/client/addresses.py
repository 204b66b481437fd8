"""Which addresses a page may send its visitors' browsers to.

An instance writes addresses into its answers as it likes. One that a browser reads in another way than we do, or that
points into the visitor's own network, must never become a link or a picture.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from peertube_sync.client.networks import may_connect

WEB = re.compile(r"https?://[^\s\\@/?#\x00-\x20]+(?:[/?#][^\s\\\x00-\x1f\x7f]*)?", re.IGNORECASE)
"""http or https, a host without user name, and no character that browsers drop or turn into another."""

LONGEST_ADDRESS = 2000
PRIVATE_NAMES = ("localhost", "local", "internal", "home.arpa", "lan", "intranet", "invalid", "onion")
"""Last labels of names that the public DNS never answers (RFC 6761, 6762, 7686, 8375; the last two by custom)."""


def address_at(base: str, path: str | None) -> str:
    """Return the address of `path` at `base` (scheme and host); "" without one that begins at the root.

    Anything else would become a part of the host: "https://video.example" and "@evil.example/".
    """
    return f"{base}{path}" if path and path.startswith("/") else ""


def file_at(base: str, path: str | None) -> str:
    """Return the address of a file by its `path`, which is a whole address if the file is in an object storage."""
    return address_at(base, path) or (path if path and is_web_address(path) else "")


def is_web_address(address: str) -> bool:
    """Tell whether `address` is an absolute one of the web that every browser reads as we do."""
    return bool(_host(address))


def is_public_address(address: str) -> bool:
    """Tell whether `address` is one of the web, at a name or number that everybody can reach.

    A name is judged by its spelling; what it resolves to is not asked.
    """
    return _is_public(_host(address))


def _host(address: str) -> str:
    """Return the host of an address of the web without its port, "" for anything else."""
    if len(address) > LONGEST_ADDRESS or not WEB.fullmatch(address):
        return ""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


@lru_cache(maxsize=1024)
def _is_public(host: str) -> bool:
    host = host.rstrip(".")
    try:
        return may_connect(host, allow_private=False)
    except ValueError:
        last = host.rpartition(".")[2]
    # Browsers take a name that ends in a number, also a hexadecimal one, for an IPv4 address in disguise.
    is_number = last.isdigit() or last.startswith("0x")
    is_private = any(host.endswith(f".{name}") for name in PRIVATE_NAMES)
    return "." in host and not is_number and not is_private and "%" not in host
