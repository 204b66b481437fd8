"""What an answer of ours lacks of one that was recorded."""

from collections.abc import Iterator
from typing import Any

from tests.compat.file_paths import home_path, is_path

#: Keys whose value may be another one.
VALUES = {
    "id": "numeric ids belong to the server that answers",
    "url": "of pictures: told here, with the path beside it",
    "total": "the recordings show a part of the catalogue",
    "videosLength": "the recordings show a part of the catalogue",
    "banners": "details show every channel without its banners at its home; here as its own answer does",
}


MISSING = {
    "nodeConfig": "told by `config`",
    "taxonomy": "not of nodeinfo",
    "links": "there is no ActivityPub here",
}


def lacking(expected: Any, given: Any, path: str = "") -> Iterator[str]:
    """Yield what was recorded and isn't here, or is something else."""
    if isinstance(expected, dict) and isinstance(given, dict):
        yield from lacking_keys(expected, given, path)
    elif given == [None]:
        return  # a list that is empty here tells no type
    elif isinstance(expected, list) and isinstance(given, list) and len(expected) == len(given):
        for number, (one, other) in enumerate(zip(by_width(expected), by_width(given), strict=True)):
            yield from lacking(one, other, f"{path}[{number}]")
    elif expected is not None and given != expected:
        yield f"{path}: recorded {expected!r}, here {given!r}"


def lacking_keys(expected: dict[str, Any], given: dict[str, Any], path: str) -> Iterator[str]:
    for name, value in expected.items():
        if name not in given:
            if name not in MISSING:
                yield f"{path}.{name} is not here"
        elif not is_exception(name, expected):
            here = home_path(given[name]) if is_path(name, given[name]) and value else given[name]
            yield from lacking(value, here, f"{path}.{name}")


def is_exception(name: str, recorded: dict[str, Any]) -> bool:
    """Whether this key of what was recorded may have another value: ids of constants and of files may not."""
    if name == "banners":
        return not recorded[name]
    return name in VALUES and "label" not in recorded and "resolution" not in recorded


def by_width(rows: list[Any]) -> list[Any]:
    """Put pictures in order: PeerTube gives them in any."""
    pictures = bool(rows) and isinstance(rows[0], dict) and "path" in rows[0]
    return sorted(rows, key=lambda row: row["width"]) if pictures else rows
