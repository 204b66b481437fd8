"""What was measured, as a page: the command, the date, the machine, and a table for each question."""

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
from django.db import connection

PAGE = Path("docs/benchmarks.md")


@dataclass(frozen=True)
class Section:
    """The answer to one question: a heading, what was done, and the figures."""

    title: str
    text: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"## {self.title}\n\n{self.text}\n\n{table}\n"


def write(command: str, sections: Iterable[Section]) -> None:
    """Write the page anew."""
    head = (
        "# Benchmarks\n\n"
        "Ratios are what counts: all figures of a table come from one run, on one machine, with the same data.\n\n"
        f"- Command: `{command}`\n- Date: {datetime.now(UTC):%Y-%m-%d}\n- Machine: {machine()}\n"
    )
    PAGE.write_text("\n".join([head, *map(str, sections)]))


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
