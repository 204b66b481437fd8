"""P4, served: requests a second under wrk, beside an old commit with the same database.

wrk asks one gunicorn worker over `CONNECTIONS` connections for `ADDRESSES` lists of 100 from as many cursors, and for
as many videos; of the old commit in turns with this tree. Then once where answers are kept and somebody writes.
"""

import json
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
from django.db import connection

from peertube_sync.client.parse import parse
from peertube_sync.client.types import VideoDetails
from peertube_sync.conf import get_settings
from peertube_sync.models import Instance, RunKind, Video
from peertube_sync.sync.connect import connect
from peertube_sync.sync.lease import Lease
from peertube_sync.sync.walks.details import commit_details
from peertube_sync.sync.work import Work
from peertube_sync.testing import Catalogue
from tests.proofs.bench.floor_tables import Listed, Named
from tests.proofs.bench.old_commit import OLD, taken_out
from tests.proofs.bench.report import Bound, Section
from tests.proofs.bench.serving import HOST, KEEPING, KEEPS, NO_KEEPING, Load, body, served, wrk
from tests.proofs.bench.world import HOST as INSTANCE
from tests.proofs.bench.world import VIDEOS, WHO, stand

CONNECTIONS, SECONDS, TURNS, ADDRESSES = 4, 4, 3, 1_000
KINDS = ("lists of 100", "single videos")
TIMES_OLD = Bound(3.0, least=True)
TITLE = "P4, served: requests a second"
HEADER = ("answers", "old commit (requests/s)", "requests/s", "times the old", "99 % within (ms)")
NONE = "not compared"


def section(videos: int = VIDEOS) -> Section:
    """Measure each kind of answer; without wrk, say that nothing was."""
    if not shutil.which("wrk"):
        return Section(TITLE, "Skipped: there is no `wrk` on this machine.", HEADER, [])
    stand(videos)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="peertube-sync-")))
        tree, why = taken_out(directory / "old")
        new = stack.enter_context(served())
        old = stack.enter_context(served(root=tree, settings={})) if tree else None
        addresses = _addresses(new)
        rows = [_row(name, paths, new, old, directory) for name, paths in zip(KINDS, addresses, strict=True)]
        text = (
            f"`wrk --threads 1 --connections {CONNECTIONS}`, {TURNS} times {SECONDS} s by turns, the median, over"
            f" {len(addresses[0]):,} different cursors and as many uuids out of {videos:,} videos; gunicorn with one"
            f" worker, on the same machine, nothing kept. The old commit is {OLD}, with the same database."
            f" Bound: {TIMES_OLD} times the old.{why}"
        )
        return Section(TITLE, text, HEADER, rows, closer=(_kept(addresses, directory),))


def _row(name: str, paths: list[str], new: int, old: int | None, directory: Path) -> tuple[str, ...]:
    """Measure both trees in turns."""
    loads: dict[int, list[Load]] = {port: [] for port in (old, new) if port}
    for port in loads:
        wrk(port, paths, directory, CONNECTIONS, 1)
    for _ in range(TURNS):
        for port, found in loads.items():
            found.append(wrk(port, paths, directory, CONNECTIONS, SECONDS))
    rates = {port: statistics.median(one.rate for one in found) for port, found in loads.items()}
    slowest = statistics.median(one.slowest for one in loads[new])
    before = (f"{rates[old]:.0f}", TIMES_OLD.told(rates[new] / rates[old])) if old else (NONE, NONE)
    return name, before[0], f"{rates[new]:.0f}", before[1], f"{slowest:.1f}"


def _addresses(port: int) -> tuple[list[str], list[str]]:
    """Return lists from different cursors, and single videos, from all over the catalogue."""
    lists, singles = [], []
    path: str | None = "/api/videos/?fields=uuid&page_size=20"
    while path and len(lists) < ADDRESSES:
        page = msgspec.json.decode(body(port, path), type=Listed)
        path = page.next and page.next.removeprefix(f"http://{HOST}")
        if path:
            lists.append(path.replace("fields=uuid&", "").replace("page_size=20", "page_size=100"))
            singles.append(f"/api/videos/{msgspec.json.decode(page.results[0], type=Named).uuid}/")
    return lists, singles


def _kept(addresses: tuple[list[str], list[str]], directory: Path) -> Section:
    """Measure where answers are kept, and a changed video is committed every second."""
    rows = []
    if KEEPS:
        with served(settings=KEEPING) as port, _writing() as written:
            for name, paths in zip(KINDS, addresses, strict=True):
                wrk(port, paths, directory, CONNECTIONS, SECONDS)
                before = len(written)
                load = wrk(port, paths, directory, CONNECTIONS, TURNS * SECONDS)
                rows.append((name, f"{load.rate:.0f}", f"{load.slowest:.1f}", str(len(written) - before)))
    return Section(
        "Kept answers, while somebody writes",
        f"The same for {TURNS * SECONDS} s where answers are kept, while the sync commits a changed video every"
        f" second.{NO_KEEPING}",
        ("answers", "requests/s", "99 % within (ms)", "commits"),
        rows,
    )


@contextmanager
def _writing() -> Iterator[list[float]]:
    """Let a thread commit details of a video of its own, changed each time; gives the times of its commits."""
    stop, written = threading.Event(), list[float]()
    thread = threading.Thread(target=_write, args=(stop, written))
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join()
    assert written, "nothing was written"


def _write(stop: threading.Event, written: list[float]) -> None:
    catalogue = Catalogue.generate(videos=1, seed=2)
    uuid = catalogue.local_videos(INSTANCE)[0]["uuid"]
    instance, settings = Instance.objects.get(host=INSTANCE), get_settings()
    lease = Lease.acquire(instance, settings.lease_seconds)
    assert lease
    work = Work(instance, connect("http", INSTANCE, settings, "6.3.0"), lease, settings, time.monotonic() + 3600)
    try:
        with work.recording(RunKind.DETAILS) as run:
            while not stop.wait(1.0):
                catalogue.edit_video(uuid, name=f"Changed {len(written)} times")
                answer = json.dumps(catalogue.details(uuid, INSTANCE)).encode()
                commit_details(work, run, [parse(answer, VideoDetails, WHO)])
                written.append(time.monotonic())
    finally:
        lease.release()
        Video.objects.filter(uuid=uuid).delete()
        connection.close()
