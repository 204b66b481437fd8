"""P5: what twenty searches cost while the table grows, and the numbers of tags and categories.

Each is asked of the API as its clients do, rows, counts and facets alike. Words are named by how frequent they are.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peertube_sync.ingest.answers import write_answers
from peertube_sync.models import Channel, Tag
from tests.proofs.bench.filler import fill, word
from tests.proofs.bench.reads import ask, prepare, timings
from tests.proofs.bench.report import Section

SIZES = (21_000, 100_000, 1_000_000)
ROUNDS = 5
SHARES = (0.5, 0.95)
INDEX = re.compile(r"(?:Index Scan|Index Only Scan|Index Scan Backward)(?: Backward)? (?:using|on) peertube_sync_(\w+)")
COUNTS = {f"`{path}`": path for path in ("/api/tags/", "/api/categories/")}
Timings = dict[str, list[float]]


def section(sizes: tuple[int, ...] = SIZES) -> Section:
    """Measure at each size, on SQLite in a process of its own."""
    measured = {size: measure(size) for size in sizes}
    plans = {name: _plan(address) for name, address in addresses().items()}
    beside = {size: _on_sqlite(size) for size in sizes}
    closer = _by_query(measured[sizes[-1]], beside[sizes[-1]], plans, sizes[-1])
    return replace(_by_size(measured, beside), closer=(closer,))


def _by_size(measured: dict[int, Timings], beside: dict[int, Timings]) -> Section:
    rows = [
        (f"{size:,}", *_figures(_only_searches(measured[size])), *_figures(_only_searches(beside[size])))
        for size in measured
    ]
    return Section(
        "P5: twenty searches while the table grows",
        "Milliseconds for an answer of `/api/videos/?q=…` with 20 highlighted results, over the queries below,"
        f" {ROUNDS} times each.",
        ("rows", *(f"{server}, {name}" for server in ("PostgreSQL", "SQLite") for name in ("p50", "p95", "slowest"))),
        rows,
    )


def _only_searches(found: Timings) -> Timings:
    return {name: timed for name, timed in found.items() if name not in COUNTS}


def _figures(found: Timings) -> list[str]:
    """Return median, p95 and the greatest of all."""
    every = sorted(one for timed in found.values() for one in timed)
    return [f"{every[round(share * len(every)) - 1]:.1f}" for share in (*SHARES, 1)]


def _by_query(measured: Timings, beside: Timings, plans: dict[str, str], size: int) -> Section:
    rows = [
        (name, *_figures({name: one})[:2], _figures({name: beside[name]})[0], plans[name])
        for name, one in measured.items()
    ]
    return Section(
        f"P5, query by query, {size:,} rows",
        "Milliseconds as above; `/api/tags/` counts tags and isn't one of the twenty. The last column has the indexes"
        " that PostgreSQL chose, statement by statement.",
        ("query", "p50", "p95", "SQLite, p50", "indexes"),
        rows,
    )


def measure(size: int) -> Timings:
    """Return the timings of all queries, by name, with so many videos, none of which waits for its parts of answers."""
    prepare()
    fill(size)
    write_answers()
    return {name: timings(lambda one=address: ask(one), ROUNDS) for name, address in addresses().items()}  # type: ignore[misc]


def addresses() -> dict[str, str]:
    """Return the addresses that are asked for, by what they are."""
    return {name: f"/api/videos/?{urlencode(query)}" for name, query in _searches()} | COUNTS


def _searches() -> Iterator[tuple[str, dict[str, str]]]:
    common, frequent, usual, seldom, rare = (word(rank) for rank in (1, 20, 300, 3_000, 30_000))
    yield from (
        (f"a word in {share}", {"q": one})
        for share, one in zip(WORDS, (common, frequent, usual, seldom, rare), strict=True)
    )
    yield "accents", {"q": "".join(dict(zip("aeiou", "áéíóú", strict=True)).get(one, one) for one in usual)}
    yield "prefix of common words", {"q": word(5)[:3]}
    yield "prefix of a rare word", {"q": rare[:-1]}
    yield "two common words", {"q": f"{common} {word(2)}"}
    yield "a common and a rare word", {"q": f"{common} {rare}"}
    yield "two usual words", {"q": f"{usual} {word(200)}"}
    yield "a frequent word, not a common one", {"q": f"{frequent} -{common}"}
    yield "one or the other", {"q": f"{usual} or {seldom}"}
    yield "phrase of common words", {"q": f'"{common} {word(2)}"'}
    yield "phrase of usual words", {"q": f'"{word(50)} {word(60)}"'}
    yield "tag and text", {"q": frequent, "tag": Tag.objects.order_by("pk")[10].name}
    yield "common word, rare language", {"q": common, "language": "oc"}
    yield "common word in a channel", {"q": common, "channel": _handle()}
    yield "common word, three facets", {"q": common, "facets": "category,language,tag"}
    yield "usual word, newest first", {"q": usual, "ordering": "-published_at", "count": "true"}


WORDS = ("most videos", "18 %", "1.5 %", "0.15 %", "0.015 %")


def _handle() -> str:
    channel = Channel.objects.select_related("instance").order_by("pk")[CHANNEL]
    return f"{channel.name}@{channel.instance.host}"


CHANNEL = 1_000


def _plan(address: str) -> str:
    """Return the indexes that were chosen, statement by statement."""
    with CaptureQueriesContext(connection) as queries:
        ask(address)
    found = []
    with connection.cursor() as cursor:
        for query in queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(line for (line,) in cursor.fetchall())
                found.append(" + ".join(dict.fromkeys(INDEX.findall(plan))) or "none")
    return "; ".join(found)


def _on_sqlite(size: int) -> Timings:
    command = [sys.executable, "-m", "tests.proofs.bench.searches", "sqlite", str(size)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=settings.BASE_DIR)
    found: Timings = json.loads(done.stdout)
    return found
