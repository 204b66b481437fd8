"""Whether a host runs PeerTube: by nodeinfo, header or page, from servers of several kinds."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from peertube_sync.client.budget import LocalBudget
from peertube_sync.client.detect import detect
from peertube_sync.client.errors import Moved, NotPeerTube
from peertube_sync.client.transport import Transport

Routes = dict[str, tuple[int, dict[str, str], Any]]


class Handler(BaseHTTPRequestHandler):
    routes: Routes

    def do_GET(self) -> None:
        status, headers, body = self.routes.get(self.path, (404, {}, ""))
        content = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
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


def found(server: ThreadingHTTPServer, routes: Routes) -> str:
    server.RequestHandlerClass.routes = routes  # type: ignore[attr-defined]
    host = f"127.0.0.1:{server.server_port}"
    transport = Transport(f"http://{host}", host, LocalBudget(1.0), "test", retries=0, allow_private=True)
    try:
        return detect(transport)
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
    with pytest.raises(NotPeerTube, match="not recognised as PeerTube"):
        found(server, {"/": (200, {}, "<html>hello</html>")})


def test_a_server_that_goes_by_another_name_is_named(server: ThreadingHTTPServer) -> None:
    with pytest.raises(Moved, match=r"calls itself new\.example: add new\.example instead"):
        found(server, nodeinfo(server, {"name": "peertube"}, host="new.example"))


def test_a_redirect_is_reported_not_followed(server: ThreadingHTTPServer) -> None:
    moved = (301, {"Location": "https://new.example/.well-known/nodeinfo"}, "")
    with pytest.raises(Moved, match=r"new\.example"):
        found(server, {"/.well-known/nodeinfo": moved})
