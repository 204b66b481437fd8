"""Pages with texts as long as PeerTube lets them be, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.proofs.browser.contents import long_catalogue
from tests.proofs.browser.site import Site, running_site
from tests.proofs.browser.visit import visiting

pytestmark = pytest.mark.browser

WIDTHS = (390, 768, 1440)
BROKEN_TIMES = """[...document.querySelectorAll(".site-time")].filter((one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return new Set([...range.getClientRects()].map((line) => line.top)).size > 1;
}).length"""
OPEN = "document.querySelectorAll('details').forEach((one) => { one.open = true })"
STARTS = """[...document.querySelectorAll(".site-chapters, .site-lines")].map((list) =>
  new Set([...list.querySelectorAll("a > :last-child")].map((text) => text.getBoundingClientRect().left)).size)"""
CHANNELS_OF_LINES = """[...document.querySelectorAll(".peertube-card .peertube-card-facts > a")].filter((name) =>
  name.offsetHeight > 1.5 * parseFloat(getComputedStyle(name).lineHeight)).length"""


@pytest.fixture(scope="module")
def long(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("long"), long_catalogue()) as site:
        yield site


def test_long_texts_fit_into_windows_of_any_width(browser: Browser, long: Site) -> None:
    with visiting(browser, long) as visit:
        for name, path in long.pages.items():
            visit.open(path)
            visit.page.evaluate(OPEN)
            for width in WIDTHS:
                visit.page.set_viewport_size({"width": width, "height": 900})
                assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, name
                assert visit.page.evaluate(BROKEN_TIMES) == 0, name
                assert set(visit.page.evaluate(STARTS)) <= {1}, name
                assert visit.page.evaluate(CHANNELS_OF_LINES) == 0, name
