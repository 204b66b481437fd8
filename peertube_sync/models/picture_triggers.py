"""The triggers that mark pictures whose rows went, or may have another picture: whoever changed them, and however."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connections

from peertube_sync.models.actors import Account, Channel
from peertube_sync.models.instance import Instance
from peertube_sync.models.picture import Picture
from peertube_sync.models.picture_shapes import (
    ACCOUNT_AVATAR,
    CHANNEL_AVATAR,
    CHANNEL_BANNER,
    INSTANCE_AVATAR,
    INSTANCE_BANNER,
    PLAYLIST,
    VIDEO,
)
from peertube_sync.models.playlist import Playlist
from peertube_sync.models.triggers import changes_tables, execute, is_there, postgresql_trigger, sqlite_trigger
from peertube_sync.models.video import Video

PICTURES = Picture._meta.db_table
WATCHED: Mapping[type[Any], tuple[tuple[str, ...], tuple[str, ...]]] = {
    Video: ((VIDEO,), ("removed_at", "privacy_id", "instance_id", "thumbnails", "preview_path", "thumbnail_path")),
    Playlist: ((PLAYLIST,), ("removed_at", "privacy_id", "instance_id", "thumbnails", "thumbnail_path")),
    Channel: ((CHANNEL_AVATAR, CHANNEL_BANNER), ("removed_at", "private", "instance_id", "avatars", "banners")),
    Account: ((ACCOUNT_AVATAR,), ("removed_at", "private", "instance_id", "avatars")),
    Instance: ((INSTANCE_AVATAR, INSTANCE_BANNER), ("config", "host")),
}
"""The pictures of rows, and the columns of which a change may mean that they go."""


def _triggers(changed: str) -> Iterator[tuple[str, str, str, tuple[str, ...], str]]:
    """Yield name, event, table, columns and action of each trigger.

    `changed` selects the keys of rows that were deleted; of an update there is one.
    """
    for model, (pictures, columns) in WATCHED.items():
        table, listed = model._meta.db_table, ", ".join(f"'{of}'" for of in pictures)
        mark = f'UPDATE {PICTURES} SET stale = true WHERE "of" IN ({listed}) AND row_id IN'  # noqa: S608 - our own names
        yield f"{table}_pictures_update", "UPDATE", table, columns, f"{mark} (OLD.id)"
        yield f"{table}_pictures_delete", "DELETE", table, (), f"{mark} ({changed})"


def postgresql_statements() -> Iterator[str]:
    for name, event, table, columns, action in _triggers("SELECT id FROM changed"):
        yield from postgresql_trigger(name, event, table, columns, row="OLD", action=action)


def sqlite_statements() -> Iterator[str]:
    for mark in _triggers("OLD.id"):
        yield from sqlite_trigger(*mark)


STATEMENTS = {"postgresql": postgresql_statements, "sqlite": sqlite_statements}
"""By the vendor of the database."""


def drop_triggers(using: str, plan: Any = (), **_kwargs: Any) -> None:
    """Drop the triggers before tables change, if any do; receives Django's `pre_migrate`.

    On SQLite a table that a trigger names can't be copied; on PostgreSQL they name one that an older version lacks.
    """
    vendor = connections[using].vendor
    if not changes_tables(plan) or vendor not in STATEMENTS or not is_there(using, Picture):
        return
    names = [name for name, *_rest in _triggers("OLD.id")]
    if vendor == "sqlite":
        execute(using, (f"DROP TRIGGER IF EXISTS {name}" for name in names))
    else:
        execute(using, (f"DROP FUNCTION IF EXISTS {name} CASCADE" for name in names))


def install_triggers(using: str, **_kwargs: Any) -> None:
    """Make the triggers in the database `using`, if it keeps pictures; receives Django's `post_migrate`."""
    vendor = connections[using].vendor
    if vendor in STATEMENTS and is_there(using, Picture):
        execute(using, STATEMENTS[vendor]())
