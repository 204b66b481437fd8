"""`make lighthouse`: what Google's Lighthouse says of the pages as a phone shows them, the median of five runs.

Needs Chromium, and Node 20 with npx, which fetches Lighthouse. On a busy machine, bounds of performance say nothing.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.proofs.browser.site import Site, running_site
from tests.proofs.browser.visit import NO_CHROMIUM, find_chromium

LIGHTHOUSE = "lighthouse@12"
RUNS = 5
PAGES = ("home", "videos", "video")
BOUNDS = {"performance": 95, "accessibility": 100, "best-practices": 95, "seo": 95}
"""The least of 100 points, by category."""
FLAGS = "--headless=new --no-sandbox --disable-gpu"


def main() -> int:
    """Look at each page, and print its points; returns the exit status."""
    npx, chromium = shutil.which("npx"), find_chromium()
    if not (npx and chromium):
        print(NO_CHROMIUM if npx else "no npx: install Node 20 or newer", file=sys.stderr)  # noqa: T201
        return 1
    os.environ["CHROME_PATH"] = chromium
    with (
        tempfile.TemporaryDirectory() as data,
        running_site(Path(data), PEERTUBE_SYNC_PICTURES="site") as site,
    ):
        below = [told for name in PAGES for told in look_at(site, name, npx, Path(data) / "report.json")]
    return 1 if below else 0


def look_at(site: Site, name: str, npx: str, report: Path) -> list[str]:
    """Print the points of a page; returns the categories that are below their bound."""
    runs = [_points(f"{site.url}{site.pages[name]}", npx, report) for _ in range(RUNS)]
    points = {category: statistics.median(run[category] for run in runs) for category in BOUNDS}
    below = [category for category, least in BOUNDS.items() if points[category] < least]
    told = (f"{one} {value:.0f}{' (below its bound)' if one in below else ''}" for one, value in points.items())
    print(f"{name}: {', '.join(told)}", flush=True)  # noqa: T201
    return below


def _points(address: str, npx: str, report: Path) -> dict[str, float]:
    command = [npx, "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={report}"]
    subprocess.run([*command, f"--chrome-flags={FLAGS}"], check=True, timeout=300)
    categories = json.loads(report.read_text())["categories"]
    return {name: 100 * categories[name]["score"] for name in BOUNDS}


if __name__ == "__main__":
    sys.exit(main())
