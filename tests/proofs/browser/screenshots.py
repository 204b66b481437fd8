"""`make screenshots`: pictures of the site for the documentation; those of every page are made by `every_page`.

python -m tests.proofs.browser.screenshots DIRECTORY
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.proofs.browser.site import Site, running_site
from tests.proofs.browser.visit import running_browser, visiting

SIZES = {"desktop": (1280, 860), "phone": (390, 780)}
BEST = (
    ("home", "desktop", "light"),
    ("video", "desktop", "dark"),
    ("search", "desktop", "light"),
    ("home", "phone", "dark"),
    ("town", "desktop", "light"),
    ("town", "desktop", "dark"),
)
LARGEST = 150_000
"""Bytes of a picture."""
TOWN = {"town": "/town/"}
"""A page of a host with a look of its own, and videos in it."""


def take(browser: Browser, site: Site, directory: Path, shot: tuple[str, str, str]) -> None:
    """Write a picture of a page; of what a window shows, with its pictures loaded."""
    name, size, scheme = shot
    width, height = SIZES[size]
    with visiting(browser, site, viewport={"width": width, "height": height}, color_scheme=scheme) as visit:
        visit.open((site.pages | TOWN)[name])
        visit.page.wait_for_load_state("networkidle")
        path = directory / f"{name}-{size}-{scheme}.png"
        visit.page.screenshot(path=path)
        shrink(path)


def shrink(path: Path) -> None:
    """Write a picture anew with as many colours as fit into LARGEST bytes."""
    with Image.open(path) as shot:
        picture = shot.convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        picture.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            return


def main(directory: Path) -> None:
    served = {"SERVED_SETTINGS": "tests.proofs.browser.town.settings"}
    with (
        tempfile.TemporaryDirectory() as data,
        running_site(Path(data), **served) as site,
        running_browser() as browser,
    ):
        for shot in BEST:
            take(browser, site, directory, shot)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
