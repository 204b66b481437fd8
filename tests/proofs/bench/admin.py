"""P8: the overview and the lists of the admin, over a million videos and a million runs.

The rows are made by the database from those of one mirrored instance: other hosts, uuids and times, the same texts.
"""

import time
from urllib.parse import urlencode

import psutil
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from peertube_sync.models import Account, Channel, Instance, Playlist, Source, SyncRun, Video, VideoSearch
from tests.proofs.bench.reads import timings
from tests.proofs.bench.report import Section
from tests.proofs.bench.world import mirror

VIDEOS = 1_000
"""Videos whose texts the others repeat."""
SIZE = 1_000_000
ROUNDS = 19
PLAIN = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
"""So that nothing has to be collected first."""
INSTANCES = 1_000
TABLES = {
    model: model._meta.db_table for model in (Account, Channel, Instance, Playlist, Source, SyncRun, Video, VideoSearch)
}


def section(size: int = SIZE) -> Section:
    """Measure each page."""
    mirror(VIDEOS)
    fill(size)
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("bench"))
    with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES=PLAIN):
        rows = [_measured(client, name, address) for name, address in _pages().items()]
    return Section(
        "P8: the admin",
        f"Milliseconds for a page of the admin, through Django's test client, over {size:,} videos, {size:,} runs,"
        f" {size // 10:,} channels, accounts and playlists each, {INSTANCES:,} instances and sources; {ROUNDS} times"
        " each. CPU: what Python and PostgreSQL worked for a page, whatever else the machine did.",
        ("page", "best (ms)", "median (ms)", "CPU (ms)"),
        rows,
    )


