"""Hosts, handles, addresses and short uuids, as people and servers spell them."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.hosts import host_of, normalise_host
from peertube_sync.client.short_uuid import parse_uuid, shorten
from peertube_sync.client.targets import Target, recognise

UUID_TEXT = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
SHORT = "kkGMgK9ZtnKfYAgnEtQxbv"


def test_short_uuid_is_peertubes() -> None:
    assert shorten(UUID(UUID_TEXT)) == SHORT
    assert parse_uuid(SHORT) == parse_uuid(UUID_TEXT) == UUID(UUID_TEXT)


@given(st.uuids())
def test_short_uuid_goes_there_and_back(uuid: UUID) -> None:
    assert len(shorten(uuid)) == 22
    assert parse_uuid(shorten(uuid)) == uuid


@pytest.mark.parametrize("text", ["", "nope", "0" * 22, UUID_TEXT[:-1], "Z" * 22])
def test_what_is_no_uuid_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidTarget, match=repr(text)):
        parse_uuid(text)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("video.example", "video.example"),
        (" Video.Example. ", "video.example"),
        ("video.example:443", "video.example"),
        ("video.example:9000", "video.example:9000"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("[::1]:9000", "[::1]:9000"),
        ("127.0.0.1:9000", "127.0.0.1:9000"),
    ],
)
def test_a_host_has_one_spelling(text: str, host: str) -> None:
    assert normalise_host(text) == host


@pytest.mark.parametrize(
    "text", ["", "a b", "user@video.example", "video.example/path", "video.example:x", "a..b", "a?b"]
)
def test_what_is_no_host_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidTarget, match="is not a host"):
        normalise_host(text)


def test_the_host_of_an_address() -> None:
    assert host_of("https://Video.Example:443/w/x") == "video.example"
    assert host_of("/relative") == ""
    assert host_of("https://a b/") == ""


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("video.example", "instance", ""),
        ("https://video.example/", "instance", ""),
        ("https://video.example/videos/local", "instance", ""),
        ("cooking@video.example", "actor", "cooking"),
        ("@cooking@video.example", "actor", "cooking"),
        ("https://video.example/@cooking/videos", "actor", "cooking"),
        ("https://video.example/c/cooking/videos", "channel", "cooking"),
        ("https://video.example/video-channels/cooking", "channel", "cooking"),
        ("https://other.example/c/cooking@video.example", "channel", "cooking"),
        ("https://video.example/a/alice/video-channels", "account", "alice"),
        ("https://video.example/accounts/alice", "account", "alice"),
        (f"https://video.example/w/{SHORT}", "video", UUID_TEXT),
        (f"https://video.example/w/{SHORT}?start=1m", "video", UUID_TEXT),
        (f"https://video.example/videos/watch/{UUID_TEXT}", "video", UUID_TEXT),
        (f"https://video.example/videos/embed/{UUID_TEXT}", "video", UUID_TEXT),
        (f"https://video.example/w/p/{SHORT}", "playlist", UUID_TEXT),
        (f"https://video.example/videos/watch/playlist/{UUID_TEXT}", "playlist", UUID_TEXT),
        (f"https://video.example/video-playlists/embed/{UUID_TEXT}", "playlist", UUID_TEXT),
        ("video.example/c/cooking", "channel", "cooking"),
        ("acct:cooking@video.example", "actor", "cooking"),
        ("cooking%40video.example", "actor", "cooking"),
        ("cooking\uff20video\uff0eexample", "actor", "cooking"),
        ("video\u3002example", "instance", ""),
        ("\u200bhttps://video.example/\ufeff", "instance", ""),
        ("<https://video.example/search?search=bread>", "instance", ""),
        ("https://other.example/c/cooking%40video.example/videos?s=1#top", "channel", "cooking"),
        (f"https://video.example/w/{SHORT};threadId=3", "video", UUID_TEXT),
        (f"https://video.example/w/{SHORT}#t", "video", UUID_TEXT),
        (f"https://video.example/w/p/{SHORT}?playlistPosition=2&resume=true", "playlist", UUID_TEXT),
        ("https://video.example/feeds/videos.atom?sort=-publishedAt", "instance", ""),
        ("https://video.example/feeds/videos.xml?videoChannelName=cooking", "channel", "cooking"),
        ("https://video.example/feeds/videos.json?accountName=alice", "account", "alice"),
        (f"https://video.example/feeds/video-comments.xml?videoId={SHORT}", "video", UUID_TEXT),
    ],
)
def test_every_form_of_address_is_recognised(text: str, kind: str, name: str) -> None:
    target = recognise(text)
    assert (target.kind, target.host, target.name) == (kind, "video.example", name)


def test_the_scheme_is_kept_where_one_was_given() -> None:
    assert recognise("http://localhost:9000/") == Target(kind="instance", host="localhost:9000", scheme="http")
    assert recognise("localhost:9000").scheme is None


@pytest.mark.parametrize(
    "text",
    [
        "ftp://video.example",
        "https://video.example/what/ever",
        "a@b@c@d",
        "@video.example",
        "",
        "https://",
        "javascript:alert(1)",
        "https://video.example/feeds/podcast/videos.xml?videoChannelId=3",
        "https://[::1",
    ],
)
def test_what_names_nothing_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(InvalidTarget, match="give"):
        recognise(text)
