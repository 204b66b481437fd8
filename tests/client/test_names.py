"""Hosts, handles, addresses and short uuids, as people and servers spell them."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.hosts import host_of, normalise_host
from peertube_sync.client.short_uuid import parse_uuid, shorten
from peertube_sync.client.targets import Target, recognise, seconds_of, video_of

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
        ("//video.example/c/cooking", "channel", "cooking"),
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
        ("https://video.example/about", "instance", ""),
        ("https://video.example/videos", "instance", ""),
        ("https://video.example/login", "instance", ""),
        ("https://video.example/my-library/videos", "instance", ""),
        ("https://video.example/api/v1/videos?sort=-createdAt", "instance", ""),
        ("https://video.example/nodeinfo/2.0.json", "instance", ""),
        ("https://video.example/feeds/video-comments.xml", "instance", ""),
        (f"https://video.example/api/v1/videos/{UUID_TEXT}/captions", "video", UUID_TEXT),
        (f"https://video.example/api/v1/video-playlists/{UUID_TEXT}/videos", "playlist", UUID_TEXT),
        (f"https://video.example//w/{SHORT}", "video", UUID_TEXT),
        (f"\u201chttps://video.example/w/{SHORT}\u201d.", "video", UUID_TEXT),
        ("(https://video.example/c/cooking)", "channel", "cooking"),
        (f'<iframe src="https://video.example/videos/embed/{UUID_TEXT}?a=1" width="560"></iframe>', "video", UUID_TEXT),
        ("!cooking@video.example", "actor", "cooking"),
        ("mailto:cooking@video.example", "actor", "cooking"),
        ("cooking@video.example/", "actor", "cooking"),
        ("cooking @ video.example", "actor", "cooking"),
        ("video.example,", "instance", ""),
    ],
)
def test_every_form_of_address_is_recognised(text: str, kind: str, name: str) -> None:
    target = recognise(text)
    assert (target.kind, target.host, target.name) == (kind, "video.example", name)


@pytest.mark.parametrize(
    "path",
    [
        *(f"/w/{SHORT}/comments", f"/videos/watch/{UUID_TEXT}/;threadId=3", f"/api/v1/videos/{UUID_TEXT}/description"),
        *(
            f"/static/streaming-playlists/hls/{UUID_TEXT}/master.m3u8",
            f"/w/{SHORT}%20",
            f"/de/watch/videos/{UUID_TEXT}/",
        ),
    ],
)
def test_a_video_is_named_anywhere_in_a_path(path: str) -> None:
    assert video_of(f"https://video.example{path}") == (UUID(UUID_TEXT), 0)


def test_the_player_that_is_offered_for_other_pages_names_video_and_start() -> None:
    frame = f'<iframe title="Bread" src="https://video.example/videos/embed/{SHORT}?warningTitle=0&amp;start=1m2s"></iframe>'
    assert video_of(frame) == (UUID(UUID_TEXT), 62)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("62", 62), ("62s", 62), ("1m2s", 62), ("1M2S", 62), ("1:02", 62), ("1:1:02", 3662), ("62.5", 62), (" 62", 62)]
    + [(odd, 0) for odd in ("", "-3", "soon", "1:", "9" * 30, "\u0661")],
)
def test_a_start_is_read_as_people_write_it(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


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
