"""Writing what answers need of rows that triggers put into the queue: parts, names of files, words of names.

What parts there are is declared by those who answer (`declared_in`); nothing here knows what a part says. One process
at a time writes, and reads what parts are made of after it has taken the queue's entries, in the same transaction: a
change that it doesn't see yet still has an entry of its own, which keeps the part from being used.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from importlib import import_module
from math import inf
from typing import Protocol

import msgspec
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from peertube_sync.ingest.file_names import write_file_names
from peertube_sync.ingest.name_keys import write_name_keys
from peertube_sync.ingest.search_documents import may_write, take_oldest
from peertube_sync.models import AnswerDue, AnswerForm, AnswerPart, Kind
from peertube_sync.models.answer_triggers import MODELS

BATCH = 200
"""Entries of the queue per transaction."""
KINDS = 16
"""A form tells its kind by the remainder of a division by this."""
OVERLAP = timedelta(hours=1)
"""For how long two versions, or processes with other settings, may write parts side by side."""
VENDORS = ("postgresql", "sqlite")
"""Databases that have the triggers."""


class WritablePart(Protocol):
    """Some keys of the answers that are made of one kind of row."""

    @property
    def form(self) -> int:
        """What is unique to this part as it is made now; divided by `KINDS`, its kind remains."""

    def texts(self, keys: Collection[int]) -> Mapping[int, str]:
        """Return the texts made of the rows with `keys`, by key; none of what isn't public."""


_modules: list[str] = []


def declared_in(*modules: str) -> None:
    """Add modules whose `PARTS` are to be written; they are imported when something is written first."""
    _modules.extend(modules)
    _parts_by_kind.cache_clear()


def write_answers(most: float = inf) -> int:
    """Write the parts of all rows in the queue, or of about so many, in small transactions; returns of how many rows.

    Where another process is at it, the rest is left to that.
    """
    if connection.vendor not in VENDORS:
        return 0
    forms = {part.form for parts in _parts_by_kind().values() for part in parts}
    with transaction.atomic():
        new = _unmade(forms)
        if new and may_write(DUE):
            rows = [AnswerForm(form=form, made_at=timezone.now()) for form in sorted(new)]
            AnswerForm.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["form"], update_fields=["made_at"]
            )
            queue_all_answers(sorted({Kind(form % KINDS) for form in new}))
    written = 0
    while written < most and AnswerDue.objects.exists() and (number := _write_batch()) is not None:
        written += number
    return written


def _unmade(forms: Collection[int]) -> set[int]:
    """Return those of `forms` that all rows of their kind need: a new version's or setting's, or one that came back.

    One came back where another took its place, and nobody has made that for a while: two versions that run side by
    side during an update don't undo each other's parts again and again.
    """
    made_at = dict(AnswerForm.objects.values_list("form", "made_at"))
    calm = timezone.now() - OVERLAP
    others = sorted((at, form % KINDS) for form, at in made_at.items() if form not in forms and at < calm)
    since = {kind: at for at, kind in others}
    return {form for form in forms if form not in made_at or since.get(form % KINDS, made_at[form]) > made_at[form]}


def queue_all_answers(kinds: Iterable[Kind] = Kind) -> None:
    """Put every row of `kinds` into the queue."""
    with connection.cursor() as cursor:
        for kind in kinds:
            rows = MODELS[kind]._meta.db_table
            cursor.execute(f"INSERT INTO {DUE} (kind, row_id) SELECT %s, id FROM {rows} ORDER BY id", [kind.value])  # noqa: S608


DUE = AnswerDue._meta.db_table


@lru_cache(maxsize=1)
def _parts_by_kind() -> Mapping[Kind, list[WritablePart]]:
    parts: dict[Kind, list[WritablePart]] = {kind: [] for kind in Kind}
    for module in _modules:
        for part in import_module(module).PARTS:
            parts[Kind(part.form % KINDS)].append(part)
    return parts


@transaction.atomic
def _write_batch() -> int | None:
    """Take the oldest entries out of the queue and write the parts of their rows; None where another is at it."""
    if not may_write(DUE):
        return None
    due: dict[Kind, set[int]] = defaultdict(set)
    for kind, key in take_oldest(AnswerDue, BATCH, "kind", "row_id"):
        due[Kind(kind)].add(key)
    for kind, keys in due.items():
        texts = {part.form: part.texts(keys) for part in _parts_by_kind()[kind]}
        _write_parts([(form, key, text) for form in texts for key, text in texts[form].items()])
        old = ~Q(form__in=texts)  # parts of other versions, and of rows that have none any more, as they aren't public
        for form, written in texts.items():
            if gone := keys - written.keys():
                old |= Q(form=form, row_id__in=gone)
        AnswerPart.objects.alias(kind=F("form") % KINDS).filter(old, row_id__in=keys, kind=kind).delete()
        write_file_names(kind, keys)
        write_name_keys(kind, keys)
    return sum(map(len, due.values()))


PARTS_IN = {
    "postgresql": "SELECT (part ->> 0)::integer, (part ->> 1)::bigint, part ->> 2 FROM json_array_elements(%s) AS part",
    "sqlite": "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')"
    " FROM json_each(%s) WHERE true",  # the last two words tell SQLite that what follows is no condition of a join
}
"""What reads parts out of JSON, by the vendor of the database."""


def _write_parts(parts: Sequence[tuple[int, int, str]]) -> None:
    """Write parts, each of which is its form, the key of its row, and its text.

    All are one value, in JSON: texts are full of quotes, and `bulk_create` makes elements of an array of them, which
    psycopg takes longer to write than the database to read JSON.
    """
    columns = f"INSERT INTO {AnswerPart._meta.db_table} (form, row_id, text)"
    newer = "ON CONFLICT (row_id, form) DO UPDATE SET text = excluded.text"
    with connection.cursor() as cursor:
        cursor.execute(f"{columns} {PARTS_IN[connection.vendor]} {newer}", [msgspec.json.encode(parts).decode()])
