"""The command `python -m peertube_sync.testing`: serve a sandbox until interrupted."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import date

from peertube_sync.testing.catalogue import Catalogue
from peertube_sync.testing.identifiers import milliseconds
from peertube_sync.testing.server import Sandbox
from peertube_sync.testing.versions import DEFAULT, Version


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; return the exit status."""
    options = _parser().parse_args(arguments)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    try:
        if options.world:
            catalogue = Catalogue.load(options.world)
        else:
            catalogue = Catalogue.generate(videos=options.videos, seed=options.seed, last_day=options.last_day)
        chosen = {name: getattr(options, name) for name in ("limit", "window", "port", "latency", "version")}
        sandbox = Sandbox(catalogue, **chosen)
    except (OSError, ValueError, KeyError) as error:
        reason = f"{options.world} is not a recorded world"
        if isinstance(error, OSError) and error.filename is None:
            reason = f"port {options.port} of 127.0.0.1 is not free ({error.strerror})"
        elif isinstance(error, OSError):
            reason = f"{error.filename}: {error.strerror}"
        print(f"Cannot start the sandbox: {reason}", file=sys.stderr)  # noqa: T201
        return 1
    with sandbox:
        print(f"A sandbox PeerTube is at {sandbox.url} (Ctrl-C ends it)", flush=True)  # noqa: T201
        done.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m peertube_sync.testing", description="Serve a sandbox PeerTube on loopback."
    )
    parser.add_argument("--videos", type=int, default=2000, help="listed local videos to generate")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same videos")
    parser.add_argument(
        "--last-day", type=day, default="2025-12-01", metavar="DATE", help="videos are published up to this day"
    )
    parser.add_argument("--world", metavar="FILE", help="serve a recorded world instead")
    told = f"speak as this PeerTube (default: {DEFAULT}, or as recorded)"
    parser.add_argument("--version", type=version, metavar="VERSION", help=told)
    parser.add_argument("--port", type=int, default=9000, help="0 takes any free one")
    parser.add_argument("--limit", type=int, default=50, help="requests per window; 0 for none")
    parser.add_argument("--window", type=float, default=10.0, help="seconds")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    return parser


def day(text: str) -> int:
    """Read a date; its name is a word of argparse's complaint. Raises ValueError."""
    return milliseconds(f"{date.fromisoformat(text)}T00:00:00Z")


def version(text: str) -> str:
    """Read a version. Raises ArgumentTypeError for what is none."""
    try:
        return Version(text).text
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
