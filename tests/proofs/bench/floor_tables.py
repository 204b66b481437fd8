"""The ready texts of the floor: the very bytes of our own answers, row by row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection

from peertube_sync.models import Account, Channel, Playlist, Video
from tests.proofs.bench.floor import KINDS, PARTS, SHAPES, Kind

PAGE = 100
INLINE = 8_160
"""Bytes up to which PostgreSQL keeps a text as it is beside its key; to read it from elsewhere would cost more."""
OURS = {"videos": Video, "channels": Channel, "accounts": Account, "playlists": Playlist}
PEERTUBES = {"videos": "videos", "channels": "video-channels", "accounts": "accounts", "playlists": "video-playlists"}
"""Words in PeerTube's addresses, by those in ours."""
Ask = Callable[[str], bytes]


class Named(msgspec.Struct):
    """What tells which row a text is of."""

    uuid: str = ""
    name: str = ""
    host: str = ""


class Listed(msgspec.Struct):
    """A page of either shape."""

    next: str | None = None
    results: list[msgspec.Raw] = []
    data: list[msgspec.Raw] = []


def fill(ask: Ask, single: Mapping[str, Sequence[str]]) -> None:
    """Make all tables from what `ask` answers; whole answers of `single` rows, names by kind, alone."""
    drop()
    for word, model in OURS.items():
        kind, keys = KINDS[word], _keys(model)
        shapes = {"ours": (_walked(ask, word), f"/api/{word}/{{}}/")}
        shapes["peertubes"] = (_counted(ask, word), f"/api/v1/{PEERTUBES[word]}/{{}}")
        for shape, (texts, address) in shapes.items():
            _write(kind, shape, "row", [(keys[_name(text)], text) for text in texts])
            whole = [(keys[name], ask(address.format(name))) for name in single.get(word, ())]
            _write(kind, shape, "whole", whole)


def drop() -> None:
    """Take all tables away."""
    listed = [KINDS[word].texts(shape, part) for word in OURS for shape in SHAPES for part in PARTS]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(listed)}")


def names(model: Any, number: int) -> list[str]:
    """Return the names of `number` rows that anybody may ask for, from all over the table."""
    found = sorted(_keys(model, model.objects.available()))
    return found[:: max(1, len(found) // number)][:number]


def _keys(model: Any, rows: Any = None) -> dict[str, int]:
    found = model.objects.all() if rows is None else rows
    if model in (Video, Playlist):
        return {str(uuid): pk for uuid, pk in found.values_list("uuid", "pk")}
    return {f"{name}@{host}": pk for name, host, pk in found.values_list("name", "instance__host", "pk")}


def _name(text: bytes) -> str:
    named = msgspec.json.decode(text, type=Named)
    return named.uuid or f"{named.name}@{named.host}"


def _walked(ask: Ask, word: str) -> Iterator[bytes]:
    address: str | None = f"/api/{word}/?page_size={PAGE}"
    while address:
        page = msgspec.json.decode(ask(address), type=Listed)
        yield from map(bytes, page.results)
        address = page.next


def _counted(ask: Ask, word: str) -> Iterator[bytes]:
    start, page = 0, Listed(data=[msgspec.Raw()])
    while page.data:
        page = msgspec.json.decode(ask(peertubes_list(word, start)), type=Listed)
        yield from map(bytes, page.data)
        start += PAGE


def peertubes_list(word: str, start: int = 0, count: int = PAGE) -> str:
    """Return the address of a list in PeerTube's shape, by the word for it in our addresses."""
    return f"/api/v1/{PEERTUBES[word]}?count={count}&nsfw=both&start={start}"


def _write(kind: Kind, shape: str, part: str, rows: Sequence[tuple[int, bytes]]) -> None:
    table = kind.texts(shape, part)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} (id bigint PRIMARY KEY, text text) WITH (toast_tuple_target = {INLINE})")
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for pk, text in rows:
                copy.write_row((pk, text.decode()))
        cursor.execute(f"ANALYZE {table}")
