"""No route of PeerTube's API sends anybody to where nobody is at home, or asks anything elsewhere."""

import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.test import Client

from peertube_sync.models import Instance, Playlist, Video
from peertube_sync.peertube_api.urls import urlpatterns
from tests.support.catalogue import HOST, richest

HOSTILE = (
    *("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "@evil.example"),
    *("http://169.254.169.254/latest/meta-data", "http://[::1]:6379/", "file:///etc/passwd", "..", "%00"),
    *("x\r\nLocation: https://evil.example", "a@evil.example", "é.example"),
)
ASKED = (
    *("url", "next", "redirect", "resource", "host", "fromHost", "search", "videoId", "videoChannelId", "accountName"),
    *("videoChannelName", "handles", "uuids", "sort", "start", "hosts", "uri", "callback", "version"),
)
GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)|<(?:\w+:)?(\w+)>")
REST = re.compile(r"\(\?:(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\??$")
"""What may follow an address, at the end of its expression."""

pytestmark = pytest.mark.usefixtures("mirror")


@pytest.fixture(autouse=True)
def _nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_socket: socket.socket, address: Any) -> None:
        raise AssertionError(f"{address} is asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    real = socket.getaddrinfo

    def look_up(host: Any, *given: Any, **named: Any) -> Any:
        if host not in ("localhost", "127.0.0.1", None):
            raise AssertionError(f"{host} is looked up")
        return real(host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def good(name: str, address: str) -> str:
    """Return what names a row that is here, in the place of a part of an address."""
    playlist = "playlist" in address or "/w/p/" in address
    kind = "alice" if address.startswith(("/a/", "/accounts", "/api/v1/accounts")) else "cooking"
    return {
        "name": str(Playlist.objects.values_list("uuid", flat=True)[0]) if playlist else richest(),
        "uuid": richest(),
        "handle": f"{kind}@{HOST}",
        "host": HOST,
        "thread": "1",
        "id": "1",
        "rest": "48/x.png",
    }[name]


def routes() -> Iterator[str]:
    """Yield the address of each route, its parts as `{name}`."""
    for one in urlpatterns:
        address = GROUP.sub(lambda found: f"{{{found[1] or found[2]}}}", str(one.pattern))
        plain = REST.sub("", address.removeprefix("^").removesuffix("$").removesuffix("/?"))
        yield "/" + plain.replace("\\", "")


def filled(address: str) -> Iterator[str]:
    """Yield an address with its parts filled in: rightly, then each by each hostile text."""
    names = re.findall(r"{(\w+)}", address)
    right = {name: good(name, address) for name in names}
    yield address.format(**right)
    for name in names:
        for text in HOSTILE:
            yield from {address.format(**{**right, name: quote(text, safe=safe)}) for safe in ("", "/:@")}


def test_every_address_of_a_route_can_be_filled_in() -> None:
    found = list(routes())
    assert len(found) == len(urlpatterns) > 80
    assert not any(re.search(r"[()^$?*+\\\[\]]", address) for address in found), found


def led_to(client: Client, path: str) -> str:
    """Return where a path leads, "" where it doesn't; none may be an error of ours."""
    answer = client.get(path, HTTP_X_FORWARDED_HOST="evil.example", HTTP_REFERER="https://evil.example/")
    assert answer.status_code < 500, path
    assert not {"Refresh", "Link"} & set(answer.headers), path
    return str(answer.headers.get("Location", ""))


def test_every_route_leads_to_this_site_or_the_home_of_a_row(client: Client) -> None:
    queries = [urlencode(dict.fromkeys(ASKED, text)) for text in HOSTILE[:3]]
    followed = 0
    for route in routes():
        right = next(filled(route))
        for path in (*filled(route), *(f"{right}?{query}" for query in queries)):
            where = led_to(client, path)
            parts = urlsplit(where)
            assert (parts.scheme, parts.netloc) in (("", ""), ("http", HOST)), (path, where)
            assert not where.startswith(("//", "/\\")), (path, where)
            assert not {"\r", "\n"} & set(where), (path, where)
            followed += bool(where)
    assert followed > 80


def test_no_route_leads_into_a_network_that_is_not_everybodys(client: Client, settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "ALLOW_PRIVATE_HOSTS": False}
    assert Instance.objects.get().host == HOST == "localhost:9000"
    video = Video.objects.get(uuid=richest())
    paths = [next(filled(route)) for route in routes()]
    paths += [f"/feeds/video-comments.{ending}?videoId={video.uuid}" for ending in ("xml", "json", "atom")]
    for path in paths:
        assert urlsplit(led_to(client, path)).netloc == "", path
