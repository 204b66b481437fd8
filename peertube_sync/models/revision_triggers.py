"""The triggers that raise the revision of the catalogue, on all tables of which lists and single rows show something.

Made after every `migrate`, as those of the search are. While tables change there are none, and no revision either, so
that nothing is taken for unchanged then.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from hashlib import blake2b
from secrets import randbelow
from typing import Any

from django.db import connections, models, transaction

from peertube_sync.models.actors import Account, Channel
from peertube_sync.models.curation import Curation
from peertube_sync.models.instance import FormerHost, Instance
from peertube_sync.models.leaving import Leaving, LeavingVideo
from peertube_sync.models.optout import OptOut
from peertube_sync.models.playlist import Playlist, PlaylistElement
from peertube_sync.models.revision import Revision
from peertube_sync.models.search import NewestSearch, VideoSearch
from peertube_sync.models.site_look import SiteLook
from peertube_sync.models.triggers import changes_tables, columns_there, execute, is_there, sqlite_trigger
from peertube_sync.models.video import Caption, Chapter, Tag, Transcript, Video
from peertube_sync.models.vocabulary import NameKey

COUNTER = Revision._meta.db_table
STEP, REVISED = f"{COUNTER}_step", f"{COUNTER}_revised"
"""Functions of PostgreSQL: what raises the revision, and what does so when a statement added or deleted rows."""
LARGEST_STEP = 2**24
"""The largest step. Steps are random: after a rollback, or in a restored backup, another change gets another one."""
EVENTS = ("INSERT", "DELETE", "UPDATE")
MERGED = 100
"""Rows after which all that are there are made one, so that their sum is read at once."""
BEGIN = 2**60
"""Below this is where the revision begins after each `migrate`: far from all that it was before."""

SEEN: Mapping[type[models.Model], Collection[str]] = {Instance: ("host", "scheme", "name"), SiteLook: ("snapshot",)}
"""Columns of which an update counts, where most are written all the time and not shown."""
UNSEEN: Mapping[type[models.Model], Collection[str]] = {
    Video: ("details_due_at", "captions_due_at", "missing_since", "scrubbed_at"),
    Channel: ("details_due_at", "scrubbed_at"),
    Account: ("details_due_at", "scrubbed_at"),
    Playlist: ("elements_due_at", "scrubbed_at"),
}
"""Columns of which it doesn't, of tables where all others do."""
ANYWAY: tuple[type[models.Model], ...] = (VideoSearch, NewestSearch)
"""Tables of which every update counts: to compare documents would cost more."""
TABLES: tuple[Any, ...] = (
    *(Video, Video.tags.through, Tag, Caption, Chapter, Transcript, Channel, Account, Playlist, PlaylistElement),
    *(Curation, Leaving, LeavingVideo, OptOut, Instance, FormerHost, NameKey, SiteLook, *ANYWAY),
)


@dataclass(frozen=True)
class Watched:
    """A table with its primary key, and the `columns` of which an update counts: without any, every update does."""

    table: str
    key: str
    columns: tuple[str, ...]

    def trigger(self, event: str) -> str:
        """Return the name of its trigger for an event."""
        return f"{self.table}_revised_{event.lower()}"

    def of(self, row: str) -> str:
        """Return the columns as those of `row`."""
        return ", ".join(f"{row}.{column}" for column in self.columns)


def watched(model: Any) -> Watched:
    """Return how the table of `model` is watched."""
    meta, unseen = model._meta, UNSEEN.get(model, ())
    (key,) = (field.column for field in meta.concrete_fields if field.primary_key)
    seen = SEEN.get(model) or [field.column for field in meta.concrete_fields if field.column not in unseen]
    return Watched(meta.db_table, key, () if model in ANYWAY else tuple(seen))


WATCHED = [watched(model) for model in TABLES]


