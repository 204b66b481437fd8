"""Answers put together of parts that were made when the rows changed, and of what is read each time.

A `Part` is some keys of a table, written by `ingest/answers.py`. A `Layout` is a whole table: it knows which of its
keys come out of parts, and reads the others itself: what moves at nearly every look, and whose a row is. A row without
one of its parts, since it has just changed, is read in full by `Answers`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from operator import itemgetter
from typing import Any

import msgspec
from django.db.models import F, Func, QuerySet, TextField

from peertube_sync import __version__
from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.answer_plan import AnswerPlan, Column, Related, Table
from peertube_sync.catalogue.prepared_queries import ChosenColumns
from peertube_sync.ingest.answers import KINDS
from peertube_sync.models import AnswerDue, AnswerPart, Kind
from peertube_sync.models.base import Row

SHAPE = 4
"""Counts how often keys came to be made in another way without being called otherwise: then all parts are made anew."""


def encode(value: Any) -> bytes:
    """Write JSON as all interfaces do: times in ISO 8601 with Z, uuids in their long form."""
    return _ENCODER.encode(value)


_ENCODER = msgspec.json.Encoder(enc_hook=str)


Besides = Callable[[], tuple[str, ...]]
"""Tells what else texts depend on."""


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
        besides: Besides = tuple,
    ) -> None:
        self.kind, self.name, self.keys = kind, name, tuple(keys)
        self._table, self._rows, self.besides = table, rows, besides
        self._forms: dict[tuple[str, ...], int] = {}

    @property
    def form(self) -> int:
        """The name of this part, as this version makes it for this site."""
        depends_on = (visibility.nsfw_policy(), *self.besides())
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
        rows: Sequence[Row] = ChosenColumns(self._rows, plan.columns).among(keys)
        answers = zip(rows, plan.answers(rows), strict=True)
        return {row["pk"]: encode(answer)[1:-1].decode() for row, answer in answers}


@dataclass(frozen=True)
class StoredText:
    """The text of a part, as a column `name` of the rows that it belongs to by the key `pk`; NULL where it is missing.

    So it does where the row is in the queue. Both are read by the statement that reads the row, so that no text is
    older than what puts it there. While the queue is empty, it isn't looked into for each row.
    """

    name: str
    pk: str
    form: int

    @property
    def expression(self) -> Func:
        return Func(F(self.pk), template=TEXT, form=self.form, kind=self.form % KINDS, output_field=TextField())


TEXT = f"""(
    SELECT p.text FROM {AnswerPart._meta.db_table} p
    WHERE p.form = %(form)d AND p.row_id = %(expressions)s AND (
        NOT EXISTS (SELECT 1 FROM {AnswerDue._meta.db_table})
        OR NOT EXISTS (
            SELECT 1 FROM {AnswerDue._meta.db_table} q WHERE q.kind = %(kind)d AND q.row_id = p.row_id
        )
    )
)"""  # noqa: S608 - our names
"""The expression that reads a text. Written here, since Django takes longer to write it than a database to carry it
out."""


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
        self.besides: tuple[Besides, ...] = tuple({besides for group in self._groups for besides in group.besides})
        self._columns: dict[tuple[Any, ...], tuple[Column, ...]] = {}

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns to be read; kept, as to find out the form of each part takes as long as to read rows."""
        depend_on = (visibility.nsfw_policy(), *(besides() for besides in self.besides))
        if depend_on not in self._columns:
            read = (column for group in self._groups for column in group.columns)
            self._columns[depend_on] = tuple(dict.fromkeys([self._pk, *read]))
        return self._columns[depend_on]

    def bodies(self, rows: Sequence[Row]) -> list[bytes | None]:
        """Return the answers of `rows`, which have `columns`; None for a row without one of its parts."""
        first, *others = (group.written(rows) for group in self._groups)
        if not others:
            return [text and b"{%b}" % text for text in first]
        pieces = zip(first, *others, strict=True)
        return [None if None in row else b"{%b}" % b",".join(filter(None, row)) for row in pieces]


class Answers:
    """Whole answers: put together by `layout`; where a part is missing, made by `plan` from the row in `whole`.

    Values of `given` are no columns; they stand in the rows that are answered with.
    """

    def __init__(
        self, layout: Layout, plan: AnswerPlan, whole: Callable[[], QuerySet[Any]], given: Collection[str] = ()
    ) -> None:
        self._layout, self._plan, self._whole, self._given = layout, plan, whole, given

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._layout.columns

    def of(self, rows: Sequence[Row]) -> list[Any]:
        """Return the answers of `rows`, which have `columns`, as JSON knows them.

        Rows that have just been deleted are left out.
        """
        bodies = self._layout.bodies(rows)
        lacking = {row["pk"]: row for row, body in zip(rows, bodies, strict=True) if body is None}
        read = self._read(lacking) if lacking else {}
        answers = (msgspec.Raw(body) if body else read.get(row["pk"]) for row, body in zip(rows, bodies, strict=True))
        return [answer for answer in answers if answer is not None]

    def _read(self, rows: Mapping[int, Row]) -> dict[int, object]:
        columns = tuple(name for name in self._plan.columns if name not in self._given)
        read: Sequence[Row] = ChosenColumns(self._whole, columns).among(rows)
        return {row["pk"]: self._plan.answer({**rows[row["pk"]], **row}) for row in read}


class _StoredKeys:
    """One part of an answer, which is kept as text under the key of its row."""

    def __init__(self, part: Part, pk: str) -> None:
        self._part, self._pk, self._name = part, pk, f"{part.name} {pk}".replace(" ", "_")
        self.besides = (part.besides,)

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._pk, StoredText(self._name, self._pk, self._part.form)

    def written(self, rows: Sequence[Row]) -> list[bytes | None]:
        texts = map(itemgetter(self._name), rows)
        return [None if text is None else text.encode() for text in texts]


class _ComputedKeys:
    """Keys that are made of the row each time; of no columns, once for all rows."""

    besides: tuple[Besides, ...] = ()

    def __init__(self, table: Table, prefix: str) -> None:
        self._plan = AnswerPlan(table, prefix)
        self.columns: tuple[Column, ...] = self._plan.columns

    def written(self, rows: Sequence[Row]) -> list[bytes]:
        if not self.columns:
            return [encode(self._plan.answer({}))[1:-1]] * len(rows)
        return [line[1:-1] for line in _ENCODER.encode_lines(self._plan.answers(rows)).splitlines()]


class _RelatedRow:
    """A row that belongs to others, mostly to several of a page."""

    def __init__(self, key: str, pk: str, layout: Layout) -> None:
        self._key, self._pk, self._layout = encode(key), pk, layout
        self.besides = layout.besides

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._layout.columns

    def written(self, rows: Sequence[Row]) -> list[bytes | None]:
        each = {row[self._pk]: row for row in rows}
        each.pop(None, None)
        bodies = zip(each, self._layout.bodies([*each.values()]), strict=True)
        texts = {pk: None if body is None else b"%b:%b" % (self._key, body) for pk, body in bodies}
        texts[None] = b"%b:null" % self._key
        return [texts[row[self._pk]] for row in rows]


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
