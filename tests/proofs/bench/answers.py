"""P4: what answers cost beside the floor, the least that the same bytes can cost.

Ours and the floor are both served by gunicorn with one worker, and asked in turns by one client.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from urllib.parse import urlencode

import msgspec
import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peertube_sync.models import Video
from tests.proofs.bench import floor_tables
from tests.proofs.bench.floor_tables import OURS, PEERTUBES, Listed, peertubes_list
from tests.proofs.bench.reads import ask as ask_in_process
from tests.proofs.bench.reads import prepare
from tests.proofs.bench.report import Bound, Section
from tests.proofs.bench.serving import FLOOR, HOST, KEEPING, KEEPS, NO_KEEPING, ROUNDS, ask, body, in_turns, served
from tests.proofs.bench.world import VIDEOS, stand

DEPTHS = {"videos": (0, 10_000, 19_900), "channels": (0, 300, 600), "playlists": (0, 100, 200)}
"""Rows before the page, as far as a list goes, by the kind of its rows."""
SHAPES = ("ours", "PeerTube's shape")
SAMPLE = 100
"""Single rows of each kind that are asked for by turns."""
FOUND = 20
USUAL = 0.015
"""The share of titles in which a usual word is."""
TIMES_FLOOR, OVER_FLOOR, TIMES_SEARCH, TIMES_FIRST = Bound(1.8), Bound(1.5), Bound(2.5), Bound(0.4)
SEARCHES = re.compile(r"peertube_sync_\w*(search|transcript)")
"""Tables of which the statements of a search read, but not those of a list."""
SITE_ROUNDS = 31


def section(videos: int = VIDEOS) -> Section:
    """Measure lists and single rows beside the floor, searches, answers that are kept, and the site's pages."""
    stand(videos)
    with ExitStack() as stack:
        ours, floor = stack.enter_context(served()), stack.enter_context(served(FLOOR))
        single = {word: floor_tables.names(model, SAMPLE) for word, model in OURS.items()}
        floor_tables.fill(partial(body, ours), single)
        keeping = stack.enter_context(served(settings=KEEPING)) if KEEPS else None
        return Section(
            "P4: lists of 100",
            f"Milliseconds for an answer out of {videos:,} videos, the median of {ROUNDS}, through gunicorn with one"
            " worker, nothing kept; asked in turns. The floor is a bare WSGI function with the same bytes: one SQL"
            " statement over ready texts, joined, no framework. Totals are counted once a second at the most, by both."
            f" Ours by cursor, PeerTube's shape by `start`. Bound: {TIMES_FLOOR} times the floor.",
            ("list", "depth", "ms", "floor (ms)", "times the floor"),
            list(_lists(ours, floor)),
            closer=(
                _single(ours, floor, single),
                _search(ours, floor),
                _again(ours, keeping),
                _pages(ours),
            ),
        )


def _lists(ours: int, floor: int) -> Iterator[tuple[str, ...]]:
    for word, depths in DEPTHS.items():
        for depth in depths:
            counted = peertubes_list(word, depth)
            if not msgspec.json.decode(body(floor, counted), type=Listed).data:
                continue
            for shape, path in zip(SHAPES, (_by_cursor(floor, word, depth), counted), strict=True):
                found, least = in_turns([partial(body, ours, path), partial(body, floor, path)])
                yield f"{word}, {shape}", f"{depth:,}", f"{found:.1f}", f"{least:.1f}", TIMES_FLOOR.told(found / least)


