"""Where a request may not go: refused before anything is connected to, however it is spelt and whoever points there."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from peertube_sync.client.errors import ForbiddenHost, InvalidTarget, MalformedAnswer, Unreachable
from peertube_sync.client.guarded_session import GuardedSession
from peertube_sync.client.networks import may_connect
from peertube_sync.client.targets import recognise
from tests.client.vectors import ELSEWHERE, LOOPBACK, PUBLIC, Server, asking_at, connects


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
        ["64:ff9b::a00:1"],
        ["127.0.0.1", "169.254.169.254"],
    ],
    ids=" ".join,
)
def test_a_name_with_forbidden_addresses_alone_is_not_connected_to(
    serve: Callable[..., Server], dns: dict[str, list[list[str]]], answer: list[str]
) -> None:
    server = serve()
    dns["video.example"] = [answer]
    with pytest.raises(ForbiddenHost):
        ask(f"video.example:{server.port}")
    assert (server.connections, connects) == (0, [])


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where one wanted to connect to, in this order; nobody listens anywhere."""
    found: list[str] = []

    def connect(_socket: socket.socket, address: Any) -> None:
        found.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return found


NAT64, SIX_TO_FOUR, TEREDO = "64:ff9b::5db8:d70e", "2002:5db8:d70e::1", "2001:0:53aa:64c:0:fffe:a247:28f1"
"""PUBLIC as other networks hide it; in that of Teredo is its server's address too."""


@pytest.mark.parametrize(
    ("answer", "closed", "open_"),
    [
        ([PUBLIC, "127.0.0.1"], [PUBLIC], [PUBLIC, "127.0.0.1"]),
        (["127.0.0.1", PUBLIC], [PUBLIC], ["127.0.0.1", PUBLIC]),
        (["169.254.169.254", PUBLIC, "fe80::1%eth0"], [PUBLIC], [PUBLIC]),
        (["100.100.100.200", "::1", PUBLIC], [PUBLIC], ["::1", PUBLIC]),
        ([NAT64, PUBLIC], [NAT64, PUBLIC], [NAT64, PUBLIC]),
        ([NAT64], [NAT64], [NAT64]),
        (["64:ff9b::a00:1", NAT64], [NAT64], ["64:ff9b::a00:1", NAT64]),
        (["64:ff9b::a9fe:a9fe", "64:ff9b:1::5db8:d70e", PUBLIC], [PUBLIC], [PUBLIC]),
        ([SIX_TO_FOUR, TEREDO, "2002:7f00:1::"], [SIX_TO_FOUR, TEREDO], [SIX_TO_FOUR, TEREDO, "2002:7f00:1::"]),
    ],
)
def test_of_a_name_with_good_and_forbidden_addresses_only_the_good_ones_are_used(
    dns: dict[str, list[list[str]]], tried: list[str], answer: list[str], closed: list[str], open_: list[str]
) -> None:
    for allow_private, expected in ((False, closed), (True, open_)):
        dns["video.example"] = [answer]
        asking = asking_at("https://video.example", "video.example", allow_private=allow_private)
        with pytest.raises(Unreachable):
            asking.get("/")
        asking.close()
        assert (tried, dns["video.example"]) == (expected, [])
        tried.clear()


@pytest.mark.parametrize(
    ("answer", "allow_private", "told"),
    [
        (["10.0.0.1"], False, r"private network \(10\.0\.0\.1\); set .*ALLOW_PRIVATE_HOSTS"),
        (
            ["fe80::1", "64:ff9b::a00:1"],
            False,
            r"64:ff9b::a00:1, which leads to 10\.0\.0\.1\); set .*ALLOW_PRIVATE_HOSTS",
        ),
        (["169.254.169.254"], False, r"\(169\.254\.169\.254\), and no setting allows this one: correct .* DNS"),
        (["224.0.0.1", "100.100.100.200"], True, r"\(224\.0\.0\.1, 100\.100\.100\.200\), and no setting"),
        (["64:ff9b::a9fe:a9fe"], True, r"which leads to 169\.254\.169\.254\), and no setting"),
        (["64:ff9b:1::5db8:d70e"], False, r"its own NAT64 .* let the resolver use 64:ff9b::/96"),
        (["64:ff9b:1::5db8:d70e"], True, r"its own NAT64 .* let the resolver use 64:ff9b::/96"),
    ],
)
def test_the_hint_names_a_way_that_helps(
    dns: dict[str, list[list[str]]], tried: list[str], answer: list[str], allow_private: bool, told: str
) -> None:
    dns["video.example"] = [answer]
    session = GuardedSession("test", 5.0, allow_private=allow_private)
    session.quota.end = float("inf")
    with pytest.raises(ForbiddenHost, match=told) as caught:
        session.get("https://video.example/")
    assert ("ALLOW_PRIVATE_HOSTS" in str(caught.value)) == ("ALLOW" in told)
    assert tried == []


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
    "address",
    [
        *("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "224.0.0.1", "0.0.0.0", "fe80::1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b::6464:64c8", "64:ff9b:1::5db8:d70e", "2002:a9fe:a9fe::1", "2002:a83f:8110::"),
        *("2001:0:53aa:64c:0:fffe:5601:5601", "2001:0:a9fe:a9fe:0:fffe:a247:28f1", "::ffff:169.254.169.254"),
        *("::5db8:d70e", "::ffff:0:5db8:d70e"),
    ],
)
def test_with_private_networks_allowed_odd_addresses_still_are_not(address: str) -> None:
    assert not may_connect(address, allow_private=True)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"],
)
def test_private_networks_can_be_allowed(address: str) -> None:
    assert may_connect(address, allow_private=True)
    assert not may_connect(address, allow_private=False)


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14", NAT64, SIX_TO_FOUR, TEREDO],
)
def test_the_public_internet_may_be_asked(address: str) -> None:
    assert may_connect(address, allow_private=False)


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
