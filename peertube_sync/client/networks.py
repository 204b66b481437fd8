"""Which addresses of the Internet Protocol may be connected to."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES

Network = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(map(ip_network, texts))


OWN = _networks("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")
"""Where servers of one's own stand: loopback, private networks (RFC 1918, 4193), shared address space (RFC 6598)."""

METADATA = _networks("168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::254/128", "fd20:ce::254/128")
"""Where clouds tell a machine its secrets: Azure (a public address), Alibaba, Amazon, Google; others link-locally."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""What is assigned of IPv6 so far (RFC 4291): no mapped, translated, site-local or multicast address lies in it."""


def may_connect(address: str, *, allow_private: bool) -> bool:
    """Tell whether `address` ("192.0.2.1", "fe80::1%eth0") is of the public Internet, or private and that is allowed.

    Link-local, multicast, reserved and unspecified addresses, those that hide another one in them, and those of clouds'
    metadata are never allowed.
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    if any(ip in network for network in METADATA):
        return False
    if any(ip in network for network in OWN):
        return allow_private
    is_odd = ip.is_multicast or (isinstance(ip, IPv6Address) and ip not in GLOBAL_UNICAST)
    return ip.is_global and not is_odd and not any(ip in network for network in EXTRA_BLOCKED_NET_RANGES)
