"""Which addresses of the Internet Protocol may be connected to.

`may_connect` allows public addresses; with `ALLOW_PRIVATE_HOSTS` also loopback and private networks (`OWN`); never
link-local, multicast, reserved and clouds' metadata addresses. An IPv6 address that leads to an IPv4 one is judged by
the latter. `guarded_session.py` applies it to each connection: it looks a host up once, keeps the allowed addresses and
connects only to these, so no second answer of the DNS leads elsewhere. `transport.py` refuses http and ports below 1024
other than 443 without `ALLOW_PRIVATE_HOSTS`, and follows no redirects.
"""

from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(map(ip_network, texts))


OWN = _networks("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")
"""Where servers of one's own stand: loopback, private networks (RFC 1918, 4193), shared address space (RFC 6598)."""

METADATA = _networks("168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::254/128", "fd20:ce::254/128")
"""Where clouds tell a machine its secrets: Azure (a public address), Alibaba, Amazon, Google; others link-locally."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""What is assigned of IPv6 so far (RFC 4291): no mapped, translated, site-local or multicast address lies in it."""

NAT64 = IPv6Network("64:ff9b::/96")
"""What a resolver with DNS64 gives an IPv6-only machine for hosts that have IPv4 alone (RFC 6052)."""

LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
"""A network's own NAT64 (RFC 8215): only that network knows where in the address the IPv4 address stands."""


class Standing(Enum):
    """Whom an address belongs to: everybody, this site's own networks, or nobody who may be asked."""

    PUBLIC = "public"
    OWN = "own"
    NEVER = "never"


def standing(address: str) -> Standing:
    """Return the standing of `address` ("192.0.2.1", "fe80::1%eth0").

    One that hides IPv4 addresses in it has theirs; of two, as Teredo has, the worse. Link-local, multicast, reserved
    and unspecified addresses, and those of clouds' metadata, are nobody's.
    """
    ip = ip_address(address.partition("%")[0])
    found = {_standing_of_ip(hidden) for hidden in hidden_in(ip)} or {_standing_of_ip(ip)}
    return next(standing for standing in (Standing.NEVER, Standing.OWN, Standing.PUBLIC) if standing in found)


def hidden_in(ip: Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that packets to `ip` are handed on to: mapped, of NAT64, 6to4 or Teredo."""
    if isinstance(ip, IPv4Address):
        return ()
    if ip in NAT64:
        return (IPv4Address(int(ip) & 0xFFFFFFFF),)
    embedded = ip.ipv4_mapped or ip.sixtofour
    return ip.teredo or ((embedded,) if embedded else ())


def may_connect(address: str, *, allow_private: bool) -> bool:
    """Tell whether `address` is of the public Internet, or one of our own networks' and that is allowed."""
    found = standing(address)
    return found is Standing.PUBLIC or (allow_private and found is Standing.OWN)


def _standing_of_ip(ip: Address) -> Standing:
    if any(ip in network for network in METADATA):
        return Standing.NEVER
    if any(ip in network for network in OWN):
        return Standing.OWN
    is_odd = ip.is_multicast or (isinstance(ip, IPv6Address) and ip not in GLOBAL_UNICAST)
    is_good = ip.is_global and not is_odd and not any(ip in network for network in EXTRA_BLOCKED_NET_RANGES)
    return Standing.PUBLIC if is_good else Standing.NEVER
