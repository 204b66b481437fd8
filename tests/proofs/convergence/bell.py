"""The doorbell at work: a site that is served, a sandbox that changes at a pace, and whoever is woken.

Each change knows how to see that its row is as it should be; how long that takes is measured from the change on, by
looking into the database. Every change is to another thing, so that none hides behind another. Where the source's
limit stands, all have to be here after 1.2 times the least that the rate budget allows for as many requests.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from celery import Celery
from django.db import connection
from django.db.models import Q

from peertube_sync.conf import get_settings
from peertube_sync.models import Account, Channel, Follow, FollowState, Instance, Playlist, Ring, Video
from peertube_sync.sync.operations.add import add_source, plan_source
from peertube_sync.sync.schedule import next_due
from peertube_sync.testing import Catalogue, Sandbox
from peertube_sync.testing.identifiers import uuid_text
from tests.proofs.convergence.worker import Worker
from tests.support.paths import ROOT
from tests.support.servers import free_port, running_redis

MOST = 3.0
"""Seconds from a change to its row, of 95 in 100."""
SHARE = 0.5
"""The part of a source's limit that the site takes where that stands, as by default."""
MOST_TIMES = 1.2
"""So many times the least that the rate budget allows, where the source's limit stands."""
PATIENCE = 20.0
"""Seconds after the last change after which the others are given up; more where the source's limit stands."""
MIRRORED = 1800.0
"""Seconds that the first reading of all may take, on a machine that does much else."""
LOOK = 0.05
"""Seconds between two looks into the database."""
BEAT = 60.0
TASK = "peertube_sync.tasks.sync_due"

Seen = Callable[[], bool]


@dataclass
class Change:
    """A change that was made: when, and how to see that it is here."""

    kind: str
    made: float
    seen: Seen
    took: float | None = None


@dataclass
class Changes:
    """Makes changes of every kind that rings, each to a thing of its own."""

    catalogue: Catalogue
    random: Random
    done: list[Change] = field(default_factory=list)
    fresh: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = [row for row in self.catalogue.videos.values() if row.is_local and row.listed and not row.is_live]
        self.random.shuffle(rows)
        self.fresh["video"] = [uuid_text(row.number) for row in rows]
        lists = [row for row in self.catalogue.playlists.values() if not row.origin and row.privacy == 1]
        self.fresh["playlist"] = [uuid_text(row.number) for row in lists]
        with_videos = {row.channel.name: row.channel.owner.name for row in rows}
        self.fresh["channel"] = list(with_videos)
        self.fresh["account"] = list(dict.fromkeys(with_videos.values()))

    def make(self) -> None:
        """Make one change; kinds that find nothing new to change are drawn again."""
        while True:
            kind = self.random.choice(KINDS)
            what = KINDS_OF.get(kind, "video")
            if what and not self.fresh[what]:
                continue
            one = self.fresh[what].pop() if what else ""
            began = time.monotonic()
            seen = getattr(self, f"_{kind}")(one)
            self.done.append(Change(kind, began, seen))
            return

    def _edit(self, uuid: str) -> Seen:
        name = f"Edit {self.random.randrange(10**9)}"
        self.catalogue.edit_video(uuid, name=name)
        return lambda: _video(uuid, name=name)

    def _tag(self, uuid: str) -> Seen:
        tag = f"tag{self.random.randrange(10**9)}"
        self.catalogue.set_tags(uuid, [tag])
        return lambda: _video(uuid, tags__name=tag)

    def _caption(self, uuid: str) -> Seen:
        new = "eo"
        self.catalogue.set_captions(uuid, [new])
        return lambda: _video(uuid, captions__language_id=new)

    def _chapter(self, uuid: str) -> Seen:
        title = f"Chapter {self.random.randrange(10**9)}"
        self.catalogue.set_chapters(uuid, [(0, title)])
        return lambda: _video(uuid, chapters__title=title)

    def _upload(self, _none: str) -> Seen:
        uuid = self.catalogue.add_video(name="Uploaded")
        return lambda: _video(uuid, name="Uploaded")

    def _hide(self, uuid: str) -> Seen:
        self.catalogue.hide(uuid, self.random.choice(("private", "unlisted", "internal", "password")))
        return lambda: not _video(uuid)

    def _block(self, uuid: str) -> Seen:
        self.catalogue.block(uuid)
        return lambda: not _video(uuid)

    def _delete(self, uuid: str) -> Seen:
        self.catalogue.delete_video(uuid)
        return lambda: not _video(uuid)

    def _move(self, uuid: str) -> Seen:
        here = self.catalogue.video(uuid).channel
        others = [row for row in self.catalogue.channels.values() if not row.origin and row is not here]
        there = self.random.choice(others).name
        self.catalogue.move_video(uuid, there)
        return lambda: _video(uuid, channel__name=there)

    def _rename_channel(self, name: str) -> Seen:
        shown = f"Channel {self.random.randrange(10**9)}"
        self.catalogue.rename_channel(name, shown)
        return lambda: bool(Channel.objects.filter(name=name, display_name=shown).exists())

    def _describe_account(self, name: str) -> Seen:
        words = f"Words {self.random.randrange(10**9)}"
        self.catalogue.describe_account(name, words)
        return lambda: bool(Account.objects.filter(name=name, description=words).exists())

    def _add_playlist(self, _none: str) -> Seen:
        rows = [row for row in self.catalogue.videos.values() if row.listed and row.is_local]
        uuid = self.catalogue.add_playlist([uuid_text(row.number) for row in rows[:5]])
        return lambda: _playlist(uuid, elements=5)

    def _edit_playlist(self, uuid: str) -> Seen:
        name = f"List {self.random.randrange(10**9)}"
        self.catalogue.edit_playlist(uuid, name=name)
        return lambda: _playlist(uuid, display_name=name)

    def _delete_playlist(self, uuid: str) -> Seen:
        self.catalogue.delete_playlist(uuid)
        return lambda: not _playlist(uuid)


