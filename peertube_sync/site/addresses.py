"""Addresses of our own pages."""

from urllib.parse import urlencode, urljoin

from django.urls import NoReverseMatch, reverse

NAMESPACE = "peertube_sync_site"


def page(name: str, *args: str) -> str:
    """Return the path of the site's page `name`; "" when the site isn't mounted or no path can hold `args`."""
    try:
        return reverse(f"{NAMESPACE}:{name}", args=args)
    except NoReverseMatch:
        return ""


def absolute(root: str, address: str) -> str:
    """Return a path of ours as an address below `root`, any address of it; others, and "", are whole already."""
    return urljoin(root, address) if address.startswith("/") else address


def with_query(path: str, **query: object) -> str:
    """Return `path` with a query, if there is one, or "" for no path."""
    return f"{path}?{urlencode(query)}" if path and query else path
