"""Where this site has the pictures, a browser asks nobody else before somebody presses play, and needs nobody else."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from peertube_sync.testing import Sandbox
from tests.proofs.browser.site import Site, mirroring, peaceful_catalogue
from tests.proofs.browser.visit import Visit, visiting

pytestmark = pytest.mark.browser

SCREEN = {"viewport": {"width": 1280, "height": 900}}
EVERY_PICTURE = "[...document.images].filter(one => !one.src.includes('/static/'))"
LOAD = f"{EVERY_PICTURE}.forEach(one => one.loading = 'eager')"
ARE_HERE = f"{EVERY_PICTURE}.every(one => one.complete && one.naturalWidth > 32)"
LACKING = f"{EVERY_PICTURE}.filter(one => !one.complete || one.naturalWidth <= 32).map(one => one.currentSrc)"
PATIENCE = 40.0
"""Seconds."""
HEAVIEST = 250_000
"""Bytes of the front page with all its pictures."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def source() -> Iterator[Sandbox]:
    with Sandbox(peaceful_catalogue(), limit=None) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def own(folder: Path, source: Sandbox) -> Iterator[Site]:
    with mirroring(folder, source, PEERTUBE_SYNC_PICTURES="site") as site:
        assert site.pages
        yield site


def wait_until(visit: Visit, true: str) -> None:
    """Look again and again: Playwright's own way of waiting is forbidden by the pages' policy."""
    end = monotonic() + PATIENCE
    while not visit.page.evaluate(true):
        assert monotonic() < end, visit.page.evaluate(LACKING)
        visit.page.wait_for_timeout(50)


def open_whole(visit: Visit, name: str) -> None:
    """Open a page, and see that it gets all its pictures, if they have to be fetched first."""
    visit.open(visit.site.pages[name])
    visit.page.evaluate(LOAD)
    wait_until(visit, ARE_HERE)


def test_pages_ask_nobody_else_and_need_nobody_else(browser: Browser, own: Site, source: Sandbox) -> None:
    no_page_asks_another_host_before_somebody_presses_play(browser, own)
    for density in (1, 2):
        the_front_page_is_light(browser, own, density)
    all_pictures_are_there_while_the_source_is_down(browser, own, source)


def no_page_asks_another_host_before_somebody_presses_play(browser: Browser, own: Site) -> None:
    with visiting(browser, own, **SCREEN) as visit:
        for name in own.pages:
            visit.requests.clear()
            if name == "playing":
                continue
            open_whole(visit, name)
            assert visit.foreign() == [], name


def the_front_page_is_light(browser: Browser, own: Site, density: int) -> None:
    with visiting(browser, own, **SCREEN, device_scale_factor=density) as visit:
        open_whole(visit, "home")
        assert visit.page.evaluate("document.querySelectorAll('.peertube-card').length") >= 12
        sizes = [one.sizes()["responseBodySize"] for one in visit.requests]
        weight = sum(sizes)
        print(f"{len(sizes)} answers, {weight} bytes at density {density}")  # noqa: T201 - figures
        assert weight <= HEAVIEST


def all_pictures_are_there_while_the_source_is_down(browser: Browser, own: Site, source: Sandbox) -> None:
    with visiting(browser, own, **SCREEN) as visit:
        for name in own.pages:
            open_whole(visit, name)
    pages = own.pages
    source.stop()
    with visiting(browser, own, **SCREEN) as visit:
        for name in pages:
            open_whole(visit, name)
        assert {urlsplit(address).path.rpartition("/")[0] for address in visit.foreign()} <= {"/videos/embed"}
