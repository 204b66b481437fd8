"""Answers put together of parts that were made when the rows changed, and of what is read each time.

A `Part` is some keys of a table, written by `ingest/answers.py`. A `Layout` is a whole table: it knows which of its
keys come out of parts, and reads the others itself: what moves at nearly every look, and whose a row is. A row of which
a part lacks, since it has just changed, is read as a whole by `Answers`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from django.db import connections, router
from django.db.models import QuerySet

from peertube_sync import __version__
from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.answer_plan import AnswerPlan, Related, Table
from peertube_sync.ingest.answers import KINDS
from peertube_sync.models import AnswerDue, AnswerPart, Kind
from peertube_sync.models.base import Row

SHAPE = 3
"""Counts how often keys came to be made in another way without being called otherwise: then all parts are made anew."""

Texts = Mapping[int, Mapping[int, bytes]]
"""Texts of parts, by form, then by row."""

PARTS, QUEUE = AnswerPart._meta.db_table, AnswerDue._meta.db_table


def encode(value: Any) -> bytes:
    """Write JSON as all faces do: times in ISO 8601 with Z, uuids in their long form."""
    return msgspec.json.encode(value, enc_hook=str)


class Part:
    """Those `keys` of what `table` returns, made of the rows of `kind` that `rows` selects.

    All three may depend on what the site wants of sensitive videos. `besides` tells what else the texts depend on,
    which neither the version nor the keys show.
    """

    def __init__(
        self,
        kind: Kind,
        name: str,
        keys: Iterable[str],
        table: Callable[[], Table],
        rows: Callable[[], QuerySet[Any]],
        *,
        besides: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        self.kind, self.name, self.keys = kind, name, tuple(keys)
        self._table, self._rows, self._besides = table, rows, besides
        self._forms: dict[tuple[str, ...], int] = {}

    @property
    def form(self) -> int:
        """What tells this part, as this version makes it for this site, from all others."""
        depends_on = (visibility.nsfw_policy(), *self._besides())
        if depends_on not in self._forms:
            identity = encode([__version__, SHAPE, self.name, self.keys, *depends_on])
            number = int.from_bytes(blake2b(identity, digest_size=3).digest(), "big")
            self._forms[depends_on] = number * KINDS + self.kind
        return self._forms[depends_on]

    def texts(self, keys: Collection[int]) -> dict[int, str]:
        """Return the texts made of the rows with `keys`, by key."""
        whole = self._table()
        others = [key.removeprefix("*") for key in whole if key not in self.keys]
        plan = AnswerPlan({key: whole[key] for key in self.keys}, others=others)
        rows = list(plan.fetch(self._rows().filter(pk__in=keys), "pk"))
        answers = zip(rows, plan.answers(rows), strict=True)
        return {row["pk"]: encode(answer)[1:-1].decode() for row, answer in answers}


class Layout:
    """How the answer that `table` declares is put together; `columns` are those to be read of each row.

    `parts` have keys that follow each other in `table`. `related` has the layouts of rows that belong to a row, by key,
    as functions of the prefix by which these are reached.
    """

    def __init__(
        self,
        table: Table,
        parts: Sequence[Part],
        related: Mapping[str, Callable[[str], "Layout"]] | None = None,
        prefix: str = "",
    ) -> None:
        self._pk = f"{prefix}pk"
        self._groups = tuple(_groups(table, parts, related or {}, prefix))
        read = (name for group in self._groups for name in group.columns)
        self.columns: tuple[str, ...] = tuple(dict.fromkeys([self._pk, *read]))

    def bodies(self, rows: Sequence[Row], using: str | None = None) -> list[bytes | None]:
        """Return the answers of `rows`, which have `columns`; None for one of which a part lacks."""
        wanted: dict[int, set[int]] = {}
        self._want(rows, wanted)
        return self._written(rows, _read(wanted, using or router.db_for_read(AnswerPart)))

    def _want(self, rows: Sequence[Row], wanted: dict[int, set[int]]) -> None:
        for group in self._groups:
            group.want(rows, wanted)

    def _written(self, rows: Sequence[Row], texts: Texts) -> list[bytes | None]:
        pieces = zip(*(group.written(rows, texts) for group in self._groups), strict=True)
        return [None if None in row else b"{%b}" % b",".join(filter(None, row)) for row in pieces]


class Answers:
    """Whole answers: put together by `layout`, where a part lacks made by `plan` of those of `whole` that are meant.

    What is `given` are no columns, but stands in the rows that are answered with.
    """

    def __init__(
        self, layout: Layout, plan: AnswerPlan, whole: Callable[[], QuerySet[Any]], given: Collection[str] = ()
    ) -> None:
        self._layout, self._plan, self._whole, self._given = layout, plan, whole, given
        self.columns = layout.columns

    def of(self, rows: Sequence[Row]) -> list[Any]:
        """Return the answers of `rows`, which have `columns`, but for those that have just gone; as JSON knows them."""
        bodies = self._layout.bodies(rows)
        lacking = {row["pk"]: row for row, body in zip(rows, bodies, strict=True) if body is None}
        read = self._read(lacking) if lacking else {}
        answers = (msgspec.Raw(body) if body else read.get(row["pk"]) for row, body in zip(rows, bodies, strict=True))
        return [answer for answer in answers if answer is not None]

    def _read(self, rows: Mapping[int, Row]) -> dict[int, object]:
        columns = [name for name in self._plan.columns if name not in self._given]
        found = self._whole().filter(pk__in=rows).order_by().values(*dict.fromkeys(["pk", *columns]))
        return {row["pk"]: self._plan.answer({**rows[row["pk"]], **row}) for row in found}


class _StoredKeys:
    """One part of an answer, which is kept as text under the key of its row."""

    def __init__(self, part: Part, pk: str) -> None:
        self.part, self._pk, self.columns = part, pk, (pk,)

    def want(self, rows: Sequence[Row], wanted: dict[int, set[int]]) -> None:
        wanted.setdefault(self.part.form, set()).update(row[self._pk] for row in rows)

    def written(self, rows: Sequence[Row], texts: Texts) -> list[bytes | None]:
        there, pk = texts.get(self.part.form, {}), self._pk
        return [there.get(row[pk]) for row in rows]


class _ComputedKeys:
    """Keys that are made of the row each time."""

    def __init__(self, table: Table, prefix: str) -> None:
        self._plan = AnswerPlan(table, prefix)
        self.columns = self._plan.columns

    def want(self, rows: Sequence[Row], wanted: dict[int, set[int]]) -> None:
        pass

    def written(self, rows: Sequence[Row], _texts: Texts) -> list[bytes]:
        return [encode(answer)[1:-1] for answer in self._plan.answers(rows)]


class _RelatedRow:
    """A row that belongs to others, mostly to several of a page."""

    def __init__(self, key: str, pk: str, layout: Layout) -> None:
        self._key, self._pk, self._layout = encode(key), pk, layout
        self.columns = layout.columns

    def want(self, rows: Sequence[Row], wanted: dict[int, set[int]]) -> None:
        self._layout._want(self._distinct_rows(rows), wanted)

    def written(self, rows: Sequence[Row], texts: Texts) -> list[bytes | None]:
        each = self._distinct_rows(rows)
        bodies = dict(zip((row[self._pk] for row in each), self._layout._written(each, texts), strict=True))
        texts_by_pk = {pk: None if body is None else b"%b:%b" % (self._key, body) for pk, body in bodies.items()}
        texts_by_pk[None] = b"%b:null" % self._key
        return [texts_by_pk[row[self._pk]] for row in rows]

    def _distinct_rows(self, rows: Sequence[Row]) -> list[Row]:
        """Return one of the rows for each that belongs to some."""
        return [row for pk, row in {row[self._pk]: row for row in rows}.items() if pk is not None]


def _groups(
    table: Table, parts: Sequence[Part], related: Mapping[str, Callable[[str], Layout]], prefix: str
) -> Iterator[_StoredKeys | _ComputedKeys | _RelatedRow]:
    """Yield what writes the keys of `table`, in their order."""
    owner = {key: part for part in parts for key in part.keys}
    live: dict[str, Any] = {}
    begun: list[Part] = []
    for key, source in table.items():
        part = owner.get(key)
        if part is None and key not in related:
            live[key] = source
            continue
        if live:
            yield _ComputedKeys(live, prefix)
            live = {}
        if isinstance(source, Related) and key in related:
            way = f"{prefix}{source.way}__"
            yield _RelatedRow(key, f"{way}pk", related[key](way))
        elif part and part not in begun:
            begun.append(part)
            yield _StoredKeys(part, f"{prefix}pk")
    if live:
        yield _ComputedKeys(live, prefix)


def _read(wanted: Mapping[int, Collection[int]], using: str) -> Texts:
    """Return the texts that are there and count, in one query.

    A row in the queue is told of in the same query, so that no text is older than what puts it there.
    """
    connection = connections[using]
    found: dict[int, dict[int, bytes]] = {form: {} for form, keys in wanted.items() if keys}
    if connection.vendor not in STATEMENTS or not found:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(*STATEMENTS[connection.vendor]({form: wanted[form] for form in found}))
        for form, key, text in cursor.fetchall():
            if form >= 0:
                found[form][key] = text.encode()
            else:
                _forget(found, Kind(-form), key)
    return found


def _forget(found: Mapping[int, dict[int, bytes]], kind: Kind, key: int) -> None:
    for form, texts in found.items():
        if form % KINDS == kind:
            texts.pop(key, None)


def _postgresql(wanted: Mapping[int, Collection[int]]) -> tuple[str, list[str]]:
    """Name rows by arrays to join with: of `= ANY(array)`, PostgreSQL would estimate each number while it plans."""
    forms = [form for form, keys in wanted.items() for _key in keys]
    rows = [key for keys in wanted.values() for key in keys]
    sql = (
        "SELECT form, row_id, text FROM unnest(%s::integer[], %s::bigint[]) AS wanted (form, row_id)"  # noqa: S608 - our names
        f" JOIN {PARTS} USING (form, row_id)"
        " UNION ALL SELECT -kind, row_id, NULL FROM unnest(%s::bigint[]) AS wanted (row_id)"
        f" JOIN {QUEUE} USING (row_id)"
    )
    return sql, [f"{{{','.join(map(str, numbers))}}}" for numbers in (forms, rows, {*rows})]


def _sqlite(wanted: Mapping[int, Collection[int]]) -> tuple[str, list[object]]:
    """Name rows by lists in JSON, since it has bounds for the number of values."""
    among = "row_id IN (SELECT value FROM json_each(%s))"
    parts = [f"SELECT form, row_id, text FROM {PARTS} WHERE form = %s AND {among}"] * len(wanted)  # noqa: S608 - same
    sql = " UNION ALL ".join([*parts, f"SELECT -kind, row_id, NULL FROM {QUEUE} WHERE {among}"])  # noqa: S608 - same
    params = [value for form, keys in wanted.items() for value in (form, encode([*keys]).decode())]
    return sql, [*params, encode([*set().union(*wanted.values())]).decode()]


STATEMENTS: dict[str, Callable[[Mapping[int, Collection[int]]], tuple[str, list[Any]]]] = {
    "postgresql": _postgresql,
    "sqlite": _sqlite,
}
"""What writes the statement that reads parts, with its parameters, by the vendor of the database."""
