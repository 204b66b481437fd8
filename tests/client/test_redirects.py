"""Redirects and links of documents lead nowhere."""

import json
from collections.abc import Callable

import pytest

from peertube_sync.client.detect import detect
from peertube_sync.client.errors import Moved, PeerTubeError
from peertube_sync.client.robots_fetch import fetch_robots
from tests.client.vectors import ELSEWHERE, LOOPBACK, Server, asking_at, connects

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
    for question in (lambda: asking.get("/"), lambda: fetch_robots(asking)):
        with pytest.raises(Moved):
            question()
    assert forbidden.connections == 0
    assert set(connects) == {("127.0.0.1", server.port)}
    asking.close()


def test_a_robots_txt_that_redirects_for_ever_is_none(serve: Callable[..., Server]) -> None:
    server = serve(redirect("/robots.txt"))
    asking = asking_at(f"http://{server.host}", server.host, allow_private=True)
    assert fetch_robots(asking) == ""
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
