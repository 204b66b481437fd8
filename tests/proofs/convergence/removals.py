"""A large instance opts out: hidden on every face within two seconds, removed under kills while the site answers.

Rows are multiplied by PostgreSQL itself. Each face is asked for all it shows, by HTTP, before and after; a visitor asks
for the list of videos all the time. The process that removes is killed again and again, and started anew.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from random import Random
from urllib.parse import urlsplit
from uuid import UUID

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from peertube_sync.ingest.answers import write_answers
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import (
    Account,
    Caption,
    Channel,
    Chapter,
    Instance,
    Leaving,
    LeavingVideo,
    OptOut,
    Playlist,
    PlaylistElement,
    SearchDue,
    Source,
    Tag,
    Video,
    VideoSearch,
)
from peertube_sync.site.sitemaps import PART
from tests.proofs.bench.serving import HOST, served
from tests.support.paths import ROOT

LARGE, OTHER = "large.example", "other.example"
CHANNELS, TAGS, PLAYLISTS, ELEMENTS = 10, 30, 10, 30
HIDDEN_WITHIN = 2.0
SLOWER = 2.0
"""How many times as long as before the slowest twentieth of answers may take during a removal."""
QUESTIONS = 300
ALONE = 20.0
"""Seconds for which the site is asked beside a removal that nobody kills, at the most."""
LONGEST = 1.5
"""Seconds after which a process is killed at the latest."""
FACES = (
    *("/", "/videos/", "/channels/", "/playlists/", "/instances/", "/feeds/rss/"),
    *("/api/videos/?page_size=100", "/api/channels/", "/api/accounts/", "/api/playlists/", "/api/instances/"),
    *("/api/videos/?q=large", "/api/videos/?facets=instance"),
    *("/api/v1/videos?count=100", "/api/v1/video-channels", "/api/v1/accounts", "/api/v1/video-playlists"),
    *("/api/v1/search/videos?search=large", "/api/v1/search/video-channels?search=large"),
)
"""What shows an instance in a list, of which half is the large one's."""
OWN = (
    *("/videos/{uuid}/", f"/channels/c1@{LARGE}/", f"/instances/{LARGE}/"),
    *("/api/videos/{uuid}/", f"/api/channels/c1@{LARGE}/", f"/api/accounts/c1@{LARGE}/", f"/api/instances/{LARGE}/"),
    *("/api/v1/videos/{uuid}", f"/api/v1/video-channels/c1@{LARGE}", f"/api/v1/accounts/c1@{LARGE}"),
)
"""The addresses of what is the large one's, of videos that of one."""
Get = Callable[[str], tuple[int, str]]
"""Asks a site for a path; returns status and text."""


