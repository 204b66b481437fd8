"""Reading the documentation: its fenced blocks, its tables and its links."""

import re
from dataclasses import dataclass

from tests.support.paths import ROOT

CONTRIBUTING = "CONTRIBUTING.md"
PAGES = {
    path.relative_to(ROOT).as_posix(): path
    for path in (ROOT / "README.md", ROOT / CONTRIBUTING, *sorted((ROOT / "docs").glob("*.md")))
}
"""Every page that speaks to users and contributors, by its path in the repository."""

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Command:
    """A command as a page shows it, and what the page says that it prints."""

    line: str
    output: str


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, under which heading."""

    page: str
    line: int
    heading: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def file(self) -> str:
        """The file that the first line names, "" where it names none."""
        found = re.match(r"(?:# |\{# )([\w/]+\.(?:py|html))(?: #\})?\n", self.text)
        return found[1] if found else ""

    @property
    def commands(self) -> list[Command]:
        """The lines after `$`, each with the output below it."""
        parts = re.split(r"^\$ ", self.text.replace("\\\n", ""), flags=re.MULTILINE)
        return [Command(*(part.partition("\n")[::2])) for part in parts[1:]]


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page, in their order."""
    text = PAGES[page].read_text()
    found = []
    for match in FENCED.finditer(text):
        before = text[: match.start()]
        headings = HEADING.findall(FENCED.sub("", before))
        found.append(Block(page, before.count("\n") + 1, headings[-1] if headings else "", match[1], match[2]))
    return found


def table(page: str, heading: str) -> list[list[str]]:
    """Return the rows of the tables below a heading, without their titles, code marks taken off."""
    rest = re.split(rf"^#+ {re.escape(heading)}$", PAGES[page].read_text(), flags=re.MULTILINE)[1]
    section = re.split(r"^#", FENCED.sub("", rest), flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| (.*) \|$", section, re.MULTILINE)
    assert rows, f"{page} has no table below {heading!r}"
    return [[cell.strip().strip("`") for cell in row.split(" | ")] for row in rows if not row.startswith("---")][1:]


def links(page: str) -> list[str]:
    """Return where a page leads to."""
    return LINK.findall(PAGES[page].read_text())
