"""Whose request it is: the address that throttles count by, which no header can forge, and the languages they prefer.

`X-Forwarded-For` is written by whoever sends a request, and lengthened by every proxy on its way. So of its addresses
only those count that proxies of the site's own have written: as many as TRUSTED_PROXIES says, or from its networks.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from peertube_sync.conf import get_settings

NEIGHBOURS = 64
"""Bits of an address of IPv6 that one visitor keeps: whoever has one has all the others of the same beginning."""
PROXIES = 20
"""No request comes through more."""

LANGUAGES = 3
"""Languages of a visitor that count."""

Address = IPv4Address | IPv6Address


def visitor(request: HttpRequest) -> str:
    """Return what is the same for all requests of a visitor: an address, of IPv6 its network."""
    trusted, nearest = get_settings().trusted_proxies, request.META.get("REMOTE_ADDR", "")
    if not trusted:
        return _visitor_key(nearest)
    way = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", PROXIES)
    passed = [*(one for text in way if (one := text.strip())), nearest]
    return _visitor_key(
        passed[max(-len(passed), -1 - int(trusted))] if trusted.isdecimal() else _last_not_ours(trusted, passed)
    )


def _last_not_ours(trusted: str, passed: Sequence[str]) -> str:
    """Return the last address that isn't one of our proxies', the first one where all are."""
    networks = _trusted_networks(trusted)
    for text in reversed(passed):
        address = _read_address(text)
        if address is None or not any(address in network for network in networks):
            return text
    return passed[0]


@lru_cache(maxsize=8)
def _trusted_networks(trusted: str) -> list[IPv4Network | IPv6Network]:
    return [ip_network(network.strip(), strict=False) for network in trusted.split(",")]


def _visitor_key(text: str) -> str:
    """Return the address of one visitor; what is none at all is one visitor too."""
    address = _read_address(text)
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> NEIGHBOURS << NEIGHBOURS)}/{NEIGHBOURS}"
    return str(address or "")


def _read_address(text: str) -> Address | None:
    """Read an address, with a port where a proxy adds one; one of IPv4 in the clothes of IPv6 is one of IPv4."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def preferred_languages(request: HttpRequest) -> dict[str, float]:
    """Return how much a visitor prefers languages, from 0 to 1, by their codes without a country."""
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    languages: dict[str, float] = {}
    for language, preference in accepted:
        languages.setdefault(language.partition("-")[0], preference)
    return dict([*languages.items()][:LANGUAGES])
