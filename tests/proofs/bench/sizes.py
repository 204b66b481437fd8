"""P6: what a page of a sweep costs while the table grows, and the memory that it needs.

One instance is swept again and again, from answers that are ready; the others fill the table with copies of
its rows. So each sweep reads and writes the same rows, and whatever differs comes from the size of the table.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median
from typing import Any

import psutil
from django.core.management import call_command
from django.db import connection

from peertube_sync.client.transport import HttpAnswer, RequestCounts, Transport
from peertube_sync.conf import get_settings
from peertube_sync.models import Instance, Source, SyncRun, Video
from peertube_sync.sync.connect import connect
from peertube_sync.sync.lease import Lease
from peertube_sync.sync.schedule import make_due
from peertube_sync.sync.walks.sweep import sweep
from peertube_sync.sync.work import Work
from tests.proofs.bench.report import Section

HOST = "sandbox.example"
VIDEOS = 5_000
SIZES = (10_000, 100_000, 1_000_000)
MEBIBYTE = 2**20
ITEMS = """
import json
from peertube_sync.testing import Catalogue
for one in Catalogue.generate(videos={videos}, seed=1).local_videos("{host}"):
    print(json.dumps(one))
"""
"""Makes the items of the list in a process of its own: a catalogue is larger than all that a sweep holds."""


@dataclass
class Replay(Transport):
    """A transport that has all items of one list, as bytes, and asks nobody."""

    items: list[bytes] = field(default_factory=list)

    def get(self, _path: str, params: Mapping[str, Any] | None = None) -> HttpAnswer:
        """Answer with a page."""
        asked = params or {}
        page = self.items[asked["start"] : asked["start"] + asked["count"]]
        self.tally.requests += 1
        body = b'{"total":%d,"data":[%s]}' % (len(self.items), b",".join(page))
        return HttpAnswer(body, {"Content-Type": "application/json"})


def section(sizes: tuple[int, ...] = SIZES) -> Section:
    """Measure at each size."""
    call_command("flush", interactive=False, verbosity=0)
    instance = Instance.objects.create(host=HOST, scheme="http")
    source = Source.objects.create(instance=instance)
    command = [sys.executable, "-c", ITEMS.format(videos=VIDEOS, host=HOST)]
    items = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines()
    rows = [_measured(instance, source, items, size) for size in sizes]
    return Section(
        "P6: a page of 100 while the table grows",
        f"Milliseconds (median) for a page of a sweep of {VIDEOS:,} videos, received bytes to commit; the table holds"
        " the copies of other instances. Memory is what the process holds in the end, answers included.",
        ("rows", "new (ms)", "unchanged (ms)", "new, to the first", "unchanged, to the first", "memory (MiB)"),
        [_row(row, rows[0]) for row in rows],
    )


def _row(row: tuple[int, float, float, float], first: tuple[int, float, float, float]) -> tuple[str, ...]:
    size, new, unchanged, memory = row
    ratios = (f"{new / first[1]:.2f}", f"{unchanged / first[2]:.2f}")
    return (f"{size:,}", f"{new:.1f}", f"{unchanged:.1f}", *ratios, f"{memory:.0f}")


def _measured(instance: Instance, source: Source, items: list[bytes], size: int) -> tuple[int, float, float, float]:
    Video.objects.filter(instance=instance).delete()
    _swept(instance, source, items)
    _fill(instance, size)
    Video.objects.filter(instance=instance).delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    new, unchanged = (_swept(instance, source, items) for _ in range(2))
    return size, new, unchanged, psutil.Process().memory_info().rss / MEBIBYTE


def _swept(instance: Instance, source: Source, items: list[bytes]) -> float:
    """Sweep, and return the milliseconds of a page in the middle."""
    SyncRun.objects.all().delete()
    make_due([source], full=True)
    with _work(instance, items) as work:
        times = [time.perf_counter()]
        sweep(replace(work, progress=lambda *_: times.append(time.perf_counter())), source)
        return median(later - earlier for earlier, later in pairwise(times)) * 1000


@contextmanager
def _work(instance: Instance, items: list[bytes]) -> Iterator[Work]:
    settings = get_settings()
    lease = Lease.acquire(instance, settings.lease_seconds)
    assert lease
    client = connect("http", HOST, settings, "6.3.0")
    known = {name: getattr(client.transport, name) for name in ("base", "host", "budget", "user_agent")}
    replay = Replay(**known, timeout=1, patience=1, allow_private=True, tally=RequestCounts(), items=items)
    yield Work(instance, replace(client, transport=replay), lease, settings, time.monotonic() + 3600)
    lease.release()


def _fill(instance: Instance, size: int) -> None:
    """Copy the rows of `instance` to others, until all have `size` rows."""
    missing = (size - Video.objects.count()) // VIDEOS
    first = Instance.objects.count()
    others = Instance.objects.bulk_create(Instance(host=f"copy-{first + n}.example") for n in range(missing))
    columns = [one.column for one in Video._meta.concrete_fields if one.name not in {"id", "instance", "uuid"}]
    listed, taken = ", ".join(columns), ", ".join(f"video.{one}" for one in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO peertube_sync_video (instance_id, uuid, {listed})"
            f" SELECT other.id, gen_random_uuid(), {taken}"
            " FROM peertube_sync_video video, peertube_sync_instance other"
            " WHERE video.instance_id = %s AND other.id = ANY(%s)",
            [instance.pk, [one.pk for one in others]],
        )