KINDS = (
    *("edit", "tag", "caption", "chapter", "upload", "hide", "block", "delete", "move"),
    *("rename_channel", "describe_account", "add_playlist", "edit_playlist", "delete_playlist"),
)
KINDS_OF = {
    "upload": "",
    "add_playlist": "",
    "rename_channel": "channel",
    "describe_account": "account",
    "edit_playlist": "playlist",
    "delete_playlist": "playlist",
}
"""What a kind changes, where it isn't a video that was there; "" for what it makes."""


def _video(uuid: str, **facts: Any) -> bool:
    return bool(Video.objects.listed().filter(Q(**facts), uuid=UUID(uuid)).exists())


def _playlist(uuid: str, elements: int | None = None, **facts: Any) -> bool:
    row = Playlist.objects.filter(Q(**facts), uuid=UUID(uuid), removed_at=None).first()
    return row is not None and (elements is None or row.elements.count() == elements)


def main(given: argparse.Namespace) -> int:
    """Change at a pace, once with Celery or once with --watch; returns 1 when anything doesn't come, or comes late."""
    directory, port = Path(given.directory), free_port()
    os.environ |= {"PEERTUBE_SYNC_DOORBELL": "1", "PEERTUBE_SYNC_SITE_URL": f"http://127.0.0.1:{port}"}
    if given.limit:
        os.environ["PEERTUBE_SYNC_RATE_LIMIT_SHARE"] = f"{SHARE}"
    catalogue = Catalogue.generate(videos=given.videos, seed=given.seed)
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(catalogue, limit=None))
        add_source(plan_source(sandbox.url, get_settings()))
        stack.enter_context(RUNNERS[given.by](directory))
        stack.enter_context(served(port, directory))
        _wait(lambda: _mirrored(sandbox), MIRRORED)
        sandbox.limit = given.limit or None
        asked = len(sandbox.log)
        changes = Changes(catalogue, Random(given.seed))
        began = time.monotonic()
        _change(changes, given.changes, given.rate, PATIENCE if not given.limit else 20 * given.changes)
        took, requests = time.monotonic() - began, len(sandbox.log) - asked
        sandbox.federation.deliveries.wait()
        ended = time.monotonic() + PATIENCE
        while Ring.objects.filter(waiting=True).exists() and time.monotonic() < ended:
            time.sleep(LOOK)
        return _told(given, sandbox, changes, requests, took)


