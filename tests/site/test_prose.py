"""Texts of an instance: what becomes HTML, and what never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peertube_sync.site.markdown import link_moments, to_html, to_text
from tests.support.page import Page

REL = 'rel="nofollow ugc noopener noreferrer"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Bread **without** an oven", "<p>Bread <strong>without</strong> an oven</p>"),
        ("One\nTwo", "<p>One<br>\nTwo</p>"),
        ("* a\n* b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("# No heading", "<p># No heading</p>"),
        (
            "See https://blog.example.org/bread.",
            f'<p>See <a href="https://blog.example.org/bread" {REL}>https://blog.example.org/bread</a>.</p>',
        ),
        ("[here](https://example.org/?a=1&b=2)", f'<p><a href="https://example.org/?a=1&amp;b=2" {REL}>here</a></p>'),
        (
            "\u898b\u3066 https://example.org/a\u3002\u6b21\uff08https://example.org/b\uff09\u3001",
            f'<p>\u898b\u3066 <a href="https://example.org/a" {REL}>https://example.org/a</a>\u3002\u6b21\uff08'
            f'<a href="https://example.org/b" {REL}>https://example.org/b</a>\uff09\u3001</p>',
        ),
        (None, ""),
    ],
)
def test_markdown_becomes_what_peertube_shows(text, html):
    assert to_html(text).strip() == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hello)",
        "[x](//evil.example/)",
        "[x](/admin/logout/)",
        "<https://user@example.org/>",
        "![x](https://example.org/track.gif)",
        '<a href="https://example.org" onclick="alert(1)">x</a>',
        "<svg><style><!--</style><img src=x onerror=alert(1)>-->",
        "`<script>`" * 9,
    ],
)
def test_hostile_markdown_is_words(text):
    for element in Page(to_html(text)).elements:
        assert element.name in {"p", "a", "code", "br"}
        assert {*element.attributes} <= {"href", "rel"}
        assert element.attributes.get("href", "https://example.org").startswith("https://example.org")


@given(st.text(alphabet="<>&\"'[]()`*_!/:.\\\n ahtpsjvcrio#-1", max_size=200))
def test_no_text_makes_anything_but_harmless_elements(text):
    for element in Page(to_html(text)).elements:
        assert element.name in {"p", "br", "em", "strong", "a", "ul", "ol", "li", "code"}
        assert {*element.attributes} <= {"href", "rel", "start"}
        assert element.attributes.get("href", "http").startswith("http")


def test_a_summary_is_one_plain_line():
    assert to_text("Bread *without*\n\n* an <b>oven</b> & more") == "Bread without an <b>oven</b> & more"
    assert to_text("word " * 100, length=20) == "word word word word…"


def test_times_of_a_video_lead_to_its_moments():
    text = "0:49 Dough\n1:02:03 End (2:03), 12:30: [9:59](https://x.example/9:59) 10:00-11:00 16:9 3.10:05 <b>0:10</b>"
    page = Page(str(link_moments(to_html(text), lambda start: f"/v/?play=1&start={start}", 3600)))
    links = {one.text: one.attributes for one in page.all("a")}
    moments = {
        text: int(found["data-peertube-start"]) for text, found in links.items() if "data-peertube-start" in found
    }
    assert moments == {"0:49": 49, "2:03": 123, "0:10": 10}
    assert links["0:49"]["href"] == "/v/?play=1&start=49"
    assert links["9:59"]["href"] == "https://x.example/9:59"
    assert "1:02:03" in page.source  # beyond the end
