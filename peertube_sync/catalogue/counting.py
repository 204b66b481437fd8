"""How many rows there are, at a bounded cost: counted up to a bound, beyond it as many as the database expects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import QuerySet


@dataclass(frozen=True)
class Count:
    """A number of rows: `exact`, else an estimate, or, where the database has none, the `least` that there are."""

    number: int
    exact: bool = True
    least: bool = False


def count(rows: QuerySet[Any], bound: int) -> Count:
    """Count `rows`, at the most `bound` of them."""
    counted = rows.order_by().values("pk")[: bound + 1].count()
    if counted <= bound:
        return Count(counted)
    expected = estimate(rows)
    return Count(max(counted, expected), exact=False, least=expected <= counted)


def estimate(rows: QuerySet[Any]) -> int:
    """Return how many rows PostgreSQL expects, by its statistics; 0 on SQLite, which doesn't tell."""
    if connections[rows.db].vendor != "postgresql":
        return 0
    sql, params = rows.order_by().values("pk").query.get_compiler(rows.db).as_sql()
    return planned(sql, params, rows.db)


def planned(sql: str, params: Sequence[Any], database: str) -> int:
    """Return of how many rows a statement is planned; on PostgreSQL alone."""
    with connections[database].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT json) {sql}", params)
        ((explained,),) = cursor.fetchone()
    return int(explained["Plan"]["Plan Rows"])
