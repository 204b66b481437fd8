"""Which addresses of an instance a visitor's browser may be sent to."""

import pytest

from peertube_sync.client.addresses import address_at, file_at, is_public_address, is_web_address


@pytest.mark.parametrize(
    "address",
    [
        "https://video.example.org",
        "http://video.example.org:8080/w/8wLiw3yj451EZfEsWzyWmG?start=1#there",
        "HTTPS://Video.Example.org/",
        "https://vidéo.example.org/été",
        "https://93.184.216.34/x",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/",
        "https://[64:ff9b::5db8:d822]/",
        "https://object-storage.example.com/a%20b.jpg",
    ],
)
def test_addresses_that_everybody_can_reach(address):
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "video.example.org",
        "//video.example.org/",
        "/w/1",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        " https://video.example.org",
        "data:text/html,x",
        "ftp://video.example.org/",
        "https://",
        "https:///video.example.org",
        "https://user@video.example.org/",
        "https://video.example.org\\@evil.example/",
        "https://video.example.org\t/",
        "https://video.example.org/\x00",
        "https://[",
        "https://video.example.org/" + "x" * 2000,
    ],
)
def test_what_no_page_may_hold(address):
    assert not is_web_address(address)
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "printer",
        "printer.local",
        "metadata.internal",
        "app.localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "10.1.2.3",
        "192.168.0.1:9000",
        "169.254.169.254",
        "100.64.0.1",
        "[::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::5db8:d822]",
        "[2002:7f00:1::]",
        "0.0.0.0",
    ],
)
def test_hosts_in_the_network_of_the_visitor(host):
    assert is_web_address(f"https://{host}/")
    assert not is_public_address(f"https://{host}/")


@pytest.mark.parametrize("path", [None, "", "@evil.example/", ".evil.example/", ":81/", "javascript:alert(1)"])
def test_a_path_never_becomes_a_part_of_the_host(path):
    assert address_at("https://video.example", path) == ""


def test_a_file_is_here_or_at_a_whole_address():
    assert file_at("https://video.example", "/x") == "https://video.example/x"
    assert file_at("https://video.example", "https://storage.example/x") == "https://storage.example/x"
    for path in (None, "", "@evil.example/", "javascript:alert(1)", "https://a@evil.example/"):
        assert file_at("https://video.example", path) == ""


def test_a_path_begins_at_the_root():
    assert address_at("https://video.example", "/x") == "https://video.example/x"