def _mirrored(sandbox: Sandbox) -> bool:
    """Tell whether all that there is is here, and the follow accepted."""
    followed = Follow.objects.filter(host=sandbox.host, state=FollowState.ACCEPTED).exists()
    instance = Instance.objects.get(host=sandbox.host)
    due = next_due(instance)
    unread = Video.objects.filter(removed_at=None, details_fetched_at=None).exists()
    return bool(followed and not unread and instance.lease_token is None and due and due.timestamp() > time.time())


def _change(changes: Changes, count: int, rate: float, patience: float) -> None:
    """Make so many changes, `rate` of them a second, and look which are here."""
    began, waiting = time.monotonic(), []
    while len(changes.done) < count or (waiting and time.monotonic() - began < count / rate + patience):
        if len(changes.done) < min(count, (time.monotonic() - began) * rate):
            changes.make()
            waiting.append(changes.done[-1])
        else:
            time.sleep(LOOK)
        for one in waiting:
            if one.seen():
                one.took = time.monotonic() - one.made
        waiting = [one for one in waiting if one.took is None]


def _told(given: argparse.Namespace, sandbox: Sandbox, changes: Changes, requests: int, seconds: float) -> int:
    by_kind: dict[str, list[float]] = defaultdict(list)
    missed = [one.kind for one in changes.done if one.took is None]
    for one in changes.done:
        if one.took is not None:
            by_kind[one.kind].append(one.took)
    took = [one for ones in by_kind.values() for one in ones]
    p95 = quantiles([*took, *[PATIENCE] * len(missed)], n=20)[-1]
    unanswered = [str(ring) for ring in Ring.objects.filter(waiting=True)]
    log = sandbox.federation.deliveries.log
    refused = sum(one.status != 202 for one in log)
    budgeted = requests * sandbox.window / (given.limit * SHARE) if given.limit else 0.0
    least = max(budgeted, len(changes.done) / given.rate)
    lines = [
        f"{given.by}, {connection.vendor}: {len(changes.done)} changes of {len(KINDS)} kinds, {given.rate} a second;"
        f" {len(took)} came, {len(missed)} didn't {missed or ''}; {refused} of {len(log)} deliveries refused,"
        f" {len(unanswered)} rings wait {unanswered or ''}",
        f"from change to row: median {median(took or [0]):.2f} s, p95 {p95:.2f} s, most {max(took or [0]):.2f} s;"
        f" {requests} requests, {seconds:.0f} s in all, {seconds / least:.2f} times the least",
        *(
            f"  {kind}: {len(ones)}, median {median(ones):.2f} s, most {max(ones):.2f} s"
            for kind, ones in by_kind.items()
        ),
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    late = seconds > MOST_TIMES * least if given.limit else p95 > MOST
    return int(bool(missed or refused or unanswered) or late)


@contextmanager
def served(port: int, directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the site by gunicorn while the block runs."""
    command = [sys.executable, "-m", "gunicorn", "project.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    options = ["--threads", "4", "--no-control-socket", "--log-level", "error"]
    environment = {**os.environ, "ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "0"}
    with (directory / "served.log").open("ab") as log:
        process = subprocess.Popen([*command, *options], env=environment, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _watching(directory: Path) -> Iterator[None]:
    command = [sys.executable, "manage.py", "peertube_sync", "--watch"]
    with (directory / "watch.log").open("ab") as log:
        process = subprocess.Popen(command, env={**os.environ}, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _working(directory: Path) -> Iterator[None]:
    """Run a Redis and a Celery worker, and a task a minute, as beat sends it."""
    ended = threading.Event()
    with running_redis(directory) as redis:
        os.environ["REDIS_URL"] = redis.url
        worker = Worker({"REDIS_URL": redis.url}, directory / "worker.log")
        worker.start()
        with Celery(broker=redis.url, set_as_current=False) as broker:

            def beat() -> None:
                while True:
                    broker.send_task(TASK, ignore_result=True)
                    if ended.wait(BEAT):
                        return

            thread = threading.Thread(target=beat)
            thread.start()
            try:
                yield
            finally:
                ended.set()
                thread.join()
                worker.kill()


RUNNERS = {"watch": _watching, "celery": _working}


def _wait(fact: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds} s it isn't so yet")
        time.sleep(0.2)
