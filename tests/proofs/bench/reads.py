"""P4: what a page costs that many precede, what a total does, and an instance."""

import gc
import statistics
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from django.core.cache import cache
from django.test import Client
from django.test.utils import setup_test_environment

from peertube_sync.catalogue.keyset import Position
from peertube_sync.models import Video
from tests.proofs.bench.report import Section
from tests.proofs.bench.world import HOST, VIDEOS, stand

ROUNDS = 31
CLIENT = Client()


def section(videos: int = VIDEOS) -> Section:
    """Measure the first page beside one that 10,000 pages precede, two videos on each; totals, and an instance."""
    prepare()
    stand(videos)
    number = min(10_000, videos // 2)
    deep = _after(2 * (number - 1))
    first, far = medians([lambda: ask(SHORT), lambda: ask(deep)])
    return Section(
        "P4: page 1 and page 10,000",
        f"Milliseconds for an answer of `{SHORT}`, pages of two videos out of {videos:,}, in process, the median of"
        f" {ROUNDS}.",
        ("page", "ms", "to the first"),
        [("1", f"{first:.1f}", "1.00"), (f"{number:,}", f"{far:.1f}", f"{far / first:.2f}")],
        closer=(_totals(), _instance()),
    )


def _totals() -> Section:
    """Measure what the total of a list in PeerTube's shape costs."""
    address = "/api/v1/videos?count=100&nsfw=both"
    kept, counted = medians([lambda: ask(address), lambda: (cache.clear(), ask(address))])
    return Section(
        "The total of a list in PeerTube's shape",
        f"Milliseconds for an answer of `{address}`, in process, the median of {ROUNDS}: with a total that is kept for"
        " a second, and counted anew.",
        ("total", "ms", "to the first"),
        [("kept", f"{kept:.1f}", "1.00"), ("counted anew", f"{counted:.1f}", f"{counted / kept:.2f}")],
    )


def _instance() -> Section:
    """Measure what an instance costs, with the numbers of what is shown of it."""
    (ms,) = medians([lambda: ask(f"/api/instances/{HOST}/")])
    return Section(
        "An instance in full",
        f"Milliseconds for an answer, in process, the median of {ROUNDS}.",
        ("answer", "ms"),
        [("an instance, with the numbers of its videos, channels, accounts and playlists", f"{ms:.1f}")],
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
