"""The triggers that put rows into the queue of those whose parts of answers are out of date."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connections

from peertube_sync.models.actors import Account, Channel
from peertube_sync.models.answer import AnswerDue, AnswerForm, AnswerPart, Kind
from peertube_sync.models.curation import Curation
from peertube_sync.models.instance import Instance
from peertube_sync.models.leaving import LeavingVideo
from peertube_sync.models.playlist import Playlist
from peertube_sync.models.triggers import (
    changes_tables,
    columns_there,
    execute,
    is_there,
    postgresql_trigger,
    sqlite_trigger,
)
from peertube_sync.models.video import Caption, Chapter, Video

DUE = AnswerDue._meta.db_table
VIDEOS = Video._meta.db_table

LIVE = {
    Video: ("views", "viewers", "likes", "dislikes", "comments", "downloads", "channel_id", "account_id"),
    Channel: (),
    Account: (),
    Playlist: (),
}
"""Columns that answers read themselves, each time: what moves at nearly every look, and whose a video is."""
INNER = frozenset(
    """
    id details_due_at captions_due_at elements_due_at missing_since scrubbed_at removed_reason
    """.split()  # noqa: SIM905 - easier to read
)
"""Columns that no answer shows."""
LISTED = ("removed_at", "delisted_at", "privacy_id", "double", "nsfw", "published_at", "channel_id", "account_id")
"""Columns of a video that decide whether its channel and account count it, and what their parts say about it."""


@dataclass(frozen=True)
class AnswerMark:
    """A change of `table` that makes parts of `kind` out of date; of an update these `columns` count.

    `column` of the changed rows has their keys, or selects them where `through` is a statement that takes what it has.
    Meant are the rows as they are now, or with `old`, and of a deletion, as they were.
    """

    kind: Kind
    table: str
    event: str
    column: str = "id"
    through: str = "{}"
    columns: tuple[str, ...] = ()
    old: bool = False

    @property
    def name(self) -> str:
        return f"{self.table}_{self.kind.name.lower()}_{'old_' if self.old else ''}{self.event.lower()}"

    def action(self, changed: str) -> str:
        """Return what the trigger does, where the changed rows are in `changed`."""
        rows = self.through.format(f"SELECT {self.column} FROM {changed}")  # noqa: S608 - our own names
        return f"INSERT INTO {DUE} (kind, row_id) SELECT DISTINCT {self.kind.value}, found.* FROM ({rows}) AS found"  # noqa: S608

    @property
    def version(self) -> str:
        """Which of the two rows of a change is meant."""
        return "OLD" if self.old or self.event == "DELETE" else "NEW"


def _columns_of_parts(model: type[Any]) -> tuple[str, ...]:
    """Return the columns that parts are made of."""
    return tuple(field.column for field in model._meta.concrete_fields if field.column not in INNER.union(LIVE[model]))


def _counting(kind: Kind, column: str) -> Iterator[AnswerMark]:
    """Yield the marks after which the videos of those that `column` of a video names are to be counted anew."""
    yield from (AnswerMark(kind, VIDEOS, event, column) for event in ("INSERT", "DELETE"))
    yield AnswerMark(kind, VIDEOS, "UPDATE", column, columns=LISTED)
    yield AnswerMark(kind, VIDEOS, "UPDATE", column, columns=(column,), old=True)
    through = f"SELECT {column} FROM {VIDEOS} WHERE id IN ({{}})"  # noqa: S608 - our own names
    for model, columns in ((Curation, ("hidden", "video_id")), (LeavingVideo, ("video_id",))):
        table = model._meta.db_table
        yield from (AnswerMark(kind, table, event, "video_id", through) for event in ("INSERT", "DELETE"))
        yield AnswerMark(kind, table, "UPDATE", "video_id", through, columns)
        yield AnswerMark(kind, table, "UPDATE", "video_id", through, ("video_id",), old=True)


OWNERS: tuple[tuple[Kind, type[Any], str], ...] = (
    (Kind.CHANNEL, Account, "owner_account_id"),
    (Kind.CHANNEL_LISTED, Account, "owner_account_id"),
    (Kind.PLAYLIST, Account, "owner_account_id"),
    (Kind.PLAYLIST, Channel, "video_channel_id"),
)
"""Rows whose parts include the actor that a column names, too. An actor has few of these, but many videos."""

MODELS: Mapping[Kind, type[Any]] = {
    Kind.VIDEO: Video,
    Kind.CHANNEL: Channel,
    Kind.ACCOUNT: Account,
    Kind.PLAYLIST: Playlist,
    Kind.CHANNEL_LISTED: Channel,
    Kind.ACCOUNT_LISTED: Account,
}
"""The rows that each kind of part is made of."""


def _marks() -> Iterator[AnswerMark]:
    for kind, model in MODELS.items():
        table = model._meta.db_table
        yield from (AnswerMark(kind, table, event) for event in ("INSERT", "DELETE"))
        yield AnswerMark(kind, table, "UPDATE", columns=_columns_of_parts(model))
        through = f"SELECT id FROM {table} WHERE instance_id IN ({{}})"  # noqa: S608 - our own names
        yield AnswerMark(kind, Instance._meta.db_table, "UPDATE", through=through, columns=("host", "scheme"))
    for told_with_video in (Video.tags.through, Caption, Chapter, Curation):
        table = told_with_video._meta.db_table
        yield from (AnswerMark(Kind.VIDEO, table, event, "video_id") for event in ("INSERT", "UPDATE", "DELETE"))
        yield AnswerMark(Kind.VIDEO, table, "UPDATE", "video_id", columns=("video_id",), old=True)
    for kind, owner, column in OWNERS:
        through = f"SELECT id FROM {MODELS[kind]._meta.db_table} WHERE {column} IN ({{}})"  # noqa: S608 - our own names
        yield AnswerMark(kind, owner._meta.db_table, "UPDATE", through=through, columns=_columns_of_parts(owner))
    yield from _counting(Kind.CHANNEL_LISTED, "channel_id")
    yield from _counting(Kind.ACCOUNT_LISTED, "account_id")


MARKS = tuple(_marks())


def postgresql_statements() -> Iterator[str]:
    for mark in MARKS:
        changed = f"(SELECT {mark.version}.*) AS changed" if mark.columns else "changed"
        action = mark.action(changed)
        yield from postgresql_trigger(mark.name, mark.event, mark.table, mark.columns, row=mark.version, action=action)


def sqlite_statements() -> Iterator[str]:
    """Yield the statements for SQLite, whose triggers see one row at a time."""
    for mark in MARKS:
        changed = f"(SELECT {mark.version}.{mark.column} AS {mark.column})"
        yield from sqlite_trigger(mark.name, mark.event, mark.table, mark.columns, mark.action(changed))


STATEMENTS = {"postgresql": postgresql_statements, "sqlite": sqlite_statements}
"""By the vendor of the database."""


def drop_triggers(using: str, plan: Any = (), **_kwargs: Any) -> None:
    """Drop the triggers, and all parts, before tables of SQLite change, if any do; receives Django's `pre_migrate`.

    SQLite can't copy a table that a trigger names. On PostgreSQL they stay: a version with other columns has other
    parts too.
    """
    if changes_tables(plan) and connections[using].vendor == "sqlite" and is_there(using, AnswerDue):
        execute(using, (f"DROP TRIGGER IF EXISTS {mark.name}" for mark in MARKS))
        for model in (AnswerPart, AnswerForm):
            model.objects.using(using).all().delete()


def install_triggers(using: str, **_kwargs: Any) -> None:
    """Make the triggers in the database `using`, if it keeps videos; receives Django's `post_migrate`."""
    vendor = connections[using].vendor
    if vendor not in STATEMENTS or not is_there(using, AnswerDue):
        return
    if all(
        columns_there(using, model._meta.db_table).issuperset(_columns_of_parts(model)) for model in MODELS.values()
    ):
        execute(using, STATEMENTS[vendor]())
