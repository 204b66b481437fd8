"""Pictures of every page, on phones, tablets and desktops, by day and night, with little, much and odd content.

    make screenshots ALL=1

Writes a picture each, `CONTENT-PAGE-WIDTH-SCHEME.jpg`, and contact sheets of them in `sheets/`. Tells what is wider
than its window, and what the browser complains of.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from tests.proofs.browser.contents import CONTENTS
from tests.proofs.browser.site import running_site
from tests.proofs.browser.visit import Visit, running_browser, visiting

HEIGHTS = {1440: 1500, 768: 1700, 390: 2200}
"""How much of a page is taken, by the width of its window, in pixels."""
SCHEMES = ("light", "dark")
IN_A_ROW = {1440: 4, 768: 6, 390: 10}
"""How many pictures stand beside each other on a contact sheet, and ROWS below each other."""
ROWS, CELL, LABEL = 2, 1500, 16
WIDER = """[...document.querySelectorAll('body *')].filter(one => !one.closest('.peertube-unseen, .site-skip, svg')
  && one.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(one).position !== 'absolute'
  && !one.closest('.site-tags, .site-filters + .site-chips, pre, table')).map(one => one.className || one.tagName)"""


def take_all(visit: Visit, content: str, directory: Path) -> Iterator[Path]:
    """Write pictures of all pages of a site, and tell what is odd."""
    for name, path in visit.site.pages.items():
        visit.errors.clear()
        visit.page.set_viewport_size({"width": 1440, "height": HEIGHTS[1440]})
        status = visit.open(path)
        visit.page.wait_for_load_state("networkidle", timeout=60_000)
        if status == 200 and (told := [one for one in visit.errors if "Failed to load resource" not in one]):
            sys.stdout.write(f"{content} {name}: {told[:3]}\n")
        yield from _take(visit.page, f"{content}-{name}", directory)


def _take(page: Page, name: str, directory: Path) -> Iterator[Path]:
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            sys.stdout.write(f"{name} is wider than {width}: {page.evaluate(WIDER)[:4]}\n")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            path = directory / f"{name}-{width}-{scheme}.jpg"
            page.screenshot(path=path, type="jpeg", quality=80)
            yield path


def write_sheets(pictures: Sequence[Path], directory: Path) -> None:
    """Write contact sheets of pictures, those of one width together."""
    for width, number in IN_A_ROW.items():
        for scheme in SCHEMES:
            chosen = [path for path in pictures if path.stem.endswith(f"-{width}-{scheme}")]
            for place in range(0, len(chosen), number * ROWS):
                content = chosen[0].stem.partition("-")[0]
                sheet = _sheet(chosen[place : place + number * ROWS], number, HEIGHTS[width] / width)
                sheet.save(directory / f"{content}-{width}-{scheme}-{place // number // ROWS}.png")


def _sheet(paths: Sequence[Path], number: int, ratio: float) -> Image.Image:
    wide = CELL // number
    high = round(wide * ratio)
    sheet = Image.new("RGB", (wide * number, (high + LABEL) * ROWS), "grey")
    told = ImageDraw.Draw(sheet)
    for place, path in enumerate(paths):
        x, y = place % number * wide, place // number * (high + LABEL)
        with Image.open(path) as picture:
            sheet.paste(picture.resize((wide - 4, high)), (x, y + LABEL))
        told.text((x + 2, y + 2), path.stem.rpartition("-")[0], fill="white")
    return sheet


def main(directory: Path) -> None:
    """Take the pictures of all contents, or of those in CONTENT."""
    sheets = directory / "sheets"
    sheets.mkdir(parents=True, exist_ok=True)
    for content in os.environ.get("CONTENT", " ".join(CONTENTS)).split():
        with tempfile.TemporaryDirectory() as data, running_browser() as browser:
            write_sheets(_pictures_of(browser, content, Path(data), directory), sheets)


def _pictures_of(browser: Browser, content: str, data: Path, directory: Path) -> list[Path]:
    with running_site(data, CONTENTS[content]()) as site, visiting(browser, site) as visit:
        visit.page.route("**/embed/**", lambda route: route.fulfill(body="<body style='background:#345'>"))
        taken = [*take_all(visit, content, directory)]
    sys.stdout.write(f"{content}: {len(taken)} pictures\n")
    return taken


if __name__ == "__main__":
    main(Path(sys.argv[1]))
