"""What the search needs of the database beside tables: the queue's triggers, and the indexes of the documents.

`MARKS` lists the triggers. On PostgreSQL the indexes are GIN: raw SQL makes them (`postgresql_statements`), one for
each of the two tables of documents, named `<table>_gin`. On SQLite the FTS5 table is the index.

Made again after every `migrate`, so that neither a later version nor a table that Django copies and drops on SQLite
can leave it out of date.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction

from peertube_sync.models.actors import Account, Channel
from peertube_sync.models.curation import Curation
from peertube_sync.models.instance import Instance
from peertube_sync.models.search import FTS, NewestSearch, SearchDue, VideoSearch
from peertube_sync.models.triggers import (
    changes_tables,
    columns_there,
    execute,
    is_there,
    postgresql_trigger,
    sqlite_trigger,
)
from peertube_sync.models.video import Transcript, Video

VIDEO, INSTANCE, CHANNEL, ACCOUNT, CURATION, TAGS, TRANSCRIPTS, DUE, DOCUMENTS, NEWEST = (
    model._meta.db_table
    for model in (
        Video,
        Instance,
        Channel,
        Account,
        Curation,
        Video.tags.through,
        Transcript,
        SearchDue,
        VideoSearch,
        NewestSearch,
    )
)
WEIGHTS = "10.0, 4.0, 2.0, 1.0"
"""The weights of name, tags, channel and account, other texts; near the 1, 0.4, 0.2, 0.1 of PostgreSQL."""


COLUMNS = tuple(
    """
    name description truncated_description instance_id channel_id account_id category_id licence_id language_id nsfw
    is_live published_at privacy_id removed_at delisted_at double
    """.split()  # noqa: SIM905 - easier to read
)
"""The columns of a video that its document is made of, and those that decide whether there is one."""


@dataclass(frozen=True)
class Mark:
    """A change of `table` after which the documents of `videos` are out of date; of an update these `columns` count.

    `videos` gives their keys: for an inserted or deleted row its column, for a changed one a query.
    """

    table: str
    event: str
    videos: str
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.table}_search_{self.event.lower()}"

    @property
    def row(self) -> str:
        """The database's word for a row that is new, or for one that was."""
        return "OLD" if self.event == "DELETE" else "NEW"

    @property
    def action(self) -> str:
        """The statement that the trigger runs for one row."""
        videos = self.videos if self.columns else f"VALUES ({self.row}.{self.videos})"
        return f"INSERT INTO {DUE} (video_id) {videos}"

    @property
    def action_for_all(self) -> str:
        """The statement that the trigger runs for all rows of a statement, which are in the table `changed`."""
        return f"INSERT INTO {DUE} (video_id) SELECT DISTINCT {self.videos} FROM changed"  # noqa: S608 - our own names


MARKS = (
    Mark(VIDEO, "INSERT", "id"),
    Mark(VIDEO, "UPDATE", "VALUES (NEW.id)", COLUMNS),
    Mark(VIDEO, "DELETE", "id"),
    Mark(TAGS, "INSERT", "video_id"),
    Mark(TAGS, "DELETE", "video_id"),
    Mark(INSTANCE, "UPDATE", f"SELECT id FROM {VIDEO} WHERE instance_id = NEW.id", ("host",)),  # noqa: S608 - our own names
    Mark(CHANNEL, "UPDATE", f"SELECT id FROM {VIDEO} WHERE channel_id = NEW.id", ("name", "display_name")),  # noqa: S608 - our own names
    Mark(ACCOUNT, "UPDATE", f"SELECT id FROM {VIDEO} WHERE account_id = NEW.id", ("name", "display_name")),  # noqa: S608 - our own names
    Mark(CURATION, "INSERT", "video_id"),
    Mark(
        CURATION,
        "UPDATE",
        "SELECT NEW.video_id UNION SELECT OLD.video_id",
        ("title", "text", "hidden", "video_id"),
    ),
    Mark(CURATION, "DELETE", "video_id"),
    Mark(TRANSCRIPTS, "INSERT", "video_id"),
    Mark(TRANSCRIPTS, "UPDATE", "VALUES (NEW.video_id)", ("folded",)),
    Mark(TRANSCRIPTS, "DELETE", "video_id"),
)


def postgresql_statements() -> Iterator[str]:
    for table in (DOCUMENTS, NEWEST):
        yield f"CREATE INDEX IF NOT EXISTS {table}_gin ON {table} USING gin (document)"
    for mark in MARKS:
        action = mark.action if mark.columns else mark.action_for_all
        yield from postgresql_trigger(mark.name, mark.event, mark.table, mark.columns, row=mark.row, action=action)


def sqlite_statements() -> Iterator[str]:
    """Yield the statements for SQLite; the FTS5 table keeps no texts of its own, and is written by triggers alone."""
    tokenizer = "unicode61 remove_diacritics 0 categories ''L* M* N*''"
    yield (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {FTS} USING fts5"
        f"(name, tags, actors, texts, content = '', prefix = '3 4', tokenize = '{tokenizer}')"
    )
    yield f"INSERT INTO {FTS} ({FTS}, rank) VALUES ('rank', 'bm25({WEIGHTS})')"  # noqa: S608 - our own names
    old, new = (", ".join(f"json_extract({row}.document, '$[{n}]')" for n in range(4)) for row in ("OLD", "NEW"))
    forget = f"INSERT INTO {FTS} ({FTS}, rowid, name, tags, actors, texts) VALUES ('delete', OLD.video_id, {old})"  # noqa: S608
    learn = f"INSERT INTO {FTS} (rowid, name, tags, actors, texts) VALUES (NEW.video_id, {new})"  # noqa: S608
    for event, actions in {"INSERT": learn, "DELETE": forget, "UPDATE": f"{forget}; {learn}"}.items():
        yield from sqlite_trigger(f"{DOCUMENTS}_{event.lower()}", event, DOCUMENTS, (), actions)
    for mark in MARKS:
        yield from sqlite_trigger(mark.name, mark.event, mark.table, mark.columns, mark.action)


STATEMENTS = {"postgresql": postgresql_statements, "sqlite": sqlite_statements}
"""By the vendor of the database."""


def drop_triggers(using: str, plan: Any = (), **_kwargs: Any) -> None:
    """Drop the triggers before tables of SQLite change, if any do; receives Django's `pre_migrate`.

    Django copies a table to change it, and SQLite lets no table take the name of one that a trigger still names.
    """
    if changes_tables(plan) and connections[using].vendor == "sqlite":
        execute(using, (f"DROP TRIGGER IF EXISTS {mark.name}" for mark in MARKS))


def install_triggers(using: str, **_kwargs: Any) -> None:
    """Make what is missing in the database `using`, if it keeps videos; receives Django's `post_migrate`.

    A table that was migrated back to before one of COLUMNS gets it when it is migrated forward again.
    """
    vendor = connections[using].vendor
    if vendor not in STATEMENTS or not is_there(using, VideoSearch):
        return
    with transaction.atomic(using=using):
        if columns_there(using, VIDEO).issuperset(COLUMNS):
            execute(using, STATEMENTS[vendor]())
