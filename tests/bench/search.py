"""P5: what twenty searches cost while the table grows.

The words are taken from the catalogue by how many videos have them, so that there are common and rare ones. Copies
of all rows, as other instances, make the table grow; a word's share of the videos stays as it is.
"""

import itertools
from collections.abc import Iterator
from urllib.parse import urlencode

from django.db import connection
from django.test.utils import setup_test_environment

from peertube_sync.models import Instance, Video, VideoSearch
from tests.bench.reads import HOST, VIDEOS, ask, mirror, timings
from tests.bench.report import Section

SIZES = (21_000, 100_000, 1_000_000)
ROUNDS = 5


def section(sizes: tuple[int, ...] = SIZES) -> Section:
    """Measure at each size."""
    setup_test_environment()
    mirror(VIDEOS)
    queries = [f"/api/videos/?{urlencode(query)}" for query in _queries()]
    return Section(
        "P5: twenty searches while the table grows",
        "Milliseconds for an answer of `/api/videos/?q=…` with 20 highlighted results, over 20 queries (common and rare"
        f" words, two words, a phrase, a prefix, filters, facets), {ROUNDS} times each.",
        ("rows", "median", "p95", "slowest"),
        [_measured(size, queries) for size in sizes],
    )


def _measured(size: int, queries: list[str]) -> tuple[str, ...]:
    fill(size)
    found = sorted(itertools.chain.from_iterable(timings(lambda one=one: ask(one), ROUNDS) for one in queries))
    return (f"{size:,}", *(f"{found[int(len(found) * share) - 1]:.1f}" for share in (0.5, 0.95, 1)))


def _queries() -> Iterator[dict[str, str]]:
    """Yield twenty queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM ts_stat('SELECT document FROM peertube_sync_videosearch')"
            " WHERE length(word) > 3 ORDER BY ndoc DESC, word"
        )
        words = [word for (word,) in cursor.fetchall()]
    common, usual, rare = words[:4], words[len(words) // 10 :][:4], words[-4:]
    yield from ({"q": word} for word in (*common, *usual, *rare))
    yield {"q": f"{common[0]} {common[1]}"}
    yield {"q": f"{common[0]} {rare[0]}"}
    yield {"q": f'"{common[0]} {common[1]}"'}
    yield {"q": f"{usual[0]} -{common[0]}"}
    yield {"q": common[2][:3]}
    yield {"q": common[0], "language": "en"}
    yield {"q": common[0], "facets": "category,language,tag"}
    yield {"q": usual[1], "ordering": "-published_at"}


def fill(size: int) -> None:
    """Copy the rows of the mirrored instance, documents and tags apart, to others until there are `size`."""
    own = Video.objects.filter(instance__host=HOST).count()
    number = Instance.objects.count()
    wanted = round(size / own)
    others = Instance.objects.bulk_create(Instance(host=f"copy-{n}.example") for n in range(number, wanted))
    listed = ", ".join(
        one.column for one in Video._meta.concrete_fields if one.name not in {"id", "instance", "remote_id"}
    )
    documents = VideoSearch._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the documents are copied too: nothing to queue
        for other in others:
            cursor.execute(
                f"INSERT INTO peertube_sync_video (instance_id, remote_id, {listed}) SELECT %s, video.id, {listed}"
                " FROM peertube_sync_video video JOIN peertube_sync_instance home ON home.id = instance_id"
                " WHERE home.host = %s",
                [other.pk, HOST],
            )
            cursor.execute(
                f"INSERT INTO {documents} (video_id, document) SELECT copy.id, document FROM {documents}"
                " JOIN peertube_sync_video copy ON copy.remote_id = video_id AND copy.instance_id = %s",
                [other.pk],
            )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
