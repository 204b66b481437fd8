"""Addresses that must not be asked, and a server that sees who connects."""

import socket
import sys
from typing import Any

from peertube_sync.client.transport import Transport
from tests.client.listener import Listener
from tests.support.budgets import at_once

# {port} is the port of a server on loopback that counts who connects.
LOOPBACK = [
    "127.0.0.1:{port}",
    "127.1:{port}",
    "127.0.1:{port}",
    "127.255.255.254:{port}",
    "2130706433:{port}",  # decimal
    "0x7f000001:{port}",  # hexadecimal
    "0x7f.0.0.0x1:{port}",
    "0177.0.0.1:{port}",  # octal
    "017700000001:{port}",
    "127.0.0.1.:{port}",  # trailing dots
    "localhost:{port}",
    "LocalHost.:{port}",
    "0.0.0.0:{port}",  # unspecified, which connects to loopback
    "0:{port}",
    "[::]:{port}",
    "[::1]:{port}",
    "[0000:0:0:0:0:0:0:0001]:{port}",
    "[::ffff:127.0.0.1]:{port}",  # IPv4 mapped into IPv6
    "[::ffff:7f00:1]:{port}",
    "[::ffff:0:7f00:1]:{port}",  # translated
    "[::127.0.0.1]:{port}",  # compatible
    "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460:{port}",  # IDN: ①②⑦.⓪.⓪.①
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11:{port}",  # full width
    "127\u30020\u30020\u30021:{port}",  # ideographic full stops
    "\U0001d529\U0001d52c\U0001d520\U0001d51e\U0001d529host:{port}",  # letters of mathematics
    "https://127.0.0.1:{port}/w/x",
    "http://127.0.0.1:{port}",  # plain http
    "https://video.example@127.0.0.1:{port}/",  # userinfo
    "https://video.example:443@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}#@video.example/",
    "https://127.0.0.1:{port}\\@video.example/",
    "https://127.0.0.1:{port}%2f@video.example/",
    "name@127.0.0.1:{port}",  # a handle
    "https://[::1%25lo]:{port}/",
    "https://127.0.0.1:{port}:443/",  # two ports
]
ELSEWHERE = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",  # CGNAT
    "100.100.100.200",  # metadata in it
    "169.254.169.254",  # link-local metadata
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "[::ffff:a9fe:a9fe]",
    "[fd00:ec2::254]",
    "168.63.129.16",  # metadata on a public address
    "192.0.0.192",
    "[64:ff9b::7f00:1]",  # NAT64
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",  # 6to4
    "[2002:a9fe:a9fe::1]",
    "192.88.99.1",
    "[2001:0:53aa:64c:0:fffe:80ff:fffe]",  # Teredo
    "[fe80::1]",  # link-local
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[fec0::1]",  # site-local
    "[100::1]",
    "[2001:db8::1]",
    "[5f00::1]",
    "224.0.0.1",  # multicast
    "[ff02::1]",
    "255.255.255.255",  # broadcast
    "240.0.0.1",
    "0.1.2.3",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.1",
    "10.0.0.1:22",  # ports of other services
    "video.example:25",
    "video.example:0",
    "video.example:65536",
    "video.example:-1",
    "video.example:443:22",
    "video.example:443x",
    "a..b.example",
    f"{'a' * 64}.example",
    "video.example\r\nHost: 127.0.0.1",
    "https://user:pass@video.example:443/",
]
PUBLIC = "93.184.215.14"

connects: list[Any] = []
"""Where this process began to connect to: what `socket.connect` says of itself."""


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        connects.append(arguments[1])


def note_connects() -> None:
    """Fill `connects` from now on, for as long as this process lives; each of its audit events then costs a call."""
    sys.addaudithook(_note)


class Server(Listener):
    """Counts connections, and answers each with the same bytes."""

    def __init__(self, given: bytes = b"") -> None:
        self.given = given
        super().__init__()

    def answer(self, connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            connection.sendall(self.given)


def asking_at(base: str, host: str, **options: Any) -> Transport:
    return Transport(base, host, at_once(), "test", 5.0, retries=0, **options)
