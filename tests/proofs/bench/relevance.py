"""Whether people find the video that they look for: in which place its title stands, for what they may ask.

`python -m tests.proofs.bench.relevance sqlite|postgres VIDEOS` asks one database alone, and answers with JSON.
`VIDEOS=1000000` in the environment measures a catalogue of another size.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import fmean, quantiles
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from tests.proofs.bench.titles import CLASSES, Question, Title, make_titles, questions
from tests.proofs.site import site

VIDEOS = 21_000
ASKED = 1_000
"""Questions of each class."""
BOUNDS = {"words as they are": 0.95, "two words, any order": 0.9, "one typo": 0.85, "another form": 0.9}
"""What the mean of the reciprocal places has to be at the least."""
Found = dict[str, float]
"""The mean reciprocal place by class, and the milliseconds under `p95 (ms)`."""
P95 = "p95 (ms)"


def section() -> Any:
    """Measure all ways to search on both databases."""
    report = import_module("tests.proofs.bench.report")
    videos = int(os.environ.get("VIDEOS", VIDEOS))
    found = _in_own_process("postgres", videos) | _in_own_process("sqlite", videos)
    rows = [
        (name, *(_told(report, name, one, figures[one]) for one in CLASSES), f"{figures[P95]:.1f}")
        for name, figures in found.items()
    ]
    return report.Section(
        "Whether people find what they look for",
        f"For each kind, {ASKED:,} searches, each for one particular video out of {videos:,} with distinct titles in"
        " eight languages; the mean of 1 divided by the place of that video in the results, 0 if it isn't among the"
        " first ten. Two words of its title are asked for where there is a typo or another form. *At best* is what"
        " to expect where all titles with the words are equally good.",
        ("way", *CLASSES, P95),
        rows,
    )


def _told(report: Any, name: str, asked: str, figure: float) -> str:
    return str(report.Bound(BOUNDS[asked], least=True).told(figure)) if "ours" in name else f"{figure:.2f}"


def _in_own_process(database: str, videos: int) -> dict[str, Found]:
    command = [sys.executable, "-m", "tests.proofs.bench.relevance", database, str(videos)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, Found] = json.loads(done.stdout)
    return found


def measure(database: str, videos: int) -> dict[str, Found]:
    """Fill the database, and return what each way to search it finds."""
    titles = make_titles(videos)
    import_module("tests.proofs.bench.world").mirror(videos, titles=titles)
    engines = import_module("tests.proofs.bench.engines")
    asked = list(questions(titles, ASKED))
    ways: dict[str, Callable[[str], list[str]]] = {}
    if database == "postgres":
        ways = engines.postgresql()
        ways["**ours**, PostgreSQL"] = ours
        at_best = {"at best": _at_best(titles, asked) | {P95: 0.0}}
    else:
        ways = {"SQLite, FTS5": engines.fts5(), "**ours**, SQLite": ours}
        at_best = {}
    return {name: _figures(way, asked) for name, way in ways.items()} | at_best


def ours(text: str) -> list[str]:
    """Return the titles that the API's first page has."""
    reads = import_module("tests.proofs.bench.reads")
    reads.prepare()
    answer = json.loads(reads.ask(f"/api/videos/?{urlencode({'q': text, 'fields': 'name', 'page_size': 10})}"))
    return [row["name"] for row in answer["results"]]


def _figures(way: Callable[[str], list[str]], asked: Sequence[Question]) -> Found:
    scores, times = defaultdict[str, list[float]](list), []
    for one in asked:
        began = perf_counter()
        names = way(one.text)
        times.append((perf_counter() - began) * 1000)
        scores[one.kind].append(1 / (names.index(one.title.text) + 1) if one.title.text in names else 0.0)
    return {kind: fmean(one) for kind, one in scores.items()} | {P95: quantiles(times, n=20)[-1]}


def _at_best(titles: Sequence[Title], asked: Sequence[Question]) -> Found:
    """Return what can be reached where all titles with the words of the one are equally good."""
    having = defaultdict[str, set[int]](set)
    for number, title in enumerate(titles):
        for word in title.content:
            having[word].add(number)
    scores = defaultdict[str, list[float]](list)
    for one in asked:
        equal = len(set.intersection(*(having[word] for word in one.meant)))
        scores[one.kind].append(sum(1 / place for place in range(1, min(equal, 10) + 1)) / equal)
    return {kind: fmean(one) for kind, one in scores.items()}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="peertube-sync-") as directory, site(Path(directory), sys.argv[1]):
        sys.stdout.write(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
