"""A second walk through an unchanged catalogue: no row of it is written, and memory holds one page.

Each walk runs in a process of its own, whose peak is then the walk's: the sandbox stays in this one.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from peertube_sync.conf import get_settings
from peertube_sync.models import Instance
from peertube_sync.sync.drain import drain
from peertube_sync.sync.operations.add import add_source, plan_source
from peertube_sync.sync.schedule import make_due
from peertube_sync.testing import Catalogue, Sandbox

CATALOGUE = ("video", "channel", "account", "tag", "caption", "chapter", "playlist")
WRITING = ("INSERT", "UPDATE", "DELETE")
MOST = 1.2
"""How many times the peak of the smallest catalogue the others may need."""


def main(given: argparse.Namespace) -> int:
    """Walk twice through a catalogue of each size; returns 1 when the second walk writes, or needs too much."""
    found = [_measured(videos) for videos in given.videos]
    for one in found:
        sys.stdout.write("{videos} videos: {writes} writes, peak {peak:.1f} MiB, {seconds:.0f} s\n".format(**one))
    most = max(one["peak"] for one in found) / found[0]["peak"]
    sys.stdout.write(f"the most is {most:.2f} times the first\n")
    return int(most > MOST or any(one["writes"] for one in found))


def walk(given: argparse.Namespace) -> int:
    """Do what is due on the lists of the only instance and print what it took, as JSON."""
    writes: Counter[str] = Counter()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        table = sql.partition('"peertube_sync_')[2]
        writes["catalogue"] += sql.startswith(WRITING) and table.startswith(CATALOGUE)
        return execute(sql, params, many, context)

    make_due(Instance.objects.get().sources.all(), full=True)
    with connection.execute_wrapper(count):
        totals = drain(Instance.objects.all(), replace(get_settings(), rate_limit_share=1.0), details=False)
    seen = {"writes": writes["catalogue"], "peak": _peak(), "seconds": totals.seconds, "unchanged": totals.unchanged}
    sys.stdout.write(json.dumps({**seen, "errors": totals.errors}))
    return 0


def _measured(videos: int) -> dict[str, Any]:
    call_command("flush", interactive=False, verbosity=0)
    with Sandbox(Catalogue.generate(videos=videos, seed=1), limit=None) as sandbox:
        add_source(plan_source(sandbox.url, get_settings()))
        _in_a_process()
        second = _in_a_process()
    if second["errors"] or second["unchanged"] < videos:
        raise RuntimeError(f"the second walk went wrong: {second}")
    return {"videos": videos, **second}


def _in_a_process() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.proofs.convergence", "walk"], check=True, stdout=subprocess.PIPE
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _peak() -> float:
    """Return this process's own peak in MiB; what `getrusage` tells is inherited from the process that started it."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    if not found:
        raise RuntimeError("the peak of a process is read from /proc, which this system lacks")
    return int(found[1]) / 1024
