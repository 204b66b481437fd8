"""Addresses that may become `href` or `src`: our own pages, and what of an instance's is safe to give to a browser."""

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from peertube_sync.client.addresses import is_public_address, is_web_address
from peertube_sync.conf import get_settings

NAMESPACE = "peertube_sync_site"


def safe(address: str) -> str:
    """Return `address` as it is when a page may lead there, else "".

    That is http(s) to a public host; to any host where `ALLOW_PRIVATE_HOSTS` is set.
    """
    if is_public_address(address) or (is_web_address(address) and get_settings().allow_private_hosts):
        return address
    return ""


def page(name: str, *args: str) -> str:
    """Return the path of the site's page `name`; "" when the site isn't mounted or no path can hold `args`."""
    try:
        return reverse(f"{NAMESPACE}:{name}", args=args)
    except NoReverseMatch:
        return ""


def with_query(path: str, **query: object) -> str:
    """Return `path` with a query, or "" for no path."""
    return f"{path}?{urlencode(query)}" if path else ""
