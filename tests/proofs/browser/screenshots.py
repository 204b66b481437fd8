"""`make screenshots`: pictures of the site for the documentation; with ALL=1, of every page on every screen.

python -m tests.proofs.browser.screenshots DIRECTORY
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.proofs.browser.site import Site, running_site
from tests.proofs.browser.visit import running_browser, visiting

SIZES = {"desktop": (1280, 860), "phone": (390, 780)}
SCHEMES = ("light", "dark")
BEST = (
    ("home", "desktop", "light"),
    ("video", "desktop", "dark"),
    ("search", "desktop", "light"),
    ("home", "phone", "dark"),
)


def take(browser: Browser, site: Site, directory: Path, shot: tuple[str, str, str]) -> None:
    """Write a picture of a page; of what a window shows, with its pictures loaded."""
    name, size, scheme = shot
    width, height = SIZES[size]
    with visiting(browser, site, viewport={"width": width, "height": height}, color_scheme=scheme) as visit:
        visit.open(site.pages[name])
        visit.page.wait_for_load_state("networkidle")
        visit.page.screenshot(path=directory / f"{name}-{size}-{scheme}.png")


def main(directory: Path) -> None:
    """Take the best, or all."""
    with tempfile.TemporaryDirectory() as data, running_site(Path(data)) as site, running_browser() as browser:
        every = [(name, size, scheme) for name in site.pages for size in SIZES for scheme in SCHEMES]
        for shot in every if os.environ.get("ALL") else BEST:
            take(browser, site, directory, shot)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
