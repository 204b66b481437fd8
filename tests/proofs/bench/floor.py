"""The floor: what answers with our bytes cost at the least. A bare WSGI function over ready texts, without a framework.

`gunicorn tests.proofs.bench.floor:application` serves the addresses of our API and of PeerTube's that the bench asks
for, with DATABASE_URL for its one connection. Each answer is one SQL statement, which selects texts that
`floor_tables` has filled, by the same conditions, in the same order and from the same place as ours, joined within the
same envelope. A total, as with ours, is counted once a second at the most.
"""

import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote

import msgspec
import psycopg

SHAPES = ("ours", "peertubes")
PARTS = ("row", "whole")
"""Of lists, and of answers with one row alone."""
KEPT = 1.0
"""Seconds for which a total is kept, by ours too."""
STAYS = "r.instance_id NOT IN (SELECT l.instance_id FROM peertube_sync_leaving l WHERE l.whole)"
ACTOR = f"r.removed_at IS NULL AND NOT r.private AND {STAYS}"
PLAYLIST = f"r.removed_at IS NULL AND r.privacy_id = 1 AND NOT r.double AND {STAYS}"
VIDEO = f"""
    r.removed_at IS NULL AND r.privacy_id = 1 AND NOT r.double
    AND (
        r.instance_id NOT IN (SELECT l.instance_id FROM peertube_sync_leaving l)
        OR ({STAYS} AND r.id NOT IN (SELECT o.video_id FROM peertube_sync_leavingvideo o))
    )
    AND r.id NOT IN (SELECT c.video_id FROM peertube_sync_curation c WHERE c.hidden)
"""
"""In the form that costs PostgreSQL the least when it skips many rows: tables that are nearly empty, hashed once."""
BY_UUID = "r.uuid = %s"
BY_HANDLE = "r.name = %s AND r.instance_id = (SELECT i.id FROM peertube_sync_instance i WHERE i.host = %s)"


@dataclass(frozen=True)
class Kind:
    """Rows of one table: which of them lists show and which may be asked for, and in which order lists have them."""

    name: str
    listed: str
    single: str
    by: str
    order: str
    """The column by which our lists are sorted, with a minus for descending."""
    peertubes: str = "coalesce(r.created_at, r.first_seen_at)"
    """What PeerTube's are sorted by, always descending."""

    @property
    def down(self) -> bool:
        return self.order.startswith("-")

    @property
    def column(self) -> str:
        return f"r.{self.order.removeprefix('-')}"

    def texts(self, shape: str, part: str) -> str:
        """Name the table of the ready texts of one shape and part."""
        return f"bench_floor_{self.name}_{shape}_{part}"

    def listing(self, place: str, order: str, direction: str, shape: str) -> str:
        """Select a page of texts: first the keys, which indexes have, then the texts of these alone."""
        return (
            f"SELECT t.text, p.at, p.id FROM (SELECT r.id, {order} AS at FROM peertube_sync_{self.name} r"
            f" WHERE {self.listed} {place.format(order=order)}) p JOIN {self.texts(shape, 'row')} t USING (id)"
            f" ORDER BY p.at {direction}, p.id {direction}"
        )


KINDS = {
    "videos": Kind(
        "video", f"{VIDEO} AND r.delisted_at IS NULL", VIDEO, BY_UUID, "-published_at", peertubes="r.published_at"
    ),
    "channels": Kind("channel", ACTOR, ACTOR, BY_HANDLE, "name"),
    "accounts": Kind("account", ACTOR, ACTOR, BY_HANDLE, "name"),
    "playlists": Kind("playlist", PLAYLIST, PLAYLIST, BY_UUID, "-updated_at", peertubes="r.created_at"),
}
KINDS |= {"video-channels": KINDS["channels"], "video-playlists": KINDS["playlists"]}
"""By the word in addresses, ours and PeerTube's."""
SINGLE = "SELECT t.text FROM peertube_sync_{kind.name} r JOIN {table} t USING (id) WHERE {kind.single} AND {kind.by}"

_totals: dict[str, tuple[float, int]] = {}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a question for a list or a single row."""
    parts = environ["PATH_INFO"].strip("/").split("/")[1:]
    shape = SHAPES[parts[0] == "v1"]
    kind, name = KINDS[parts[parts[0] == "v1"]], parts[(parts[0] == "v1") + 1 :]
    if name:
        body = _single(kind, shape, name[0])
    else:
        asked = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
        body = _ours(kind, asked, environ) if shape == "ours" else _peertubes(kind, asked)
    told = body.encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(told)))])
    return [told]


@cache
def connection() -> psycopg.Connection[Any]:
    """Return the connection that is kept."""
    kept = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    kept.execute("SET TIME ZONE 'UTC'")
    return kept


def _single(kind: Kind, shape: str, name: str) -> str:
    sql = SINGLE.format(kind=kind, table=kind.texts(shape, "whole"))
    text: str = connection().execute(sql, name.split("@")).fetchall()[0][0]
    return text


def _ours(kind: Kind, asked: dict[str, str], environ: dict[str, Any]) -> str:
    """Return a page after a cursor, and the addresses beside it."""
    size, place, params = int(asked["page_size"]), "", []
    direction, sign = ("DESC", "<") if kind.down else ("ASC", ">")
    if "cursor" in asked:
        _order, _backwards, value, pk = msgspec.json.decode(urlsafe_b64decode(asked["cursor"]))
        place, params = f"AND ({{order}}, r.id) {sign} (%s, %s)", [value, pk]
    place += f" ORDER BY {{order}} {direction}, r.id {direction} LIMIT %s"
    sql = kind.listing(place, kind.column, direction, "ours")
    rows = connection().execute(sql, [*params, size + 1]).fetchall()
    shown = rows[:size]

    def address(row: Any, *, backwards: bool) -> str:
        value = row[1] if isinstance(row[1], str) else row[1].isoformat()
        cursor = urlsafe_b64encode(msgspec.json.encode([kind.order, backwards, value, row[2]])).decode()
        home = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
        return f'"{home}?cursor={quote(cursor)}&page_size={size}"'

    following = address(shown[-1], backwards=False) if len(rows) > size else "null"
    previous = address(shown[0], backwards=True) if params else "null"
    return f'{{"next":{following},"previous":{previous},"results":[{",".join([row[0] for row in shown])}]}}'


def _peertubes(kind: Kind, asked: dict[str, str]) -> str:
    """Return a page from a number on, and how many there are."""
    place = " ORDER BY {order} DESC, r.id DESC LIMIT %s OFFSET %s"
    sql = kind.listing(place, kind.peertubes, "DESC", "peertubes")
    rows = connection().execute(sql, [int(asked["count"]), int(asked.get("start", 0))]).fetchall()
    return f'{{"total":{_total(kind)},"data":[{",".join([row[0] for row in rows])}]}}'


def _total(kind: Kind) -> int:
    at, number = _totals.get(kind.name, (0.0, 0))
    if time.monotonic() - at > KEPT:
        sql = f"SELECT count(*) FROM peertube_sync_{kind.name} r WHERE {kind.listed}"
        at, number = time.monotonic(), connection().execute(sql).fetchall()[0][0]
        _totals[kind.name] = at, number
    return number
