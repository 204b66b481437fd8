"""Whether a host runs PeerTube, by nodeinfo, header or page, and what it asks of us, from servers of several kinds."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from peertube_sync.client.detect import detect
from peertube_sync.client.errors import Moved, NotPeerTube, Refused, ServerError
from peertube_sync.client.rate_budget import LocalBudget
from peertube_sync.client.robots import Robots
from peertube_sync.client.robots_fetch import LARGEST_ROBOTS, fetch_robots
from peertube_sync.client.transport import Transport

Routes = dict[str, tuple[int, dict[str, str], Any]]


class Handler(BaseHTTPRequestHandler):
    routes: Routes

    def do_GET(self) -> None:
        status, headers, body = self.routes.get(self.path, (404, {}, ""))
        content = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        if not isinstance(body, str):
            self.send_header("Content-Type", "application/json; charset=utf-8")
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_args: Any) -> None:
        """Stay quiet."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    handler = type("Routed", (Handler,), {"routes": {}})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def found(server: ThreadingHTTPServer, routes: Routes, ask: Callable[[Transport], str] = detect) -> str:
    server.RequestHandlerClass.routes = routes  # type: ignore[attr-defined]
    host = f"127.0.0.1:{server.server_port}"
    transport = Transport(f"http://{host}", host, LocalBudget(1.0), "test", retries=0, allow_private=True)
    try:
        return ask(transport)
    finally:
        transport.close()


def nodeinfo(server: ThreadingHTTPServer, software: dict[str, str], host: str = "") -> Routes:
    href = f"https://{host or f'127.0.0.1:{server.server_port}'}/nodeinfo/2.0.json"
    links = {"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": href}]}
    return {"/.well-known/nodeinfo": (200, {}, links), "/nodeinfo/2.0.json": (200, {}, {"software": software})}


def test_by_nodeinfo(server: ThreadingHTTPServer) -> None:
    assert found(server, nodeinfo(server, {"name": "peertube", "version": "7.1.0"})) == "7.1.0"


def test_by_header_and_the_version_of_the_config(server: ThreadingHTTPServer) -> None:
    assert found(server, {"/api/v1/config": (200, {"x-powered-by": "PeerTube"}, {"serverVersion": "5.2.1"})}) == "5.2.1"


def test_by_the_page(server: ThreadingHTTPServer) -> None:
    page = '<html><meta property="og:platform" content="PeerTube"/></html>'
    assert found(server, {"/": (200, {}, page)}) == ""


def test_another_software_is_named(server: ThreadingHTTPServer) -> None:
    with pytest.raises(NotPeerTube, match=r"runs mastodon 4\.5"):
        found(server, nodeinfo(server, {"name": "mastodon", "version": "4.5"}))


def test_a_plain_site_is_no_peertube(server: ThreadingHTTPServer) -> None:
    with pytest.raises(NotPeerTube, match=r"nothing says that it is a PeerTube \(.*\); open it in a browser"):
        found(server, {"/": (200, {}, "<html>hello</html>")})


def test_a_server_that_goes_by_another_name_is_named(server: ThreadingHTTPServer) -> None:
    with pytest.raises(Moved, match=r"calls itself new\.example: add new\.example instead"):
        found(server, nodeinfo(server, {"name": "peertube"}, host="new.example"))


def test_a_redirect_is_reported_not_followed(server: ThreadingHTTPServer) -> None:
    moved = (301, {"Location": "https://new.example/.well-known/nodeinfo"}, "")
    with pytest.raises(Moved, match=r"new\.example"):
        found(server, {"/.well-known/nodeinfo": moved})


def test_what_a_guard_or_a_failure_hides_is_not_judged(server: ThreadingHTTPServer) -> None:
    for status, error in ((403, Refused), (500, ServerError)):
        with pytest.raises(error):
            found(server, {"/api/v1/config": (status, {}, "<html>no</html>")})


def test_robots_txt_is_read_over_redirects_of_its_own_host_only(server: ThreadingHTTPServer) -> None:
    routes: Routes = {
        "/robots.txt": (301, {"Location": "/static/robots.txt"}, ""),
        "/static/robots.txt": (200, {}, "a"),
    }
    assert found(server, routes, fetch_robots) == "a"
    routes["/robots.txt"] = (301, {"Location": "https://new.example/robots.txt"}, "")
    with pytest.raises(Moved, match=r"new\.example"):
        found(server, routes, fetch_robots)
    assert found(server, {"/robots.txt": (302, {"Location": "/robots.txt"}, "")}, fetch_robots) == ""


def test_no_more_of_robots_txt_is_read_than_need_be(server: ThreadingHTTPServer) -> None:
    assert len(found(server, {"/robots.txt": (200, {}, "#" * (LARGEST_ROBOTS + 9))}, fetch_robots)) == LARGEST_ROBOTS
    assert found(server, {}, fetch_robots) == ""


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("", True),
        ("<html>hello</html>", True),
        ("User-agent: *\nDisallow:\n", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Django-PeerTube-Sync\nAllow: /\n", True),
        ("User-agent: *\nDisallow: /api/\nAllow: /api/v1/videos\n", True),
        ("User-agent: *\nDisallow: /*?start=\n", False),
        ("User-agent: *\nDisallow: /\n", False),
    ],
)
def test_the_most_specific_rule_counts(rules: str, allowed: bool) -> None:
    assert Robots(rules).allows("/api/v1/videos?start=0") is allowed
