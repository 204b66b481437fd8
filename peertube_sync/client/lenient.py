"""Lenient decoding: a field that can't be read costs that field, not the item it belongs to.

Servers publish what no type expects: a year of five digits, a duration that is null, a number in the place of a
text. Such a field becomes `UNSET`, as if the answer didn't tell it, or what the type names as `safe`; `odd` tells
of it. Only what a type says is `needed` costs the whole.
"""

import json
import types
from functools import cache
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta

from peertube_sync.client.sanitise import require_storable, require_usable_years
from peertube_sync.client.types import OddField, Remote

RAW_KEPT = 200
"""Characters that are kept of a value that can't be read."""
MOST_TOLD = 20
"""Odd entries of one list that are told of one by one."""
R = TypeVar("R", bound=Remote)


class _Shape(NamedTuple):
    """What the type of a field may hold: an object of a type of ours, or a list of so many entries of a type."""

    object: type[Remote] | None = None
    entry: Any = None
    most: int | None = None


def decode_leniently(value: Any, type_: type[R]) -> R:
    """Return `value`, plain data of JSON, as a `type_`: what can be read of it.

    Raises ValidationError where a field that is needed can't be read.
    """
    try:
        require_storable(value)
        return msgspec.convert(value, type_)
    except ValueError as error:
        if not isinstance(value, dict):
            raise msgspec.ValidationError(str(error)) from error
    kept: dict[str, Any] = {}
    odd: dict[str, OddField] = {}
    for field in msgspec.structs.fields(type_):
        if field.encode_name not in value and not field.required:
            continue
        try:
            if field.encode_name not in value:
                raise ValueError("it is missing")
            kept[field.name] = _read_field(value[field.encode_name], field.type, field.encode_name, odd)
        except ValueError as error:
            if field.name in type_.needed:
                raise msgspec.ValidationError(f"{field.encode_name} can't be read: {error}") from error
            kept[field.name] = type_.safe.get(field.name, UNSET)
            odd[field.encode_name] = OddField(str(error), _excerpt(value.get(field.encode_name)))
    return _build(type_, kept, odd)


def _build(type_: type[R], kept: dict[str, Any], odd: dict[str, OddField]) -> R:
    try:
        item = type_(**kept)
        item.check()
    except ValueError as error:
        raise msgspec.ValidationError(str(error)) from error
    note_odd_fields(item, odd)
    return item


def note_odd_fields(item: Remote, odd: dict[str, OddField]) -> None:
    """Note that some fields of `item` could not be read, by PeerTube's names for them."""
    if odd:
        item.__dict__["odd"] = item.odd | odd


def _read_field(value: Any, annotation: Any, path: str, odd: dict[str, OddField]) -> object:
    """Return the value of a field, with what is odd within it noted in `odd`; raises ValueError."""
    shape = _shape(annotation)
    if shape.object and isinstance(value, dict):
        read = decode_leniently(value, shape.object)
        odd |= {f"{path}.{name}": why for name, why in read.odd.items()}
        return read
    if shape.entry is not None and isinstance(value, list):
        return _read_entries(value, shape, path, odd)
    require_storable(value)
    read = msgspec.convert(value, annotation)
    require_usable_years(read)
    return read


def _read_entries(values: list[Any], shape: _Shape, path: str, odd: dict[str, OddField]) -> list[object]:
    """Return the entries of a list that can be read; raises ValueError where none of them can be."""
    entries: list[Any] = []
    failed: list[tuple[str, OddField]] = []
    for place, value in enumerate(values[: shape.most]):
        where = f"{path}[{place}]"
        try:
            entries.append(_read_field(value, shape.entry, where, odd))
        except ValueError as error:
            failed.append((where, OddField(str(error), _excerpt(value))))
    if failed and not entries:
        raise ValueError(failed[0][1].reason)
    if len(values) > len(entries) + len(failed):
        failed.append((path, OddField(f"it has {len(values)} entries: only the first {shape.most} are taken", "")))
    odd |= dict(failed[:MOST_TOLD])
    return entries


@cache
def _shape(annotation: Any) -> _Shape:
    """Return which objects or entries `annotation` allows, be it in a union or with bounds."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        most = next((argument.max_length for argument in arguments[1:] if isinstance(argument, Meta)), None)
        return _shape(arguments[0])._replace(most=most)
    if origin is list:
        return _Shape(entry=arguments[0])
    if origin in {Union, types.UnionType}:
        return next((shape for shape in map(_shape, arguments) if shape != _Shape()), _Shape())
    return _Shape(annotation) if isinstance(annotation, type) and issubclass(annotation, Remote) else _Shape()


def _excerpt(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:RAW_KEPT]
    except (RecursionError, ValueError):
        return "nested too deep to be shown"