@dataclass
class Outcome:
    """What it came to: `shown` and `left` are empty where nothing was shown, and nothing is left."""

    hidden_after: float = 0.0
    quiet: float = 0.0
    busy: float = 0.0
    kills: int = 0
    seconds: float = 0.0
    queue: int = 0
    shown: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Whether all is as it should be."""
        quick = self.hidden_after <= HIDDEN_WITHIN and self.busy <= SLOWER * self.quiet
        return quick and not (self.shown or self.left)

    def __str__(self) -> str:
        return (
            f"hidden on {len(FACES) + len(OWN) + 1} faces after {self.hidden_after:.2f} s; 95 % of /api/videos/ within"
            f" {self.quiet * 1000:.1f} ms before and {self.busy * 1000:.1f} ms during the removal"
            f" ({self.busy / self.quiet:.2f} times); {self.kills} kills, the queue never longer than {self.queue};"
            f" left in the end: {', '.join(self.left) or 'nothing'}; {self.seconds:.0f} s in all"
        )


def main(given: argparse.Namespace) -> int:
    """Let it happen in a site of its own; returns 1 when anything is shown, left or slow."""
    prepare(given.videos)
    call_command("collectstatic", interactive=False, verbosity=0)
    with served(workers=2, settings={}) as port:
        outcome = run(Web(f"http://{HOST}:{port}").get, Random(given.seed), given.kills, measured=True)
    sys.stdout.write("".join(f"{line}\n" for line in (outcome, *outcome.shown)))
    return int(not outcome.fine)


def prepare(videos: int) -> None:
    """Make an instance of so many videos and one of a tenth of them, published by turns, and all documents."""
    Tag.objects.bulk_create(Tag(name=f"tag {n}") for n in range(TAGS))
    for host, number in ((LARGE, videos), (OTHER, max(1, videos // 10))):
        _fill(Instance.objects.create(host=host, version="6.3.0", state="ok", next_due_at=None), number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    index_due()
    write_answers()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _fill(instance: Instance, videos: int) -> None:
    host, now = instance.host, timezone.now()
    Source.objects.create(instance=instance, sweep_at=now)
    told = [{"instance": instance, "name": f"c{n}", "display_name": f"C {n} at {host}"} for n in range(CHANNELS)]
    accounts = Account.objects.bulk_create(Account(url=f"https://{host}/a/{n}", **one) for n, one in enumerate(told))
    channels = Channel.objects.bulk_create(
        Channel(url=f"https://{host}/c/{n}", owner_account=accounts[n], **one) for n, one in enumerate(told)
    )
    first = Video(
        instance=instance,
        channel=channels[0],
        account=accounts[0],
        name="",
        url=f"https://{host}/w/1",
        description=f"A video of {host.partition('.')[0]}, with some words to be found by.",
        files=[{"resolution": {"id": 720}, "file_url": f"https://{host}/1.mp4"}],
        created_at=now,
        updated_at=now,
        published_at=now,
        first_seen_at=now,
        details_fetched_at=now,
    )
    _multiply(first, videos)
    rows = Video.objects.filter(instance=instance).order_by("pk")
    playlists = Playlist.objects.bulk_create(
        Playlist(
            instance=instance,
            owner_account=accounts[n],
            uuid=UUID(int=instance.pk << 64 | n),
            url=f"https://{host}/w/p/{n}",
            display_name=f"List {n} at {host}",
            created_at=now,
            updated_at=now,
        )
        for n in range(PLAYLISTS)
    )
    named = list(rows[:ELEMENTS])
    PlaylistElement.objects.bulk_create(
        PlaylistElement(playlist=one, video=video, remote_id=place, position=place)
        for one in playlists
        for place, video in enumerate(named)
    )


def _multiply(first: Video, number: int) -> None:
    """Write `number` videos like `first`, each with tags, every fifth with a caption and a chapter."""
    fields = [one for one in Video._meta.concrete_fields if not one.primary_key]
    own = {
        "uuid": "gen_random_uuid()",
        "name": f"'Video ' || n || ' at {first.instance.host}'",
        "published_at": f"now() - n * interval '{86_400_000 // number} milliseconds'",
        "channel_id": f"{first.channel_id} + n %% {CHANNELS}",
        "account_id": f"{first.account_id} + n %% {CHANNELS}",
    }
    columns = [one.column for one in fields]
    values = [own.get(column, "%s") for column in columns]
    given = [one.get_db_prep_save(getattr(first, one.attname), connection) for one in fields if one.column not in own]
    video, tags, caption, chapter = (model._meta.db_table for model in (Video, Video.tags.through, Caption, Chapter))
    mine = f"FROM {video} v WHERE v.instance_id = {first.instance_id}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {video} ({', '.join(columns)})"
            f" SELECT {', '.join(values)} FROM generate_series(1, {number}) AS n",
            given,
        )
        cursor.execute(
            f"INSERT INTO {tags} (video_id, tag_id) SELECT v.id, t.id FROM {video} v, {Tag._meta.db_table} t"
            f" WHERE v.instance_id = {first.instance_id} AND t.id % 10 = v.id % 10"
        )
        cursor.execute(f"INSERT INTO {caption} (video_id, language_id) SELECT v.id, 'en' {mine} AND v.id % 5 = 0")
        cursor.execute(
            f"INSERT INTO {chapter} (video_id, timecode, title) SELECT v.id, 1, 'One' {mine} AND v.id % 5 = 0"
        )


def run(get: Get, random: Random, kills: int, *, measured: bool) -> Outcome:
    """Opt the large instance out, kill the process that does it `kills` times, and look what is left."""
    outcome = Outcome()
    video = Video.objects.filter(instance__host=LARGE).order_by("pk")[0]
    if mute := {*FACES, *own(video), sitemap(video)} - {*still_shown(get, video)}:
        raise RuntimeError(f"faces don't show the instance in the first place: {mute}")
    if measured:
        outcome.quiet = slowest_twentieth([timed(get) for _ in range(QUESTIONS)])
    began = time.monotonic()
    with asked_over_and_over(get if measured else None) as times, removing() as process:
        outcome.shown, outcome.hidden_after = _until_hidden(get, video)
        end = time.monotonic() + ALONE
        while measured and time.monotonic() < end and process.poll() is None:
            _look(outcome)
            time.sleep(0.1)
    outcome.busy = slowest_twentieth(times)
    for _ in range(kills):
        with removing() as process:
            end = time.monotonic() + random.uniform(0, LONGEST)
            while time.monotonic() < end and process.poll() is None:
                time.sleep(0.01)
            outcome.kills += process.poll() is None
        _look(outcome)
    with removing(kill=False):
        pass
    outcome.seconds = time.monotonic() - began
    outcome.left = left()
    outcome.shown += still_shown(get, video)
    return outcome


def left() -> list[str]:
    """Return what there still is of the large instance, and of its removal."""
    rows = {
        "instance": Instance.objects.filter(host=LARGE),
        "videos": Video.objects.filter(instance__host=LARGE),
        "documents": VideoSearch.objects.exclude(pk__in=Video.objects.values("pk")),
        "entries of the queue": SearchDue.objects.all(),
        "marks": Leaving.objects.all(),
        "marks of videos": LeavingVideo.objects.all(),
    }
    return [f"{found.count()} {name}" for name, found in rows.items() if found.exists()]


def still_shown(get: Get, video: Video) -> list[str]:
    """Return the faces that show anything of the large instance, or its `video`."""
    lists = [path for path in FACES if LARGE in get(path)[1].replace("q=large", "")]
    text = get(sitemap(video))[1]
    mapped = [sitemap(video)] if str(video.uuid) in text or video.short_uuid in text else []
    return [*lists, *mapped, *(path for path in own(video) if get(path)[0] == 200)]


def own(video: Video) -> list[str]:
    """Return the addresses of what is the large instance's, which answer 404 once it is hidden."""
    return [path.format(uuid=video.uuid) for path in OWN]


