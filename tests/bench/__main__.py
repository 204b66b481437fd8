"""`python -m tests.bench`: measure in one run, and write the ratios into docs/benchmarks.md."""

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.proof_site import site


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--videos", type=int, default=5_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="peertube-sync-") as directory, site(Path(directory), "postgres"):
        figures = import_module("tests.bench.ingest").figures(given.videos)
    for name, cost in figures.items():
        speed = given.videos / cost.wall
        sys.stdout.write(f"{name}: {speed:.0f} videos/s, {cost.wall:.2f} s wall, {cost.cpu:.2f} s CPU\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
