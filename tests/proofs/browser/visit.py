"""The Chromium of this machine, and a visitor's window in which what is asked for and complained of is written down."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.proofs.browser.site import Site

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = f"no browser: none of {', '.join(EXECUTABLES)} is on the PATH"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, EXECUTABLES)), None)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run a browser. Its event loop stays in this thread to the end, where Django takes no query meanwhile."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=find_chromium(), headless=True, args=FLAGS) as browser,
    ):
        yield browser


@dataclass
class Visit:
    """A visit of `site`: `requests` are all that the browser sent, `errors` what its console shows in red."""

    site: Site
    page: Page
    requests: list[Request] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> int:
        """Go to a path of the site; return the status."""
        answer = self.page.goto(self.site.url + path)
        assert answer
        return answer.status

    def foreign(self, *kinds: str) -> list[str]:
        """Return the addresses at other hosts that were asked for, but for those of `kinds` (`image`, …)."""
        own = urlsplit(self.site.url).netloc
        asked = (one for one in self.requests if one.resource_type not in kinds)
        return [one.url for one in asked if urlsplit(one.url).netloc not in {own, ""}]


@contextmanager
def visiting(browser: Browser, site: Site, **options: Any) -> Iterator[Visit]:
    """Open a window of its own, with `options` of a Playwright context."""
    with browser.new_context(**options) as context:
        context.set_default_timeout(10_000)
        visit = Visit(site, context.new_page())
        visit.page.on("request", lambda request: visit.requests.append(request))  # noqa: PLW0108 - it marks handlers
        visit.page.on("console", lambda told: visit.errors.append(told.text) if told.type == "error" else None)
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        yield visit
