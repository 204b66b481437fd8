"""Where a request may not go: refused before anything is connected to, however it is spelt and whoever points there."""

import json
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from peertube_sync.client.consent import read_robots
from peertube_sync.client.detect import detect
from peertube_sync.client.errors import ForbiddenHost, InvalidTarget, MalformedAnswer, Moved, PeerTubeError
from peertube_sync.client.networks import may_connect
from peertube_sync.client.targets import recognise
from peertube_sync.client.transport import Transport
from tests.budgets import at_once
from tests.client.listener import Listener

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


@pytest.fixture
def serve() -> Iterator[Callable[[bytes], Server]]:
    running: list[Server] = []

    def start(answer: bytes = b"") -> Server:
        running.append(Server(answer))
        return running[-1]

    connects.clear()
    yield start
    for server in running:
        server.close()


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Answers of the DNS by name, one after the other; what isn't in it is looked up."""
    answers: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *how: Any) -> Any:
        if host not in answers:
            return real(host, port, *how)
        found = answers[host].pop(0)
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in found]
        return [
            (family, socket.SOCK_STREAM, 6, "", (one, port, 0, 0) if ":" in one else (one, port))
            for family, one in zip(families, found, strict=True)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


def asking_at(base: str, host: str, **options: Any) -> Transport:
    return Transport(base, host, at_once(), "test", 5.0, retries=0, **options)


def ask(text: str) -> None:
    """Ask whom `text` names, as `peertube_add` would."""
    target = recognise(text)
    asking = asking_at(f"{target.scheme or 'https'}://{target.host}", target.host)
    try:
        asking.get("/api/v1/config")
    finally:
        asking.close()


@pytest.mark.parametrize("text", LOOPBACK)
def test_no_spelling_of_loopback_is_connected_to(serve: Callable[..., Server], text: str) -> None:
    server = serve()
    with pytest.raises((ForbiddenHost, InvalidTarget)):
        ask(text.format(port=server.port))
    assert (server.connections, connects) == (0, [])


@pytest.mark.parametrize("text", ELSEWHERE)
def test_no_special_address_is_connected_to(serve: Callable[..., Server], text: str) -> None:
    serve()
    with pytest.raises((ForbiddenHost, InvalidTarget)):
        ask(text)
    assert connects == []


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["fe80::1%eth0"],
        [PUBLIC, "127.0.0.1"],  # a good one and a bad one
        ["127.0.0.1", PUBLIC],
        [PUBLIC, PUBLIC, "64:ff9b::a00:1"],
    ],
    ids=" ".join,
)
def test_a_name_with_a_forbidden_address_is_not_connected_to(
    serve: Callable[..., Server], dns: dict[str, list[list[str]]], answer: list[str]
) -> None:
    server = serve()
    dns["video.example"] = [answer]
    with pytest.raises(ForbiddenHost):
        ask(f"video.example:{server.port}")
    assert (server.connections, connects) == (0, [])


JSON = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(
    serve: Callable[..., Server], dns: dict[str, list[list[str]]]
) -> None:
    """The name is looked up once for a connection; when the answer has changed by the next, that is refused."""
    server = serve(JSON)
    host = f"video.example:{server.port}"
    dns["video.example"] = [["127.0.0.1"], ["169.254.169.254"]]
    asking = asking_at(f"http://{host}", host, allow_private=True)
    assert asking.get("/").body == b"{}"
    with pytest.raises(ForbiddenHost):
        asking.get("/")
    assert (connects, dns["video.example"]) == ([("127.0.0.1", server.port)], [])
    asking.close()


