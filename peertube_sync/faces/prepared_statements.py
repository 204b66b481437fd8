"""Statements that PostgreSQL plans once for a connection: to plan a list takes it longer than to read some of its rows.

They are prepared by SQL, in the message that carries them out, when they come for the fifth time. That needs a
connection of one's own. Where Django is told that a pooler gives each transaction another one
(`DISABLE_SERVER_SIDE_CURSORS`), nothing is prepared; where it isn't told, a statement that is missing or there already
shows it, and nothing more is prepared on that connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

FROM = 5
"""The use of a statement for which it is prepared: what is asked once isn't worth it."""
MOST_PREPARED = 64
"""Statements that are prepared on a connection, each of which takes PostgreSQL some 200 kB."""

ONE_PLAN = "SET LOCAL plan_cache_mode = force_generic_plan"
"""Has PostgreSQL plan a statement once: it would plan anew what it takes for cheaper with the values known."""

_uses: "WeakKeyDictionary[Any, dict[str, int] | None]" = WeakKeyDictionary()
"""How often a driver's connection has carried out which SQL; None where nothing is to be prepared."""


@dataclass(frozen=True)
class StatementSQL:
    """The SQL that carries out a statement; what is to be carried out before its transaction, and first within."""

    sql: str
    before: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


def carried_out(connection: Any, sql: str, params: Sequence[Any]) -> StatementSQL:
    """Return what carries out `sql`; `connection` is Django's, and connected, `sql` as Django's cursors take it."""
    write = connection.ops.compose_sql
    uses = _uses.setdefault(connection.connection, {})
    pooled = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    if pooled or uses is None or not _has_room(uses, sql):
        return StatementSQL(write(sql, params))
    uses[sql] = uses.get(sql, 0) + 1
    if uses[sql] < FROM:
        return StatementSQL(write(sql, params))
    name, places = _name_of_statement(sql), ", ".join(["%s"] * len(params))
    return StatementSQL(
        write(f"EXECUTE {name} ({places})", params) if params else f"EXECUTE {name}",
        before=(_preparation(sql, len(params)),) if uses[sql] == FROM else (),
        settings=(ONE_PLAN,),
    )


@lru_cache(maxsize=4 * MOST_PREPARED)
def _name_of_statement(sql: str) -> str:
    return f"peertube_sync_{blake2b(sql.encode(), digest_size=8).hexdigest()}"


def _preparation(sql: str, params: int) -> str:
    numbered = sql % tuple(f"${number}" for number in range(1, params + 1))
    return f"PREPARE {_name_of_statement(sql)} AS {numbered}"


def _has_room(uses: dict[str, int], sql: str) -> bool:
    """Tell whether a statement may be counted; those that came seldom are forgotten for it."""
    if sql not in uses and len(uses) >= MOST_PREPARED:
        for seldom in [other for other, number in uses.items() if number < FROM]:
            del uses[seldom]
    return sql in uses or len(uses) < MOST_PREPARED


def give_up(connection: Any) -> bool:
    """Prepare nothing more on a connection; tells whether anything had been."""
    uses = _uses.get(connection.connection) if connection.connection else None
    if uses is None or max(uses.values(), default=0) < FROM:
        return False
    _uses[connection.connection] = None
    return True
