"""What was measured, as a page: for each question a table, with the command, the date and the machine."""

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
from django.db import connection

PAGE = Path("docs/benchmarks.md")
MISSED = "**missed**"


@dataclass(frozen=True)
class Bound:
    """What a figure may be at the most, or with `least` has to be at the least."""

    value: float
    least: bool = False

    def __str__(self) -> str:
        return f"at {'least' if self.least else 'most'} {self.value:g}"

    def told(self, figure: float) -> str:
        """Return the figure as it stands in a table, marked where it misses the bound."""
        kept = figure >= self.value if self.least else figure <= self.value
        return f"{figure:.2f}" if kept else f"{figure:.2f} {MISSED}"


@dataclass(frozen=True)
class Section:
    """The answer to one question: a heading, what was done, and the figures."""

    title: str
    text: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    closer: tuple["Section", ...] = ()
    """The same, looked at more closely."""

    @property
    def missed(self) -> bool:
        """Whether a figure misses its bound, here or more closely."""
        return any(MISSED in cell for row in self.rows for cell in row) or any(one.missed for one in self.closer)

    def __str__(self) -> str:
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        closer = "".join(f"\n#{one}" for one in self.closer)
        return f"## {self.title}\n\n{self.text}\n\n{table}\n{closer}"


def write(name: str, section: Section) -> None:
    """Put a section into the page, in the place of the one with the same title; `name` is how it is measured again."""
    head, *parts = re.split(r"^(?=## )", PAGE.read_text(), flags=re.MULTILINE)
    command = f"python -m tests.proofs.bench {name}"
    made = f"{section}\nMeasured on {datetime.now(UTC):%Y-%m-%d} by `{command}`, on {machine()}.\n\n"
    found = {part.partition("\n")[0]: part for part in parts} | {f"## {section.title}": made}
    PAGE.write_text(head + "".join(found[title] for title in sorted(found)).rstrip() + "\n")


def machine() -> str:
    """Say in one line what everything ran on."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0]
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{psutil.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, {platform.system()};"
        f" Python {platform.python_version()}, Django {version('django')}, PostgreSQL {postgres.split()[0]}"
    )
