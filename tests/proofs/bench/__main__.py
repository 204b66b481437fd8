"""`python -m tests.proofs.bench`: measure in one run, and write the figures into docs/benchmarks.md.

Ends with 1 when a figure misses the bound that its table names.
"""

import argparse
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.proofs.bench.serving import NOT_KEEPING
from tests.proofs.site import site

SECTIONS = ("ingest", "limits", "reads", "answers", "served", "search", "relevance", "sizes", "fediverse", "admin")
"""Modules of this package, in the order of their figures on the page."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"only these: {', '.join(SECTIONS)}")
    given = parser.parse_args()
    os.environ |= NOT_KEEPING  # what is measured in process is to be made each time
    missed = []
    write = import_module("tests.proofs.bench.report").write
    with tempfile.TemporaryDirectory(prefix="peertube-sync-") as directory, site(Path(directory), "postgres"):
        for name in given.sections or SECTIONS:
            section = import_module(f"tests.proofs.bench.{name}").section()
            write(name, section)
            sys.stdout.write(f"{section}\n")
            sys.stdout.flush()
            missed += [name] if section.missed else []
    if missed:
        sys.stderr.write(f"A bound is missed in: {', '.join(missed)}\n")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
