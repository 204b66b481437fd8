"""A site and a browser for one module at a time: no other tests may run beside Playwright's event loop."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.proofs.browser.site import Site, running_site
from tests.proofs.browser.visit import NO_CHROMIUM, Visit, find_chromium, running_browser, visiting


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine. Without one, CI fails and other machines leave these tests out."""
    if not find_chromium():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_CHROMIUM)
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="module")
def window(browser: Browser, site: Site) -> Iterator[Visit]:
    """One window for all: a new one costs more than most tests."""
    with visiting(browser, site) as visit:
        yield visit


@pytest.fixture
def visit(window: Visit) -> Visit:
    """A visit by somebody who was never here before."""
    window.page.unroute_all()
    window.page.goto("about:blank")
    window.page.context.clear_cookies()
    window.requests.clear()
    window.errors.clear()
    return window
