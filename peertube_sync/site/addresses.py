"""Addresses of our own pages."""

from urllib.parse import urlencode, urljoin


def absolute(root: str, address: str) -> str:
    """Return a path of ours as an address below `root`, any address of it; others, and "", are whole already."""
    return urljoin(root, address) if address.startswith("/") else address


def with_query(path: str, **query: object) -> str:
    """Return `path` with a query, if there is one, or "" for no path."""
    return f"{path}?{urlencode(query)}" if path and query else path
