"""The searches of one database alone, as JSON: `python -m tests.proofs.bench.searches sqlite|postgres VIDEOS`."""

import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.proofs.site import site


def main(database: str, videos: int) -> None:
    with tempfile.TemporaryDirectory(prefix="peertube-sync-") as directory, site(Path(directory), database):
        sys.stdout.write(json.dumps(import_module("tests.proofs.bench.search").measure(videos)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
