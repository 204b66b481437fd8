"""Our style sheets in a page of others: nothing outside of our blocks changes, and what they may set, they set."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.paths import ROOT

pytestmark = pytest.mark.browser

SHEETS = ROOT / "peertube_sync" / "static" / "peertube_sync" / "site"
CARD = (
    '<ul class="peertube-grid"><li><article class="peertube-card"><a class="peertube-card-picture" href="#">'
    '<span class="peertube-picture"></span><span class="peertube-badge">1:05</span></a>'
    '<h3 class="peertube-card-title"><a href="#">A title</a></h3></article></li></ul>'
)
INSIDE = (
    '<div class="peertube-site" data-ours><form class="site-search"><input name="q"><button>Search</button></form>'
    f'<h1>Videos</h1><a id="link" href="#">x</a><p class="site-count">3</p>{CARD}</div>'
)
OUTSIDE = """
<header class="site-header"><a class="site-name" href="#">Our town</a>
<nav class="site-nav"><a href="#">News</a></nav></header>
<main class="site-main"><h1>Town</h1><h2>News</h2><p>Text <a href="#">link</a> <code>x</code></p>
<form class="site-search"><label>Name <input></label><select><option>a</select>
<textarea></textarea><button>Go</button></form>
<ul><li>one</ul><table><tr><th>a<td>b</table><img alt="" width="9" height="9"><blockquote>q</blockquote></main>
<footer class="site-footer"><p class="site-count">foot</p></footer>
"""
THEME = "html { color-scheme: SCHEME } body { font-family: serif; background: SCHEME_GROUND } h1 { color: purple }"
COMPUTED = """() => {
  const outside = [...document.querySelectorAll("*")].filter((one) => !one.closest("[data-ours], head"));
  return outside.map((one) => [one.tagName, ...["", "::before", "::after"].map((part) => {
    const style = getComputedStyle(one, part || null);
    return [...style].map((name) => `${name}: ${style.getPropertyValue(name)}`).join("; ");
  })]);
}"""


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Any:
    """A page of a host whose system prefers the other scheme than the page has."""
    other = {"light": "dark", "dark": "light"}[request.param]
    context = browser.new_context(color_scheme=other, reduced_motion="reduce")
    opened = context.new_page()
    theme = THEME.replace("SCHEME_GROUND", {"light": "#fff", "dark": "#111"}[request.param])
    theme = theme.replace("SCHEME", request.param)
    opened.set_content(f"<!doctype html><html><head><style>{theme}</style></head><body>{OUTSIDE}{INSIDE}</body></html>")
    yield opened, request.param
    context.close()


def add_ours(page: Page) -> None:
    for sheet in sorted(SHEETS.glob("*.css")):
        page.add_style_tag(content=sheet.read_text())


def style(page: Page, selector: str, name: str) -> str:
    read = "([selector, name]) => getComputedStyle(document.querySelector(selector)).getPropertyValue(name)"
    got: str = page.evaluate(read, [selector, name])
    return got


def test_nothing_outside_of_our_blocks_changes(page: tuple[Page, str]) -> None:
    opened, _scheme = page
    # The height of what is ours makes the page longer, which isn't a style of what is outside of it.
    opened.add_style_tag(content="[data-ours] { position: absolute; height: 1px; overflow: hidden }")
    before = opened.evaluate(COMPUTED)
    add_ours(opened)
    after = opened.evaluate(COMPUTED)
    assert len(before) > 25
    for old, new in zip(before, after, strict=True):
        assert old == new


def test_ours_follow_the_page_and_not_the_system(page: tuple[Page, str]) -> None:
    opened, scheme = page
    add_ours(opened)
    assert (
        style(opened, ".peertube-site", "background-color")
        == {
            "light": "rgb(251, 250, 248)",
            "dark": "rgb(21, 21, 23)",
        }[scheme]
    )
    assert style(opened, ".peertube-site h1", "font-family") == "serif"


def test_documented_properties_are_taken(page: tuple[Page, str]) -> None:
    opened, _scheme = page
    add_ours(opened)
    opened.add_style_tag(
        content=":root { --peertube-accent: rgb(1, 2, 3); --peertube-radius: 7px; --peertube-font: monospace;"
        " --peertube-ground: rgb(4, 5, 6); --peertube-ink: rgb(7, 8, 9); --peertube-gap: 11px }"
    )
    assert style(opened, "#link", "color") == "rgb(1, 2, 3)"
    assert style(opened, ".peertube-site button", "background-color") == "rgb(1, 2, 3)"
    assert style(opened, ".peertube-site button", "border-top-left-radius") == "7px"
    assert style(opened, ".peertube-card-picture", "border-top-left-radius") == "7px"
    assert style(opened, ".peertube-site h1", "font-family") == "monospace"
    assert style(opened, ".peertube-site", "background-color") == "rgb(4, 5, 6)"
    assert style(opened, ".peertube-site", "color") == "rgb(7, 8, 9)"
    assert style(opened, ".peertube-grid", "row-gap") == "11px"