def _measured(client: Client, name: str, address: str) -> tuple[str, ...]:
    """Return the page's name, and milliseconds: by the clock (best, median), and that Python and PostgreSQL worked."""

    def ask() -> None:
        answer = client.get(address, secure=True)
        assert answer.status_code == 200, (address, answer.status_code)

    began = _worked()
    found = sorted(timings(ask, ROUNDS))
    cpu = (_worked() - began) * 1000 / (ROUNDS + 1)
    return name, *(f"{one:.0f}" for one in (found[0], found[len(found) // 2], cpu))


def _worked() -> float:
    """Return the seconds of processor time of this process and of its PostgreSQL: what others use doesn't count."""
    times = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return time.process_time() + times.user + times.system


def _pages() -> dict[str, str]:
    video = Video.objects.order_by("-pk")[0]
    words = ["cuisine", "jardin", "the", "x"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT word FROM ts_stat('SELECT document FROM {TABLES[VideoSearch]} LIMIT 1000')"
            " WHERE length(word) > 3 ORDER BY ndoc DESC, word"
        )
        words = [word for (word,) in cursor.fetchall()]
    common, rare = words[0], words[-1]
    runs, videos = reverse("admin:peertube_sync_syncrun_changelist"), reverse("admin:peertube_sync_video_changelist")
    asked = {
        "": {},
        ", page 100": {"p": 100},
        ", most viewed": {"o": "6"},
        ", least viewed": {"o": "-6"},
        ", shortest": {"o": "5"},
        ", available": {"availability": "available"},
        ", removed": {"availability": "removed"},
        ", hidden": {"availability": "hidden"},
        ", not in lists": {"availability": "delisted"},
        ", missing": {"availability": "missing"},
        ", without details": {"details": "no"},
        ", live": {"live": "yes"},
        ", sensitive": {"nsfw": "yes"},
        ", of an instance": {"instance__id__exact": video.instance_id},
        ", of an instance, sensitive": {"instance__id__exact": video.instance_id, "nsfw": "yes"},
        ", of a channel": {"channel__id__exact": video.channel_id},
        ", of a tag": {"tags__id__exact": Video.tags.through.objects.order_by("pk")[0].tag_id},
        ", a common word": {"q": common},
        ", a rare word": {"q": rare},
        ", two words": {"q": f"{common} {words[1]}"},
        ", no such word": {"q": "zzzzqqqq"},
        ", an address": {"q": f"https://{video.instance.host}/w/{video.short_uuid}"},
    }
    pages = {"overview": reverse("admin:app_list", args=["peertube_sync"])}
    pages |= {f"videos{name}": f"{videos}?{urlencode(query)}" for name, query in asked.items()}
    for model in (Channel, Account, Playlist):
        address = reverse(f"admin:peertube_sync_{model._meta.model_name}_changelist")
        plural = str(model._meta.verbose_name_plural)
        pages |= {
            plural: address,
            f"{plural}, a word": f"{address}?q=zzzz",
            f"{plural}, removed": f"{address}?availability=removed",
        }
    pages |= {
        "runs": runs,
        "runs, failed": f"{runs}?state__exact=failed",
        "runs, audits": f"{runs}?kind__exact=audit",
        "runs, of an instance": f"{runs}?instance__id__exact={video.instance_id}",
        "a run": reverse("admin:peertube_sync_syncrun_change", args=[SyncRun.objects.order_by("-pk")[0].pk]),
        "sources": reverse("admin:peertube_sync_source_changelist"),
        "instances": reverse("admin:peertube_sync_instance_changelist"),
        "a video": reverse("admin:peertube_sync_video_change", args=[video.pk]),
    }
    return pages


def fill(size: int) -> None:
    """Make the rows; a hundredth of the videos is removed, a thousandth sensitive, fewer are anything else."""
    statements = [
        "SET session_replication_role = replica",  # the documents are copied too: nothing to queue
        f"DROP INDEX {TABLES[VideoSearch]}_gin",  # made again below, which is much faster than filling it
        f"INSERT INTO {TABLES[Instance]} (host, {_others(Instance, 'host')})"
        f" SELECT 'copy-' || n || '.example', {_others(Instance, 'host')}"
        f" FROM {TABLES[Instance]}, generate_series(2, {INSTANCES}) n",
        f"INSERT INTO {TABLES[Source]} (instance_id, kind, name, rules, state, added_at, remote_total, excluded,"
        " last_error)"
        f" SELECT id, 'instance', '', '{{}}', 'active', now(), {size // INSTANCES}, 0, '' FROM {TABLES[Instance]}"
        f" WHERE id NOT IN (SELECT instance_id FROM {TABLES[Source]})",
        *(_actors(model, size // 10) for model in (Account, Channel)),
        f"INSERT INTO {TABLES[Playlist]} (uuid, instance_id, remote_id, owner_account_id, url, display_name,"
        " privacy_id, thumbnails, created_at, updated_at, first_seen_at, removed_reason)"
        f" SELECT gen_random_uuid(), a.instance_id, n, a.id, '', 'Playlist ' || n, 1, '[]', now(),"
        f" now() - n * interval '1 minute', now(), '' FROM generate_series(1, {size // 10}) n"
        f" JOIN {TABLES[Account]} a ON a.remote_id = 1000000 + n",
        _videos(size),
        f"INSERT INTO {TABLES[VideoSearch]} (video_id, published_at, document)"
        f" SELECT v.id, v.published_at, s.document FROM {TABLES[Video]} v"
        f" JOIN {TABLES[VideoSearch]} s ON s.video_id = (SELECT min(id) FROM {TABLES[Video]}) + v.remote_id % {VIDEOS}"
        " WHERE v.remote_id >= 1000000",
        f"CREATE INDEX {TABLES[VideoSearch]}_gin ON {TABLES[VideoSearch]} USING gin (document)",
        _runs(size),
        "SET session_replication_role = DEFAULT",
        "VACUUM ANALYZE",
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _others(model: type, *without: str) -> str:
    names = [one.column for one in model._meta.concrete_fields if one.column not in {"id", *without}]
    return ", ".join(names)


def _actors(model: type, number: int) -> str:
    """Copy one actor `number` times, over all instances; a channel's owner has its number."""
    own = {"instance_id", "name", "remote_id", "display_name", "owner_account_id"}
    rest, table = _others(model, *own), TABLES[model]
    owner, owned = (", owner_account_id", ", a.id") if model is Channel else ("", "")
    join = f" JOIN {TABLES[Account]} a ON a.remote_id = 1000000 + n" if model is Channel else ""
    return (
        f"INSERT INTO {table} (instance_id, name, remote_id, display_name{owner}, {rest})"
        f" SELECT i.id, 'name' || n, 1000000 + n, 'Somebody ' || n{owned}, {_of('one', model, *own)}"
        f" FROM generate_series(1, {number}) n{join}"
        f" JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM {TABLES[Instance]}) i"
        f" ON i.place = 1 + n % {INSTANCES}, (SELECT * FROM {table} LIMIT 1) one"
    )


def _of(alias: str, model: type, *without: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in _others(model, *without).split(", "))


def _videos(size: int) -> str:
    own = (
        *("instance_id", "channel_id", "account_id", "remote_id", "uuid", "published_at", "created_at", "views"),
        *("duration", "nsfw", "is_live", "removed_at", "delisted_at", "missing_since", "details_due_at"),
    )
    rare = (f"CASE WHEN n % {each} = 1 THEN now() END" for each in (100, 2_000, 20_000))
    return (
        f"INSERT INTO {TABLES[Video]} ({', '.join(own)}, {_others(Video, *own)})"
        " SELECT c.instance_id, c.id, c.owner_account_id, 1000000 + n, gen_random_uuid(),"
        " now() - n * interval '3 minutes', now() - n * interval '3 minutes', (random() ^ 20 * 1000000)::int,"
        f" (random() * 5000)::int, n % 1000 = 2, n % 20000 = 3, {', '.join(rare)}, NULL, {_of('v', Video, *own)}"
        f" FROM generate_series(1, {size}) n JOIN {TABLES[Channel]} c ON c.remote_id = 1000001 + n % {size // 10}"
        f" JOIN {TABLES[Video]} v ON v.id = (SELECT min(id) FROM {TABLES[Video]}) + n % {VIDEOS}"
    )


def _runs(size: int) -> str:
    return (
        f"INSERT INTO {TABLES[SyncRun]} (instance_id, source_id, kind, state, started_at, finished_at, created,"
        " updated, unchanged, restored, removed, excluded, skipped, requests, rate_limited, waited_seconds, cursor,"
        " error, result)"
        " SELECT s.instance_id, s.id, CASE WHEN n % 5000 = 0 THEN 'audit' WHEN n % 50 = 0 THEN 'sweep' ELSE 'head' END,"
        " CASE WHEN n % 10000 = 0 THEN 'failed' ELSE 'done' END, now() - n * interval '5 seconds', now(),"
        " n % 3, 0, 100, 0, 0, 0, 0, 1, 0, 0.2, '{}', '', '{}'"
        f" FROM generate_series(1, {size}) n"
        f" JOIN (SELECT id, instance_id, row_number() OVER (ORDER BY id) AS place FROM {TABLES[Source]}) s"
        f" ON s.place = 1 + n % {INSTANCES}"
    )
