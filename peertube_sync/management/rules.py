"""Rules of a source as options of a command."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from peertube_sync.models.rules import RULES

TRUTH = {"true": True, "false": False}


def _true_or_false(text: str) -> bool:
    try:
        return TRUTH[text.lower()]
    except KeyError as error:
        raise ArgumentTypeError(f"{text!r} is neither true nor false") from error


OPTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("--language", "languages", {"action": "append", "metavar": "ID", "help": "in this language, like fr"}),
    ("--exclude-language", "exclude_languages", {"action": "append", "metavar": "ID", "help": "not in this language"}),
    ("--category", "categories", {"action": "append", "type": int, "metavar": "ID", "help": "in this category"}),
    (
        "--exclude-category",
        "exclude_categories",
        {"action": "append", "type": int, "metavar": "ID", "help": "not in this category"},
    ),
    ("--tag", "tags", {"action": "append", "metavar": "TAG", "help": "with this tag"}),
    ("--exclude-tag", "exclude_tags", {"action": "append", "metavar": "TAG", "help": "without this tag"}),
    ("--nsfw", "nsfw", {"type": _true_or_false, "metavar": "true|false", "help": "marked as sensitive, or not"}),
    ("--min-duration", "min_duration", {"type": int, "metavar": "SECONDS", "help": "at least so long"}),
    ("--since", "since", {"metavar": "DATE", "help": "published on that day or later, like 2024-01-31"}),
)


def add_rule_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("rules", "Only videos that keep all of these are mirrored; repeat for several.")
    for option, name, facts in OPTIONS:
        group.add_argument(option, dest=name, **facts)


def rules_of(options: dict[str, Any]) -> dict[str, object]:
    return {name: options[name] for name in RULES if options[name] is not None}
