"""Caption files as anybody may write them, and where they may be read."""

import pytest

from peertube_sync.client.captions import LARGEST, Line, own_path, read_lines
from peertube_sync.client.errors import UnexpectedShape
from peertube_sync.client.types import Caption, Language

pytestmark = pytest.mark.one_database

HOME = "https://video.example"
FILE = """\ufeffWEBVTT

NOTE nobody says this

00:01:05.500 --> 00:01:08.000 align:start
<v Ada>Bread &amp; <i>butter</i>,
in the morning

7
00:03.000 --> 00:02.000
first

00:04.000 --> 00:05.000
<b></b>
"""


def test_lines_are_plain_and_in_the_order_of_time() -> None:
    assert read_lines(FILE.encode(), "it") == [Line(3, "first"), Line(65, "Bread & butter, in the morning")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><title>404</title>",
        b'{"total": 0}',
        b"\xff\xfe\x00",
        b"WEBVTT\n\n" + b"x" * LARGEST,
    ],
)
def test_what_is_no_caption_file_is_refused(body: bytes) -> None:
    with pytest.raises(UnexpectedShape, match=r"it (is no|has more)"):
        read_lines(body, "it")


@pytest.mark.parametrize(
    "body",
    [
        "WEBVTT\n\n" + "9" * 400 + ":00:00.000 --> 00:03.000\nx",
        "WEBVTT\n\n99999999999:00:00.000 --> 99999999999:00:03.000\nx",
        "WEBVTT\n\n--> -->\n-->",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<" * 100_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "&#x110000;\0" * 1_000,
    ],
)
def test_a_strange_file_gives_bounded_lines(body: str) -> None:
    for line in read_lines(body.encode(), "it"):
        assert 0 <= line.start < 2**31
        assert len(line.text) <= 500
        assert "\0" not in line.text


@pytest.mark.parametrize(
    ("file_url", "caption_path", "path"),
    [
        (None, "/lazy-static/video-captions/a-fr.vtt", "/lazy-static/video-captions/a-fr.vtt"),
        ("https://video.example/a.vtt?v=2", "/old.vtt", "/a.vtt?v=2"),
        ("https://storage.example/a.vtt", "/a.vtt", "/a.vtt"),
        ("https://storage.example/a.vtt", None, ""),
        (None, "@evil.example/a.vtt", "/@evil.example/a.vtt"),
        (None, "//evil.example/a.vtt", ""),
        ("http://video.example/a.vtt", None, ""),
        ("https://video.example@evil.example/a.vtt", None, ""),
        ("file:///etc/passwd", None, ""),
        ("http://[", None, ""),
    ],
)
def test_files_are_read_at_home_alone(file_url: str | None, caption_path: str | None, path: str) -> None:
    caption = Caption(language=Language(id="fr", label="French"), caption_path=caption_path, file_url=file_url)
    assert own_path(caption, HOME) == path