def test_an_address_that_does_not_answer_leaves_the_others_their_turn(
    serve: Callable[..., Server], dns: dict[str, list[list[str]]]
) -> None:
    server = serve(JSON)
    host = f"video.example:{server.port}"
    dns["video.example"] = [["127.9.9.9", "127.0.0.1"]]
    asking = asking_at(f"http://{host}", host, allow_private=True)
    assert asking.get("/").body == b"{}"
    asking.close()


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "224.0.0.1", "0.0.0.0", "fe80::1"]
)
def test_with_private_networks_allowed_odd_addresses_still_are_not(address: str) -> None:
    assert not may_connect(address, allow_private=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"])
def test_private_networks_can_be_allowed(address: str) -> None:
    assert may_connect(address, allow_private=True)
    assert not may_connect(address, allow_private=False)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_the_public_internet_may_be_asked(address: str) -> None:
    assert may_connect(address, allow_private=False)


LOCATIONS = [
    *(text if "://" in text else f"https://{text}/" for text in LOOPBACK if text.isascii()),
    *(f"http://{text}/" for text in ELSEWHERE if text.isascii() and text.isprintable()),
    "//127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "http://[/",
    "http://[::1/",
]


def redirect(location: str) -> bytes:
    return b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % location.encode()


@pytest.mark.parametrize("location", LOCATIONS)
def test_no_redirect_leads_anywhere(serve: Callable[..., Server], location: str) -> None:
    forbidden = serve()
    server = serve(redirect(location.format(port=forbidden.port)))
    asking = asking_at(f"http://{server.host}", server.host, allow_private=True)
    for question in (lambda: asking.get("/"), lambda: read_robots(asking)):
        with pytest.raises(Moved):
            question()
    assert forbidden.connections == 0
    assert set(connects) == {("127.0.0.1", server.port)}
    asking.close()


def test_a_robots_txt_that_redirects_for_ever_is_none(serve: Callable[..., Server]) -> None:
    server = serve(redirect("/robots.txt"))
    asking = asking_at(f"http://{server.host}", server.host, allow_private=True)
    assert read_robots(asking) == ""
    assert server.connections <= 10
    asking.close()


@pytest.mark.parametrize(
    "href", ["mailto:x@127.0.0.1:{port}/x", "@127.0.0.1:{port}/", ".example/x", ":22/x", "http://[/"]
)
def test_what_nodeinfo_points_to_never_becomes_a_part_of_the_host(serve: Callable[..., Server], href: str) -> None:
    forbidden = serve()
    links = json.dumps({"links": [{"rel": "x/ns/schema/2.0", "href": href.format(port=forbidden.port)}]})
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(links)}\r\n\r\n"
    server = serve((head + links).encode())
    asking = asking_at(f"http://{server.host}", server.host, allow_private=True)
    with pytest.raises(PeerTubeError):
        detect(asking)
    assert forbidden.connections == 0
    assert set(connects) == {("127.0.0.1", server.port)}
    asking.close()


def test_a_path_that_does_not_begin_at_the_root_is_not_asked_for(serve: Callable[..., Server]) -> None:
    server = serve(JSON)
    asking = asking_at(f"http://{server.host}", server.host, allow_private=True)
    with pytest.raises(MalformedAnswer, match="no path of its own"):
        asking.get("@elsewhere.example/")
    assert server.connections == 0


@pytest.mark.parametrize(
    ("base", "host"),
    [
        ("https://video.example@127.0.0.1", "video.example"),
        ("https://video.example/", "video.example"),
        ("https://other.example", "video.example"),
        ("ftp://video.example", "video.example"),
        ("https://VIDEO.example", "VIDEO.example"),
    ],
)
def test_a_base_is_a_scheme_and_a_host_and_nothing_else(base: str, host: str) -> None:
    with pytest.raises(ForbiddenHost):
        asking_at(base, host, allow_private=True)


def test_proxies_and_cookies_are_not_taken(serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve()
    monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
    server = serve(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    asking = asking_at(f"http://{server.host}", server.host, allow_private=True)
    asking.get("/")
    asking.get("/")
    assert (server.connections, proxy.connections) == (2, 0)
    assert not list(asking._session.cookies)
    asking.close()
