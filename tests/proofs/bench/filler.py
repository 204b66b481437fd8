"""A large catalogue, made up and written in bulk: what lists and searches go through is as in real ones.

Words are as frequent as in any language (Zipf), and so are channels, tags and languages; times of publication are
in no order. Documents are those of `ingest/search_documents.py`, from the same function.
"""

import itertools
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from peertube_sync.client.constants import CATEGORIES, LICENCES
from peertube_sync.ingest import search_documents
from peertube_sync.ingest.vocabulary import count_words
from peertube_sync.models import Account, Channel, Instance, Source, Tag, Video, VideoSearch
from peertube_sync.models.folding import words
from peertube_sync.models.search import Document
from peertube_sync.models.search_triggers import DOCUMENTS, MARKS, install_triggers
from peertube_sync.models.search_triggers import NEWEST as COPIES

VOCABULARY = 50_000
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiouáéíóúü"
LANGUAGES = {"en": 400, "fr": 250, "de": 150, "es": 100, "it": 50, "ja": 40, "eo": 8, "oc": 2}
INSTANCES, CHANNELS, TAGS = 200, 5_000, 5_000
NEWEST = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 8 * 365 * 24 * 60
BATCH = 10_000
NAME = 6
"""Words of a title."""
TEXT = (3.4, 0.8)
"""Mu and sigma of the logarithm of a description's number of words: 30 in the middle, 100 in the upper tenth."""


def word(rank: int) -> str:
    """Return the word that is the `rank`th in frequency."""
    code, made = (rank * 40_503 + 7) % 2**20, ""
    while code or len(made) < 4:
        code, consonant = divmod(code, len(CONSONANTS))
        code, vowel = divmod(code, len(VOWELS))
        made += CONSONANTS[consonant] + VOWELS[vowel]
    return made


def fill(videos: int) -> None:
    """Empty the database, and fill it with so many videos and their documents."""
    call_command("flush", interactive=False, verbosity=0)
    _make_actors()
    made = _videos(videos)
    _run(*UNDRESS[connection.vendor])
    while rows := list(itertools.islice(made, BATCH)):
        with transaction.atomic():
            _write(rows)
    _run(*COPY[connection.vendor])
    install_triggers(using="default")
    _run(*DRESS[connection.vendor])


def _make_actors() -> None:
    homes = Instance.objects.bulk_create(Instance(host=f"home-{n}.example") for n in range(INSTANCES))
    Source.objects.bulk_create(Source(instance=home) for home in homes)
    told = [
        {"instance": homes[n % INSTANCES], "name": f"{word(n)}_{n}", "remote_id": n, "display_name": word(n).title()}
        for n in range(CHANNELS)
    ]
    accounts = Account.objects.bulk_create(Account(url=f"https://a/{n}", **one) for n, one in enumerate(told))
    Channel.objects.bulk_create(
        Channel(url=f"https://c/{n}", owner_account=accounts[n], **one) for n, one in enumerate(told)
    )
    Tag.objects.bulk_create(Tag(name=f"{word(n)} {word(n + 1)}") for n in range(TAGS))


def _videos(number: int) -> Iterator[tuple[Video, Document, list[int]]]:
    """Make videos with their documents and the keys of their tags; the same for the same number."""
    random, spelt = Random(1), [word(rank) for rank in range(1, VOCABULARY)]
    folded = {one: words(one)[0] for one in spelt}
    weights = [*itertools.accumulate(1 / (rank + 2) for rank in range(len(spelt)))]
    channels = list(Channel.objects.select_related("instance", "owner_account").order_by("pk"))
    tags = list(Tag.objects.order_by("pk"))
    languages, shares = [*LANGUAGES, None], [*LANGUAGES.values(), 50]
    now = timezone.now()
    for pk in range(1, number + 1):
        said = random.choices(spelt, cum_weights=weights, k=NAME + min(400, int(random.lognormvariate(*TEXT))))
        name, text = said[:NAME], said[NAME:]
        channel = channels[int(CHANNELS * random.random() ** 2)]
        tagged = {tags[int(TAGS * random.random() ** 3)] for _ in range(random.choice((0, 1, 2, 3, 5)))}
        published = NEWEST - timedelta(minutes=random.randrange(MINUTES))
        category, licence = random.randrange(1, 19), random.randrange(1, 8)
        video = Video(
            pk=pk,
            instance_id=channel.instance_id,
            channel=channel,
            account_id=channel.owner_account_id,
            remote_id=pk,
            uuid=UUID(int=random.getrandbits(128), version=4),
            url=f"https://{channel.instance.host}/videos/watch/{pk}",
            name=" ".join(name).capitalize(),
            category_id=category,
            category_label=CATEGORIES[category],
            licence_id=licence,
            licence_label=LICENCES[licence],
            language_id=random.choices(languages, shares)[0],
            truncated_description=" ".join(text)[:250],
            description=" ".join(text),
            duration=random.randrange(20, 5_400),
            views=int(40 * random.paretovariate(0.7)) % 200_000,
            created_at=published,
            updated_at=published,
            published_at=published,
            first_seen_at=now,
            details_fetched_at=now,
        )
        yield (
            video,
            _document(video, channel, [folded[one] for one in said], sorted(one.name for one in tagged)),
            [one.pk for one in tagged],
        )