def _by_cursor(port: int, word: str, depth: int) -> str:
    """Return the address of our list after so many rows."""
    path = f"/api/{word}/?page_size=100"
    for _ in range(depth // 100):
        path = msgspec.json.decode(body(port, path), type=Listed).next or path
    return path.removeprefix(f"http://{HOST}")


def _single(ours: int, floor: int, single: dict[str, list[str]]) -> Section:
    """Measure what one row of each kind costs."""
    rows = []
    for word, found in single.items():
        for shape, address in zip(SHAPES, (f"/api/{word}/{{}}/", f"/api/v1/{PEERTUBES[word]}/{{}}"), strict=True):
            paths = [address.format(name) for name in found]
            ms, least = in_turns([_by_turns(ours, paths), _by_turns(floor, paths)])
            over = OVER_FLOOR.told(ms - least)
            rows.append((f"{word.removesuffix('s')}, {shape}", f"{ms:.1f}", f"{least:.1f}", over))
    return Section(
        "One row in full",
        f"Milliseconds for an answer, the median of {ROUNDS}, of {SAMPLE} rows by turns; the floor looks its text up by"
        f" uuid or handle. Bound: {OVER_FLOOR} ms more than the floor. A running PeerTube 6.3 took 11 for a video.",
        ("answer", "ms", "floor (ms)", "more (ms)"),
        rows,
    )


def _by_turns(port: int, paths: list[str]) -> Callable[[], bytes]:
    turn = cycle(paths)
    return lambda: body(port, next(turn))


def _search(ours: int, floor: int) -> Section:
    """Measure a search of a usual word beside a list of as many, with the statements of the search on top."""
    word, rows = usual_word(), []
    lists = (f"/api/videos/?page_size={FOUND}", peertubes_list("videos", count=FOUND))
    finds = (
        f"/api/videos/?{urlencode({'q': word, 'page_size': FOUND})}",
        f"/api/v1/search/videos?{urlencode({'search': word, 'count': FOUND, 'nsfw': 'both'})}",
    )
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=None) as alone:
        for shape, find, listed in zip(SHAPES, finds, lists, strict=True):
            statements = _statements(find)

            def bare(statements: list[str] = statements) -> None:
                for one in statements:
                    alone.execute(one).fetchall()

            found, least, sql = in_turns([partial(body, ours, find), partial(body, floor, listed), bare])
            times = TIMES_SEARCH.told(found / (least + sql))
            rows.append((shape, f"{found:.1f}", f"{least:.1f}", f"{sql:.1f} ({len(statements)})", times))
    return Section(
        f"A search of {FOUND} hits",
        f"Milliseconds, the median of {ROUNDS}, for a word in {USUAL:.1%} of all titles. The other columns: the"
        f" floor for a list of {FOUND}, and the time of the search's own SQL statements (for words, ranks and moments;"
        f" their number in brackets) run alone. Bound: {TIMES_SEARCH} times the sum of the two.",
        ("search", "ms", "floor of a list (ms)", "SQL of the search (ms)", "times both"),
        rows,
    )


def usual_word() -> str:
    """Return the word that is in the share USUAL of titles, and at least in as many as a page shows."""
    titles = Video.objects.listed().values_list("name", flat=True)
    number = Counter(word for title in titles for word in {*title.casefold().split()} if word.isalpha())
    wanted = max(FOUND, USUAL * len(titles))
    return min(sorted(number), key=lambda word: (number[word] < FOUND, abs(number[word] - wanted)))


def _statements(address: str) -> list[str]:
    """Return what an answer asks the database beyond what a list does; a total is there from the page asked before."""
    prepare()
    ask_in_process(address.replace(f"={FOUND}", f"={FOUND - 1}"))
    with CaptureQueriesContext(connection) as queries:
        ask_in_process(address)
    return [query["sql"] for query in queries if SEARCHES.search(query["sql"])]


def _again(ours: int, keeping: int | None) -> Section:
    """Measure the same list again where answers are kept, and a 304."""
    rows = []
    for shape, path in zip(SHAPES, ("/api/videos/?page_size=100", peertubes_list("videos")), strict=True):
        if keeping is None:
            continue
        known = {"If-None-Match": ask(keeping, path).etag}
        assert ask(keeping, path, known).status == 304, path
        ways = [partial(body, ours, path), partial(body, keeping, path), partial(ask, keeping, path, known)]
        first, again, unchanged = in_turns(ways)
        told = (TIMES_FIRST.told(one / first) for one in (again, unchanged))
        rows += [
            (f"{shape}, {name}", f"{ms:.1f}", f"{first:.1f}", times)
            for name, ms, times in zip(("again", "a 304"), (again, unchanged), told, strict=True)
        ]
    return Section(
        "The same list again",
        f"Milliseconds for a list of 100 where answers are kept and nothing has changed, the median of {ROUNDS}, beside"
        f" the same where nothing is kept. Bound: {TIMES_FIRST} times the first.{NO_KEEPING}",
        ("answer", "ms", "the first (ms)", "times the first"),
        rows,
    )


def _pages(ours: int) -> Section:
    """Measure pages of the site."""
    uuid = Video.objects.listed().values_list("uuid", flat=True)[SAMPLE]
    paths = {
        "home": "/",
        "list": "/videos/",
        "search": f"/videos/?{urlencode({'q': usual_word()})}",
        "a video": f"/videos/{uuid}/",
    }
    found = in_turns([partial(body, ours, path) for path in paths.values()], SITE_ROUNDS)
    return Section(
        "Pages of the site",
        f"Milliseconds for a page as HTML, the median of {SITE_ROUNDS}, from the same server.",
        ("page", "ms"),
        [(name, f"{ms:.1f}") for name, ms in zip(paths, found, strict=True)],
    )
