"""P1 and P2: what it costs to make rows of received bytes, beside the simplest and the fastest way to do it.

All three write the same rows, actors included, in a transaction per page of 100. The simple way asks Django to
`update_or_create` each row. The fast one is written by hand for PostgreSQL: COPY into a temporary table,
then one `INSERT … ON CONFLICT` per table; it checks nothing and finds out nothing about what changed.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management import call_command
from django.db import connection, transaction

from peertube_sync.client.parse import parse, parse_page
from peertube_sync.client.types import VideoDetails, VideoItem
from peertube_sync.conf import get_settings
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.ingest.videos import list_row
from peertube_sync.models import Account, Channel, Instance, RunKind, Source, SyncRun, Video
from peertube_sync.sync.connect import connect
from peertube_sync.sync.lease import Lease
from peertube_sync.sync.walks.details import BATCH, commit_details
from peertube_sync.sync.walks.pages import commit_page
from peertube_sync.sync.work import Work
from peertube_sync.testing import Catalogue
from tests.proofs.bench.by_hand import copy_page
from tests.proofs.bench.old_commit import OLD, ran, taken_out
from tests.proofs.bench.report import Bound, Section

HOST = "sandbox.example"
PAGE = 100
TIMES_OLD = Bound(2.5, least=True)
NONE = "not compared"
BESIDE = Path(__file__).with_name("old_details.py")


@dataclass(frozen=True)
class Cost:
    """Wall seconds, and CPU seconds of this process (PostgreSQL's own aren't in it)."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Received:
    """What a server of `videos` videos sent: list pages and details, as bytes."""

    pages: list[bytes]
    details: list[bytes]


def received(videos: int) -> Received:
    """Make the answers of a generated instance."""
    catalogue = Catalogue.generate(videos=videos, seed=1)
    items = catalogue.local_videos(HOST)
    pages = [
        json.dumps({"total": len(items), "data": items[start : start + PAGE]}).encode()
        for start in range(0, len(items), PAGE)
    ]
    return Received(pages, [json.dumps(catalogue.details(item["uuid"], HOST)).encode() for item in items])


def section(videos: int = 10_000) -> Section:
    """Measure each way on an empty database, and ours again on what it wrote."""
    sent = received(videos)
    found = {
        "`update_or_create` for each row": _measured(_naive, sent),
        "COPY, `INSERT … ON CONFLICT`": _measured(_by_hand, sent),
    }
    with _work() as (work, run, source):
        ours = found["**ours**: parse, check, compare, write"] = _timed(_ours, sent, work, run, source)
        found["ours again, nothing changed"] = _timed(_ours, sent, work, run, source)
        found["ours, details with tags"] = _timed(_our_details, sent, work, run)
        found["ours, details again, nothing changed"] = _timed(_our_details, sent, work, run)
        index_due()
        kilobytes = _size() / videos / 1000
    return Section(
        "P1, P2: from received bytes to committed rows",
        f"{videos:,} videos of a list, with their accounts and channels, in pages of {PAGE}; details in batches of"
        f" {BATCH}. CPU seconds are those of the Python process, PostgreSQL's own come on top. In the end, a video with"
        f" its details and its search document takes {kilobytes:.1f} kB, indexes included.",
        ("way", "videos/s", "times ours", "wall (s)", "CPU (s)"),
        [
            (name, f"{videos / cost.wall:,.0f}", f"{ours.wall / cost.wall:.2f}", f"{cost.wall:.2f}", f"{cost.cpu:.2f}")
            for name, cost in found.items()
        ],
        closer=(_beside_old(videos, found["ours, details with tags"], sent),),
    )


def _beside_old(videos: int, ours: Cost, sent: Received) -> Section:
    """Measure the same details with the old commit, in a database of its own on the same server."""
    with tempfile.TemporaryDirectory(prefix="peertube-sync-") as name:
        directory = Path(name)
        tree, why = taken_out(directory / "old")
        old = _old_details(tree, directory, sent) if tree else None
    row = ("details with tags", NONE, f"{videos / ours.wall:,.0f}", NONE)
    if old:
        row = (row[0], f"{videos / old.wall:,.0f}", row[2], TIMES_OLD.told(old.wall / ours.wall))
    return Section(
        "Details beside an old commit",
        f"The same details, written in batches by {OLD} into an empty database of the same server, after its lists."
        f" Bound: {TIMES_OLD} times the old.{why}",
        ("way", "old commit (videos/s)", "videos/s", "times the old"),
        [row],
    )


def _old_details(tree: Path, directory: Path, sent: Received) -> Cost:
    for name in ("pages", "details"):
        (directory / name).write_bytes(b"\n".join(getattr(sent, name)))
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS old_commit")
        cursor.execute("CREATE DATABASE old_commit")
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/old_commit").geturl()
    said = ran(tree, [str(BESIDE), str(directory)], DATABASE_URL=url)
    return Cost(*json.loads(said))


def _size() -> float:
    """Return the bytes of all tables and indexes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables")
        return float(cursor.fetchone()[0])


def _measured(way: Callable[..., None], sent: Received) -> Cost:
    call_command("flush", interactive=False, verbosity=0)
    return _timed(way, sent, Instance.objects.create(host=HOST))


def _timed(way: Callable[..., None], sent: Received, *others: Any) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    way(sent, *others)
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


@contextmanager
def _work() -> Iterator[tuple[Work, SyncRun, Source]]:
    """Begin a slice of work that asks nobody."""
    call_command("flush", interactive=False, verbosity=0)
    instance = Instance.objects.create(host=HOST)
    source = Source.objects.create(instance=instance)
    settings = get_settings()
    lease = Lease.acquire(instance, settings.lease_seconds)
    assert lease
    client = connect("https", HOST, settings, "6.3.0")
    work = Work(instance, client, lease, settings, time.monotonic() + 3600)
    with work.recording(RunKind.SWEEP, source) as run:
        yield work, run, source


def _ours(sent: Received, work: Work, run: SyncRun, source: Source) -> None:
    for number, body in enumerate(sent.pages):
        commit_page(work, run, source, parse_page(body, VideoItem, number * PAGE, HOST))


def _our_details(sent: Received, work: Work, run: SyncRun) -> None:
    for start in range(0, len(sent.details), BATCH):
        bodies = sent.details[start : start + BATCH]
        commit_details(work, run, [parse(body, VideoDetails, HOST) for body in bodies])


def _naive(sent: Received, instance: Instance) -> None:
    for body in sent.pages:
        with transaction.atomic():
            for item in parse_page(body, VideoItem, 0, HOST).items:
                account, _ = Account.objects.update_or_create(
                    {"remote_id": item.account.id, "display_name": item.account.display_name, "url": item.account.url},
                    instance=instance,
                    name=item.account.name,
                )
                channel, _ = Channel.objects.update_or_create(
                    {"remote_id": item.channel.id, "display_name": item.channel.display_name, "url": item.channel.url},
                    instance=instance,
                    name=item.channel.name,
                )
                row = _known(list_row(item, account.pk, channel.pk))
                Video.objects.update_or_create(row, instance=instance, uuid=item.uuid)


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if type(value).__name__ != "UnsetType"}


def _by_hand(sent: Received, instance: Instance) -> None:
    for body in sent.pages:
        with transaction.atomic(), connection.cursor() as cursor:
            copy_page(cursor, instance.pk, json.loads(body)["data"])
