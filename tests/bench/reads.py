"""P4: what a page of videos costs at any depth, beside a view written by hand."""

import gc
import json
import statistics
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

import msgspec
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.test.utils import setup_test_environment

from peertube_sync.catalogue.keyset import Position
from peertube_sync.models import Video
from tests.bench.by_hand_api import page
from tests.bench.report import Section
from tests.bench.world import HOST, VIDEOS, mirror

DEPTHS = (0, 10_000, 19_900)
ROUNDS = 31
CLIENT = Client()


def section(videos: int = VIDEOS) -> Section:
    """Measure both ways at each depth, the first page beside a deep one, and single rows."""
    prepare()
    mirror(videos)
    rows = []
    for depth in DEPTHS:
        ways = (_ours(depth), _by_hand(depth), _peertubes(depth), _peertubes(depth, counted=True))
        ours, by_hand, walked, counted = medians(ways)
        times = (ours, by_hand, ours / by_hand, walked, walked / ours, counted, counted / ours)
        rows.append((f"{depth:,}", *(f"{one:.{1 + (number in (2, 4, 6))}f}" for number, one in enumerate(times))))
    return Section(
        "P4: a page of 100 videos",
        f"Milliseconds for an answer of `/api/videos/?page_size=100` out of {videos:,} videos, at a depth reached by"
        f" cursor; the median of {ROUNDS}. By hand: one SQL statement, dicts, `JsonResponse`; a view without routing"
        " or middleware. In PeerTube's shape: `/api/v1/videos?count=100&nsfw=both` by `start`, with its total, which"
        " is kept for 10 seconds; counted anew, no answer finds one kept.",
        (
            *("depth", "ours (ms)", "by hand (ms)", "times by hand"),
            *("PeerTube's shape (ms)", "times ours", "counted anew (ms)", "times ours"),
        ),
        rows,
        closer=(_far(), _single()),
    )


def _far() -> Section:
    """Measure the first page, and the one that 10,000 pages precede: two videos on each."""
    deep = _after(2 * 9_999)
    first, far = medians([lambda: ask(SHORT), lambda: ask(deep)])
    return Section(
        "Page 1 and page 10,000",
        f"Milliseconds for an answer of `{SHORT}`, pages of two videos, the median of {ROUNDS}.",
        ("page", "ms", "to the first"),
        [("1", f"{first:.1f}", "1.00"), ("10,000", f"{far:.1f}", f"{far / first:.2f}")],
    )


def _single() -> Section:
    """Measure what one row of each kind costs."""
    video = Video.objects.select_related("channel__instance", "account__instance").latest("published_at")
    paths = {
        "a video, with its captions, chapters and tags": f"videos/{video.uuid}/",
        "a channel": f"channels/{video.channel.handle}/",
        "an account": f"accounts/{video.account.handle}/",
        "an instance": f"instances/{HOST}/",
    }
    times = medians([partial(ask, f"/api/{path}") for path in paths.values()])
    return Section(
        "One row in full",
        f"Milliseconds for an answer, the median of {ROUNDS}. A running PeerTube 6.3 took 11 for a video.",
        ("answer", "ms"),
        [(name, f"{one:.1f}") for name, one in zip(paths, times, strict=True)],
    )


SHORT = "/api/videos/?page_size=2"


def _after(depth: int) -> str:
    """Return the address of the page after `depth` videos."""
    row = Video.objects.listed().order_by("-published_at", "-pk")[depth - 1]
    position = Position("-published_at", backwards=False, value=row.published_at.isoformat(), pk=row.pk)
    return f"{SHORT}&cursor={urlsafe_b64encode(msgspec.json.encode(position)).decode()}"


@lru_cache
def prepare() -> None:
    """Let the client of Django's tests ask, once in a process."""
    setup_test_environment()


def medians(ways: Sequence[Callable[[], Any]], rounds: int = ROUNDS) -> list[float]:
    """Return the median milliseconds of each of `ways`, taken in turns: what else the machine does hits all alike."""
    found = [[timings(way, 1)[0] for way in ways] for _ in range(rounds)]
    return [statistics.median(one) for one in zip(*found, strict=True)]


def timings(ask: Callable[[], Any], rounds: int = ROUNDS) -> list[float]:
    """Return the milliseconds of each call of `ask`, but for a first one.

    What filling the tables left in this process is kept from Python's collector: a web process has none of it.
    """
    ask()
    gc.collect()
    gc.freeze()
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began) * 1000)
    return found


def ask(address: str) -> bytes:
    """Return the answer of the API."""
    answer = CLIENT.get(address, secure=True)
    assert answer.status_code == 200, answer.content
    return answer.content


def _ours(depth: int) -> Callable[[], Any]:
    address = "/api/videos/?page_size=100"
    for _ in range(depth // 100):
        address = json.loads(ask(address))["next"]
    return lambda: ask(address)


def _peertubes(depth: int, *, counted: bool = False) -> Callable[[], Any]:
    address = f"/api/v1/videos?count=100&nsfw=both&start={depth}"
    return lambda: (cache.clear() if counted else None, ask(address))


def _by_hand(depth: int) -> Callable[[], Any]:
    rows = Video.objects.listed().order_by("-published_at", "-pk").values_list("published_at", "pk")
    published_at, pk = rows[depth - 1] if depth else (datetime(9000, 1, 1, tzinfo=UTC), 0)
    request = RequestFactory().get("/", {"published_at": published_at.isoformat(), "pk": pk})
    return lambda: page(request).content
