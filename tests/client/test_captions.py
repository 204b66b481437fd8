"""RemoteCaption files as anybody may write them, and where they may be read."""

import pytest

from peertube_sync.client.captions import (
    LARGEST_FILE,
    CaptionLine,
    CaptionReading,
    address_from,
    file_address,
    read_lines,
)
from peertube_sync.client.errors import UnexpectedShape
from peertube_sync.client.types import Language, RemoteCaption

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
    lines = [CaptionLine(3, "first"), CaptionLine(65, "Bread & butter, in the morning")]
    assert read_lines(FILE.encode(), "it") == CaptionReading(lines)


SAID = CaptionReading([CaptionLine(1, "fresh zebra"), CaptionLine(3661, "odd byte")])


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT\n\n00:01.000 --> 00:02.000\nfresh zebra\n\n01:01:01.000 --> 01:01:02.000\nodd byte\n",
        "WEBVTT - a title\nKind: x\n\n00:01.000 --> 00:02.000\nfresh zebra\n\n01:01:01.5 --> 01:01:02.5\nodd byte",
        "WEBVTT\n00:00:01.000 --> 00:00:02.000\nfresh zebra\n1:01:01.000 --> 1:01:02.000 align:start\nodd byte\n",
        "WEBVTT\r\r00:01.000 --> 00:02.000\rfresh zebra\r\r01:01:01.000 --> 01:01:02.000\rodd byte\r",
        "WEBVTT\n\n1\n00:00:01,000 --> 00:00:02,000\nfresh zebra\n\n2\n01:01:01,000 --> 01:01:02,000\nodd byte\n",
        "WEBVTT\n\n00:00:01,000 --> 00:00:02.000\nfresh zebra\n\n01:01:01.000 --> 01:01:02,000\nodd byte\n",
        "1\n00:00:01,000 --> 00:00:02,000\nfresh zebra\n\n2\n01:01:01,000 --> 01:01:02,000\nodd byte\n",
        "1\r\n00:00:01,000 --> 00:00:02,000\r\nfresh zebra\r\n\r\n2\r\n01:01:01,000 --> 01:01:02,000\r\nodd byte\r\n",
        "\ufeff\n\n1\n00:00:01,0 --> 00:00:02,0 X1:40 X2:600\n{fresh} zebra\n \n2\n1:1:1,000-->1:1:2,000\nodd byte",
        "00:00:01.000 --> 00:00:02.000\nfresh zebra\n\n01:01:01.000 --> 01:01:02.000\nodd byte\n",
        "00:01 --> 00:02\nfresh zebra\n\n01:01:01 --> 01:01:02\nodd byte\n\n3\n",
        "1\n00:00:01:000 ---> 00:00:02:000\nfresh zebra\n\n2\n01:01:01\uff0c0 --> 01:01:02\uff0c0\nodd byte\n",
        "\n\nWEBVTT\n\nSTYLE\n::cue { color: red }\n\nNOTE x\ny\n\n00:01.000 --> 00:02.000\nfresh <i>zebra</i>\n\n"
        "01:01:01.000 --> 01:01:02.000\n<c.x>odd byte</c>\n",
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_webvtt_subrip_and_what_stands_between_them_are_understood(text: str, mark: str) -> None:
    assert read_lines((mark + text.replace("{fresh}", "fresh")).encode(), "it") == SAID


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"zebra Br\xf6tchen", "zebra Br\ufffdtchen"),  # Latin-1
        (b"zebra \x93so\x94", "zebra \ufffdso\ufffd"),  # Windows-1252
        (b"zebra \xe2\x82", "zebra \ufffd"),  # cut off
        (b"zebra \xed\xa0\x80", "zebra \ufffd\ufffd\ufffd"),  # half of a surrogate pair
        (b"zebra \xc0\xaf", "zebra \ufffd\ufffd"),  # too long for what it says
        (b"zebra \x00", "zebra \ufffd"),
    ],
)
@pytest.mark.parametrize("head", [b"WEBVTT\n\n00:01.000 --> 00:02.000\n", b"1\n00:00:01,000 --> 00:00:02,000\n"])
def test_wrong_bytes_are_read_as_browsers_do(head: bytes, written: bytes, read: str) -> None:
    found = read_lines(head + written + b"\n\n00:03.000 --> 00:04.000\nunharmed", "it")
    assert found == CaptionReading([CaptionLine(1, read), CaptionLine(3, "unharmed")])


