"""Rules of a source: which of the videos it selects are wanted, told from what an answer says.

The same rules as conditions on rows stand in `scope.py`. `facts` map column names to values; tags are
missing from them until the details are there, and give the benefit of the doubt.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive

Facts = Mapping[str, Any]
UNWRITABLE = re.compile("[\0\ud800-\udfff]")
"""What no database takes for text."""
INT32 = 2**31 - 1


@dataclass(frozen=True)
class Rule:
    """One kind of rule: how its value is read, and what it accepts."""

    read: Callable[[Any], Any]
    accepts: Callable[[Any, Facts], bool]


def excluded_by(rules: Mapping[str, Any], facts: Facts) -> str:
    """Return the name of the rule that `facts` break, "" when they keep all."""
    broken = (name for name, value in rules.items() if not RULES[name].accepts(RULES[name].read(value), facts))
    return next(broken, "")


def read_rules(rules: Mapping[str, Any]) -> dict[str, object]:
    """Return `rules` with their values read."""
    return {name: RULES[name].read(value) for name, value in rules.items()}


def validate_rules(rules: Any) -> None:
    """Raise ValidationError, naming what is wrong and what would be right."""
    if errors := list(_errors(rules)):
        raise ValidationError(errors)


def unknown_ids(rules: Mapping[str, Any], constants: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each id in `rules` that isn't in an instance's `constants` (kind → id → label).

    A kind that isn't told is not judged, nor are rules that `validate_rules` refuses. Each sentence names the
    ids that come nearest.
    """
    if any(_errors(rules)):
        return []
    return [
        f"The rule {name!r} has {value!r}, which this instance doesn't know. {_nearest(str(value), known)}"
        for name, kind in VOCABULARIES.items()
        if (known := constants.get(kind))
        for value in rules.get(name, ())
        if str(value) not in known
    ]


def _nearest(wrong: str, known: Mapping[str, str]) -> str:
    """Name the few ids of `known` whose own spelling or label is most like `wrong`."""

    def likeness(name: str) -> float:
        spellings = (name.lower(), str(known[name]).lower())
        return max(SequenceMatcher(None, wrong.lower(), spelling).ratio() for spelling in spellings)

    best = sorted(known, key=likeness, reverse=True)[:NEAREST]
    return f"Nearest are: {', '.join(f'{name} ({known[name]})' for name in best)}."


def _errors(rules: Any) -> Iterator[str]:
    if not isinstance(rules, dict):
        yield f"Rules are an object, like {EXAMPLE}."
        return
    for name, value in rules.items():
        if name not in RULES:
            yield f"There is no rule {name!r}; there are: {', '.join(RULES)}."
            continue
        try:
            RULES[name].read(value)
        except (TypeError, ValueError) as error:
            yield f"The rule {name!r} can't be {value!r}: {error}."


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        raise ValueError('it is a list of texts, like ["fr", "de"]')
    if any(map(UNWRITABLE.search, value)):
        raise ValueError("a text in it has characters that can't be")
    return tuple(value)


def _whole_numbers(value: Any) -> tuple[int, ...]:
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(number, int) and 0 <= number <= INT32 for number in value)
    ):
        raise ValueError("it is a list of numbers, like [1, 15]")
    return tuple(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("it is true or false")
    return value


def _seconds(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("it is a whole number of seconds")
    return value


def _moment(value: Any) -> datetime:
    text = value if isinstance(value, str) else ""
    day = parse_date(text)
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(text)
    if moment is None:
        raise ValueError('it is a date, like "2024-01-31"')
    try:
        return moment.replace(tzinfo=UTC) if is_naive(moment) else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("it is a date of the years 1 to 9999 in UTC") from error


RULES: dict[str, Rule] = {
    "languages": Rule(_texts, lambda wanted, facts: facts["language_id"] in wanted),
    "exclude_languages": Rule(_texts, lambda unwanted, facts: facts["language_id"] not in unwanted),
    "categories": Rule(_whole_numbers, lambda wanted, facts: facts["category_id"] in wanted),
    "exclude_categories": Rule(_whole_numbers, lambda unwanted, facts: facts["category_id"] not in unwanted),
    "tags": Rule(_texts, lambda wanted, facts: "tags" not in facts or not set(wanted).isdisjoint(facts["tags"])),
    "exclude_tags": Rule(_texts, lambda unwanted, facts: set(unwanted).isdisjoint(facts.get("tags", ()))),
    "nsfw": Rule(_truth, lambda wanted, facts: facts["nsfw"] is wanted),
    "min_duration": Rule(_seconds, lambda least, facts: facts["duration"] >= least),
    "since": Rule(_moment, lambda since, facts: facts["published_at"] >= since),
}
VOCABULARIES: dict[str, Literal["languages", "categories"]] = {
    "languages": "languages",
    "exclude_languages": "languages",
    "categories": "categories",
    "exclude_categories": "categories",
}
"""Rules whose values are ids, and where an instance tells which there are."""
NEAREST = 4
EXAMPLE = '{"languages": ["fr"], "min_duration": 60}'
