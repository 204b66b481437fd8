"""Which of an instance's addresses may become `href` or `src`, or an enclosure: those that are safe to open.

And which addresses are this site's own.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from peertube_sync.client.addresses import is_public_address, is_web_address
from peertube_sync.conf import get_settings


def safe(address: str) -> str:
    """Return `address` as it is when a page may lead there, else "".

    That is http(s) to a public host; to any host where `ALLOW_PRIVATE_HOSTS` is set.
    """
    if is_public_address(address) or (is_web_address(address) and get_settings().allow_private_hosts):
        return address
    return ""


def is_ours(host: str, here: str) -> bool:
    """Tell whether the site answers at `host`: `here`, where it is asked now, or at another of its names.

    Both in lower case, with the port where there is one. A site that answers at every name there is has no others.
    """
    names = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    known = {here.lower(), urlsplit(get_settings().site_url).netloc.lower()}
    return bool(host) and (host in known or validate_host(split_domain_port(host)[0], names))
