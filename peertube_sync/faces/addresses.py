"""Which of an instance's addresses may become `href` or `src`, or an enclosure: those that are safe to open."""

from peertube_sync.client.addresses import is_public_address, is_web_address
from peertube_sync.conf import get_settings


def safe(address: str) -> str:
    """Return `address` as it is when a page may lead there, else "".

    That is http(s) to a public host; to any host where `ALLOW_PRIVATE_HOSTS` is set.
    """
    if is_public_address(address) or (is_web_address(address) and get_settings().allow_private_hosts):
        return address
    return ""