def postgresql_statements(tables: Collection[Watched]) -> Iterator[str]:
    """Yield the statements for PostgreSQL, where a trigger sees all rows that a statement has changed.

    Rows that another transaction is merging are left out, not waited for.
    """
    step = f"INSERT INTO {COUNTER} (number) VALUES (1 + floor(random() * {LARGEST_STEP})::bigint)"  # noqa: S608 - our own names
    free = f"SELECT id FROM {COUNTER} FOR UPDATE SKIP LOCKED"  # noqa: S608 - our own names
    merge = (
        f"WITH merged AS (DELETE FROM {COUNTER} WHERE id IN ({free}) RETURNING number) "  # noqa: S608 - our own names
        f"INSERT INTO {COUNTER} (number) SELECT sum(number) FROM merged HAVING count(*) > 0"
    )
    yield (
        f"CREATE OR REPLACE FUNCTION {STEP}() RETURNS void LANGUAGE plpgsql AS $$DECLARE made bigint; "
        f"BEGIN {step} RETURNING id INTO made; IF made % {MERGED} = 0 THEN {merge}; END IF; END$$"
    )
    yield _function(REVISED, "changed")
    for table in tables:
        update = REVISED
        if table.columns:
            update = f"{table.table}_revised"
            differing = f"({table.of('changed')}) IS DISTINCT FROM ({table.of('before')})"
            yield _function(
                update, f"changed JOIN before ON before.{table.key} = changed.{table.key} WHERE {differing}"
            )
        yield from _trigger(table, "INSERT", "NEW TABLE AS changed", REVISED)
        yield from _trigger(table, "DELETE", "OLD TABLE AS changed", REVISED)
        yield from _trigger(table, "UPDATE", "OLD TABLE AS before NEW TABLE AS changed", update)


def _function(name: str, rows: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN IF EXISTS (SELECT FROM {rows}) THEN PERFORM {STEP}(); END IF; RETURN NULL; END$$"
    )


def _trigger(table: Watched, event: str, rows: str, function: str) -> Iterator[str]:
    yield (
        f"CREATE OR REPLACE TRIGGER {table.trigger(event)} AFTER {event} ON {table.table} "
        f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


def sqlite_statements(tables: Collection[Watched]) -> Iterator[str]:
    """Yield the statements for SQLite, which knows triggers for single rows alone."""
    step = f"UPDATE {COUNTER} SET number = number + 1 + (random() & {LARGEST_STEP - 1})"  # noqa: S608 - our own names
    for table in tables:
        for event in EVENTS:
            columns = table.columns if event == "UPDATE" else ()
            yield from sqlite_trigger(table.trigger(event), event, table.table, columns, step)


STATEMENTS = {"postgresql": postgresql_statements, "sqlite": sqlite_statements}
"""By the vendor of the database."""


def drop_triggers(using: str, plan: Any = (), **_kwargs: Any) -> None:
    """Drop the triggers, and forget the revision, before tables change, if any do; receives Django's `pre_migrate`.

    On SQLite a table that a trigger names can't be copied; on PostgreSQL its function may name a column that goes.
    """
    vendor = connections[using].vendor
    if not changes_tables(plan) or vendor not in STATEMENTS or not is_there(using, Revision):
        return
    functions = (REVISED, *(f"{table.table}_revised" for table in WATCHED), STEP)
    triggers = (table.trigger(event) for table in WATCHED for event in EVENTS)
    with transaction.atomic(using=using):
        Revision.objects.using(using).all().delete()
        if vendor == "sqlite":
            execute(using, (f"DROP TRIGGER IF EXISTS {name}" for name in triggers))
        else:
            execute(using, (f"DROP FUNCTION IF EXISTS {name}() CASCADE" for name in functions))


def install_triggers(using: str, **_kwargs: Any) -> None:
    """Make the triggers in the database `using`, if it keeps videos, and begin a revision; receives `post_migrate`.

    Triggers that exist aren't made again, since that would wait for all writers; otherwise each table is locked by
    itself. A table that was migrated back to before some column, or to before itself, gets it when it is migrated
    forward again.
    """
    vendor = connections[using].vendor
    if vendor not in STATEMENTS or not is_there(using, Revision):
        return
    if not _is_made(using, WATCHED):
        tables, there = [], connections[using].introspection.table_names()
        for table in (one for one in WATCHED if one.table in there):
            held = columns_there(using, table.table)
            tables.append(replace(table, columns=tuple(column for column in table.columns if column in held)))
        statements = list(STATEMENTS[vendor](tables))
        if vendor == "postgresql":  # it remembers what it has
            statements.append(f"COMMENT ON FUNCTION {STEP}() IS '{_signature(tables)}'")
        with transaction.atomic(using=using) if vendor == "sqlite" else nullcontext():
            execute(using, statements)
    with transaction.atomic(using=using):
        Revision.objects.using(using).all().delete()
        Revision.objects.using(using).create(number=randbelow(BEGIN))


def _is_made(using: str, tables: Collection[Watched]) -> bool:
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT obj_description(to_regprocedure(%s), 'pg_proc')", [f"{STEP}()"])
            return bool(cursor.fetchone() == (_signature(tables),))
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
        existing = {sql for (sql,) in cursor.fetchall()}
    return existing.issuperset(statement for statement in sqlite_statements(tables) if statement.startswith("CREATE"))


def _signature(tables: Collection[Watched]) -> str:
    return blake2b("".join(postgresql_statements(tables)).encode(), digest_size=16).hexdigest()