def _document(video: Video, channel: Channel, said: list[str], tags: list[str]) -> Document:
    row = {name: getattr(video, name) for name in ("category_id", "licence_id", "language_id", "nsfw", "is_live")}
    row["instance__host"] = channel.instance.host
    for actor in ("channel", "account"):
        row |= {f"{actor}__name": channel.name, f"{actor}__instance__host": channel.instance.host}
    actors = words(f"{channel.name} {channel.display_name}")
    return Document(said[:NAME], words(" ".join(tags)), actors, said[NAME:], search_documents.document_facts(row, tags))


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


UNDRESS = {
    "postgresql": ("SET session_replication_role = replica", f"DROP INDEX {DOCUMENTS}_gin, {COPIES}_gin"),
    "sqlite": tuple(f"DROP TRIGGER {mark.name}" for mark in MARKS),
}
"""What costs more row by row than at once: triggers, and indexes of words; `install_triggers` makes them again."""
NEWEST_OF_ALL = (
    f"SELECT video_id FROM {DOCUMENTS} ORDER BY published_at DESC, video_id DESC LIMIT {search_documents.NEWEST}"
)
COPY = {
    "postgresql": (
        f"INSERT INTO {COPIES} (video_id, published_at, document) SELECT video_id, published_at, document"
        f" FROM {DOCUMENTS} WHERE video_id IN ({NEWEST_OF_ALL}) ORDER BY video_id",
    ),
    "sqlite": (),
}
"""What copies the documents of the newest: a site that grows forgets older ones again and again."""
DRESS = {"postgresql": ("SET session_replication_role = DEFAULT", "VACUUM ANALYZE"), "sqlite": ("ANALYZE",)}


def _write(made: Sequence[tuple[Video, Document, list[int]]]) -> None:
    link = Video.tags.through
    _insert(Video, [video for video, _document, _tags in made])
    _insert(link, [link(video_id=video.pk, tag_id=tag) for video, _document, tags in made for tag in tags])
    documents = [
        VideoSearch(video=one, published_at=one.published_at, document=document, said=_said(one, document))
        for one, document, _tags in made
    ]
    _insert(VideoSearch, documents)
    count_words((), [one.said for one in documents])


def _said(video: Video, document: Document) -> str:
    return "\n".join([video.language_id or "", *(" ".join(part) for part in document[:3])])


def _insert(model: Any, rows: list[Any]) -> None:
    """Write rows as PostgreSQL does it fastest, and as Django does elsewhere."""
    if connection.vendor != "postgresql":
        model.objects.bulk_create(rows)
        return
    fields = [one for one in model._meta.concrete_fields if not (one.primary_key and rows[0].pk is None)]
    listed = ", ".join(one.column for one in fields)
    with connection.cursor() as cursor, cursor.copy(f"COPY {model._meta.db_table} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_plain(one.get_db_prep_save(getattr(row, one.attname), connection)) for one in fields])


def _plain(value: Any) -> Any:
    """Unwrap what Django wraps for statements with placeholders."""
    return json.dumps(value.obj) if isinstance(value, Jsonb) else value
