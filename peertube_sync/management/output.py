"""What the commands share: one JSON line on request, progress bars where a terminal is attached."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from peertube_sync.conf import Settings
from peertube_sync.sync.operations.pictures import PictureCounts
from peertube_sync.sync.work import Progress, no_progress


def add_json_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one line of JSON instead of text")


def as_line(value: Any) -> str:
    return json.dumps(value, default=str)


def counted(number: int, noun: str, many: str = "") -> str:
    """Return how many, like "1 video" or "2 videos"; `many` where an s doesn't make it."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"


def in_words(counts: PictureCounts, settings: Settings) -> str:
    """Say how many pictures there are."""
    room = f"{counts.bytes / 1e6:,.1f} MB of {settings.pictures_bytes / 1e6:,.0f} MB"
    lacking = [f"{counts.failed} failed"] if counts.failed else []
    lacking += [f"{counts.dropped} thrown away for room"] if counts.dropped else []
    return (
        f"{counted(counts.here, 'picture')} here, {room}; {counts.missing} missing"
        f"{' (' + ', '.join(lacking) + ' among them)' if lacking else ''}, {counts.refused} refused"
    )


@contextmanager
def progress_bars(*, wanted: bool) -> Iterator[Progress]:
    """Give a callable that draws one bar per kind of work, if `wanted` and a terminal is attached."""
    if not wanted or not sys.stderr.isatty():
        yield no_progress
        return
    bars: dict[str, tqdm[Any]] = {}

    def draw(kind: str, done: int, total: int | None) -> None:
        if kind not in bars or done < bars[kind].n:
            bars[kind] = tqdm(desc=kind.ljust(10), total=total, unit=" items", leave=True)
        bar = bars[kind]
        bar.total = total
        bar.update(done - bar.n)

    try:
        yield draw
    finally:
        for bar in bars.values():
            bar.close()
