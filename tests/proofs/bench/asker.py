"""One process that asks: `python -m tests.proofs.bench.asker URL COUNT`, from when its standard input ends."""

import sys
import time
from urllib.parse import urlsplit

import django

django.setup()

from peertube_sync.client.errors import BudgetClosed  # noqa: E402
from peertube_sync.client.peertube import PeerTube  # noqa: E402
from peertube_sync.conf import get_settings  # noqa: E402
from peertube_sync.sync.connect import connect  # noqa: E402


def main(url: str, count: int) -> None:
    parts = urlsplit(url)
    client = connect(parts.scheme, parts.netloc, get_settings())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    for _ in range(count):
        _ask(client)
    client.transport.close()


def _ask(client: PeerTube) -> None:
    """Ask once, as often as it takes until the budget allows it."""
    while True:
        try:
            client.transport.get("/api/v1/videos", {"count": 1})
        except BudgetClosed as closed:
            time.sleep(max(0.0, closed.until - time.time()))
        else:
            return


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