@pytest.mark.parametrize(
    ("text", "lines", "like"),
    [
        ("WEBVTT\n\n00:01 -> 00:02\nzebra", 0, "'00:01 -> 00:02"),
        ("WEBVTT\n\n0.01 --> 0.02\nzebra\n\n00:03.000 --> 00:04.000\nhorse", 1, "'0.01 --> 0.02'"),
        (
            "1\n00:00:01,000 --> 00:00:02,000\nhorse\n\nand zebra\n\n2\n00:00:03,000 --> x\nfoal",
            1,
            "'00:00:03,000 --> x'",
        ),
        ("WEBVTT\n\n00:75:01.000 --> 00:76:02.000\nzebra", 0, "'00:75:01.000 --> 00:76:02.000'"),
        ("1\n00:00:61,000 --> 00:00:62,000\nzebra\n\n00:03.000 --> 00:04.000\nhorse", 1, "00:00:61,000"),
        ("webvtt\n\n00:01.000 --> 00:02.000\nhorse", 1, "'webvtt'"),
    ],
)
def test_what_is_left_out_is_told(text: str, lines: int, like: str) -> None:
    found = read_lines(text.encode(), "it")
    assert len(found.lines) == lines
    assert like in found.left_out


def test_a_file_without_captions_has_none_and_lacks_nothing() -> None:
    assert read_lines(b"WEBVTT\n\nNOTE nobody speaks\n", "it") == CaptionReading([])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><title>404</title>",
        b'{"total": 0}',
        b"\xff\xfe\x00",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nzebra".encode("utf-16"),
        "\ufeffWEBVTT\n\n00:01.000 --> 00:02.000\nzebra".encode("utf-16-be"),
        "WEBVTT\n\n00:01.000 --> 00:02.000\nzebra".encode("utf-16-le"),
        b"[Script Info]\nTitle: x\n\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,zebra",
        b"0:00:01.000,0:00:02.000\nzebra",
        b"WEBVTT\n\n" + b"x" * LARGEST_FILE,
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
    for line in read_lines(body.encode(), "it").lines:
        assert 0 <= line.start < 2**31
        assert len(line.text) <= 500
        assert "\0" not in line.text


@pytest.mark.parametrize(
    ("file_url", "caption_path", "path"),
    [
        (None, "/lazy-static/video-captions/a-fr.vtt", "/lazy-static/video-captions/a-fr.vtt"),
        ("https://video.example/a.vtt?v=2", "/old.vtt", "/a.vtt?v=2"),
        ("https://storage.example/a.vtt", "/old.vtt", "https://storage.example/a.vtt"),
        ("https://[", "/old.vtt", "/old.vtt"),
        ("https://storage.example/a.vtt", None, "https://storage.example/a.vtt"),
        ("https://storage.example/a.vtt", "https://storage.example/a.vtt", "https://storage.example/a.vtt"),
        (None, "https://storage.example/a.vtt?v=2#x", "https://storage.example/a.vtt?v=2"),
        ("HTTPS://Störage.example:443/a.vtt", None, "https://xn--strage-xxa.example/a.vtt"),
        (None, "@evil.example/a.vtt", "/@evil.example/a.vtt"),
        (None, "//storage.example/a.vtt", "https://storage.example/a.vtt"),
        ("http://storage.example/a.vtt", None, "http://storage.example/a.vtt"),
        ("http://video.example/a.vtt", None, "/a.vtt"),
        ("https://video.example:9000/a.vtt", None, "https://video.example:9000/a.vtt"),
        ("https://video.example@evil.example/a.vtt", None, ""),
        ("https://evil.example\\@video.example/a.vtt", None, ""),
        ("https://storage.example", None, ""),
        ("https://storage.example/" + "x" * 2000, None, ""),
        ("file:///etc/passwd", None, ""),
        ("gopher://storage.example/a.vtt", None, ""),
        ("http://[", None, ""),
        (None, None, ""),
    ],
)
def test_a_file_is_where_the_instance_says(file_url: str | None, caption_path: str | None, path: str) -> None:
    caption = RemoteCaption(language=Language(id="fr", label="French"), caption_path=caption_path, file_url=file_url)
    assert file_address(caption, HOME) == path


def test_a_redirect_is_read_as_a_reference_of_its_document() -> None:
    assert address_from("../b.vtt", "https://storage.example/x/a.vtt", HOME) == "https://storage.example/b.vtt"
    assert address_from("b.vtt", f"{HOME}/x/a.vtt", HOME) == "/x/b.vtt"