def sitemap(video: Video) -> str:
    """Return the address of the part of the sitemap that has `video`."""
    return f"/sitemap-{video.pk // PART}.xml"


def _until_hidden(get: Get, video: Video) -> tuple[list[str], float]:
    """Wait for the commit that hides, then look at every face; returns what is shown, and the seconds until then."""
    began = time.monotonic()
    while not OptOut.objects.exists() and time.monotonic() < began + 10 * HIDDEN_WITHIN:
        time.sleep(0.01)
    hidden = time.monotonic() - began
    return still_shown(get, video), hidden


@contextmanager
def removing(*, kill: bool = True) -> Iterator[subprocess.Popen[str]]:
    """Let a process of its own opt the instance out, from when it is ready; kill it in the end, or wait for its own."""
    command = [sys.executable, "-m", "tests.proofs.convergence.remover", LARGE]
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(os.environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        yield process
        if kill:
            process.kill()
        process.wait()
    if not kill and process.returncode:
        raise RuntimeError(f"the removal ended with {process.returncode}")


@contextmanager
def asked_over_and_over(get: Get | None) -> Iterator[list[float]]:
    """Let a visitor ask for the list of videos over and over, if there is a site to ask; gives the seconds it took."""
    times: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while get and not over.is_set():
            times.append(timed(get))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()


def timed(get: Get) -> float:
    """Return the seconds that the list of videos took."""
    began = time.perf_counter()
    status, text = get("/api/videos/")
    if status != 200:
        raise RuntimeError(f"/api/videos/ answered {status}: {text[:500]}")
    return time.perf_counter() - began


def slowest_twentieth(times: list[float]) -> float:
    """Return what only a twentieth of `times` is above."""
    return sorted(times)[int(0.95 * len(times))] if times else 0.0


def _look(outcome: Outcome) -> None:
    outcome.queue = max(outcome.queue, SearchDue.objects.count())


@dataclass
class Web:
    """A site over HTTP."""

    url: str

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a path, in a connection of its own."""
        parts = urlsplit(self.url)
        asked = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            asked.request("GET", path)
            answer = asked.getresponse()
            return answer.status, answer.read().decode()
        finally:
            asked.close()
