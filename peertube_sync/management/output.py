"""What the commands share: one JSON line on request, a line of progress where a terminal is attached."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

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


class ProgressLine:
    """One line of a terminal that says how far the work of one kind is; the next kind begins a line of its own."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal
        self._kind, self._done, self._width = "", 0, 0
        self._began: tuple[float, int] = (0.0, 0)

    def __call__(self, kind: str, done: int, total: int | None) -> None:
        """Show that `done` of `total` are done; None where nobody knows how many there are."""
        if kind != self._kind or done < self._done:
            self.end()
            self._kind, self._began = kind, (time.monotonic(), done)
        self._done = done
        of = f" of {total:,}" if total else ""
        line = f"{kind}: {done:,}{of}{self._left(total)}"
        self._terminal.write(f"\r{line.ljust(self._width)}")
        self._terminal.flush()
        self._width = len(line)

    def _left(self, total: int | None) -> str:
        """Say how long the rest takes at the pace so far, as soon as there is a pace."""
        began, first = self._began
        if not total or not first < self._done < total:
            return ""
        seconds = (time.monotonic() - began) / (self._done - first) * (total - self._done)
        return f", about {seconds / 60:,.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"

    def end(self) -> None:
        """Leave the line as it is."""
        if self._width:
            self._terminal.write("\n")
            self._width = 0


@contextmanager
def progress_line(*, wanted: bool) -> Iterator[Progress]:
    """Give a callable that shows how far each kind of work is, if `wanted` and a terminal is attached."""
    if not wanted or not sys.stderr.isatty():
        yield no_progress
        return
    line = ProgressLine(sys.stderr)
    try:
        yield line
    finally:
        line.end()
