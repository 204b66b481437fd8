"""From bytes to parsed types.

One odd field never costs its item, one malformed item never its page; a malformed page is an error.
"""

import json
import math
import re
import sys
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar, cast

import msgspec

from peertube_sync.client.errors import MalformedAnswer, UnexpectedShape
from peertube_sync.client.lenient import decode_leniently, note_odd_fields
from peertube_sync.client.naming import snake, snake_keys
from peertube_sync.client.sanitise import cut_deep_nesting, require_storable, storable_json
from peertube_sync.client.types import (
    Json,
    OddField,
    RawPage,
    Remote,
    RemoteAccount,
    RemoteCaption,
    RemoteChannel,
    RemoteElement,
    RemotePlaylist,
    VideoDetails,
    VideoItem,
)

RAW_KEPT = 4096
UUID = re.compile(rb'"uuid"\s*:\s*"([0-9a-fA-F-]{36})"')
DIGITS = 100
"""Characters of an integer, far more than any that can be stored has."""
MAX_VALUES = 250_000
"""Values in an answer; a page of PeerTube's has some ten thousand. Each takes some hundred bytes once it is parsed."""
MAX_ITEM = 2**20
"""Bytes of one video, channel or playlist; the largest of PeerTube's have some ten thousand."""
MAX_OBJECT = 2**19
"""Bytes of what an instance says of itself, such as its configuration; PeerTube's have some ten thousand."""
T = TypeVar("T")
NESTED: dict[type, tuple[str, ...]] = {VideoDetails: ("channel", "account"), RemoteChannel: ("ownerAccount",)}
"""The actors within an answer that may be told in full."""
FULL = frozenset({"createdAt", "description"})
"""A key that an account in full has, and the summary in its place in the lists of 8.2 hasn't."""


class Excessive(Exception):  # noqa: N818 - why an answer that is JSON isn't taken
    """JSON of a size, depth or number that nobody would publish."""


UNREADABLE = (Excessive, msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True)
class Unreadable:
    """An item, or fields of one, that aren't what PeerTube publishes: why, and how they came (cut to RAW_KEPT).

    `place` is where the item stood on its page, from 0.
    """

    reason: str
    raw: str
    uuid: str = ""
    place: int = 0


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list.

    `start` is the offset asked for, `length` what the server sent, readable or not; `total` is None where
    the answer has none.
    """

    start: int
    length: int
    total: int | None
    items: list[T]
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The offset in the list of what comes behind this page."""
        return self.start + self.length


def parse(body: bytes, type_: type[T], where: str) -> T:
    """Return `body` as a `type_`; raises MalformedAnswer naming `where` it came from."""
    try:
        body = storable_json(body)
        if len(body) > MAX_VALUES < sum(map(body.count, (b",", b"[", b"{"))):  # counting takes long
            raise Excessive(f"it may hold more than {MAX_VALUES} values")
        return _decode_part(body, type_)
    except (msgspec.ValidationError, Excessive) as error:
        raise UnexpectedShape(f"{where} answered with something unexpected: {error}") from error
    except UNREADABLE as error:
        raise MalformedAnswer(f"{where} did not answer with JSON: {error}") from error


def _decode_part(body: bytes, type_: type[T]) -> T:
    """Return what was bounded already, or a part of it, as a `type_`."""
    limit = LIMITS.get(type_, sys.maxsize)
    if len(body) > limit:
        raise Excessive(f"it is longer than {limit} bytes")
    try:
        return _decode(body, type_)
    except RecursionError:
        return _decode(cut_deep_nesting(body), type_)


def _decode(body: bytes, type_: type[T]) -> T:
    kind: Any = type_
    if type_ in WHOLE:
        value = _load_json(body)
        return cast("T", _with_extra(decode_leniently(value, kind), value))
    try:
        decoded = msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError:
        if not (isinstance(kind, type) and issubclass(kind, Remote)):
            raise
        return cast("T", decode_leniently(_load_json(body), kind))
    if isinstance(decoded, dict):
        try:
            require_storable(decoded)
        except ValueError as error:
            raise Excessive(str(error)) from error
    return decoded


def _load_json(body: bytes) -> Any:
    """Return the values in `body`; a number beyond all bounds becomes infinite, which no field takes.

    Python's own parser takes more than JSON (halves of characters, NaN) and less (numbers of thousands of digits).
    """
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError:
        pass

    def bounded(digits: str) -> float:
        return int(digits) if len(digits) <= DIGITS else math.inf

    try:
        return json.loads(body.decode(), parse_int=bounded, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error


def _no_number(name: str) -> float:
    raise msgspec.DecodeError(f"{name} is no number")


def parse_page(body: bytes, type_: type[T], start: int, where: str) -> Page[T]:
    """Return the list in `body`; raises MalformedAnswer when it isn't one."""
    envelope = parse(body, RawPage, where)
    items: list[T] = []
    unreadable: list[Unreadable] = []
    for place, raw in enumerate(envelope.data):
        try:
            items.append(_decode_part(bytes(raw), type_))
        except UNREADABLE as error:
            named = UUID.search(bytes(raw))
            text = bytes(raw).decode(errors="replace")[:RAW_KEPT]
            unreadable.append(Unreadable(str(error), text, named[1].decode().lower() if named else "", place))
    total = None if isinstance(envelope.total, msgspec.UnsetType) else envelope.total
    return Page(start, len(envelope.data), total, items, unreadable)


def _with_extra(item: Any, value: Json) -> Any:
    """Return `item`, which was read of `value`, with what its type doesn't declare as `extra`; so the actors in it."""
    for key in NESTED.get(type(item), ()):
        actor = getattr(item, snake(key))
        if key == "ownerAccount" and actor and value[key].keys() >= FULL:
            actor = item.owner_account = decode_leniently(value[key], RemoteAccount)
        if isinstance(actor, RemoteAccount | RemoteChannel):
            odd = _with_extra(actor, value[key]).odd
            note_odd_fields(item, {f"{key}.{name}": why for name, why in odd.items()})
    for name in ("files", "streaming_playlists"):
        if listed := getattr(item, name, None):
            setattr(item, name, snake_keys(listed))
    item.extra, odd = _extra(value, type(item))
    note_odd_fields(item, odd)
    return item


def _extra(value: Json, type_: type[Any]) -> tuple[Json, dict[str, OddField]]:
    known = _declared_keys(type_)  # type: ignore[arg-type]  # a type is hashable
    extra: Json = {}
    odd: dict[str, OddField] = {}
    for key, item in value.items():
        if key not in known:
            try:
                require_storable(item)
                extra[key] = item
            except ValueError as error:
                odd[key] = OddField(str(error), "")
    return snake_keys(extra), odd


@cache
def _declared_keys(type_: Any) -> frozenset[str]:
    return frozenset(item.encode_name for item in msgspec.structs.fields(type_)) | {"shortUUID"}


WHOLE: frozenset[type] = frozenset({VideoDetails, RemoteChannel, RemoteAccount})
LIMITS: dict[Any, int] = {
    **dict.fromkeys([*WHOLE, VideoItem, RemotePlaylist, RemoteElement, RemoteCaption], MAX_ITEM),
    **dict.fromkeys([dict[str, Any], dict[str, str]], MAX_OBJECT),
}
