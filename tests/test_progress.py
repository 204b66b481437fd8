"""The line of a terminal that says how far a command is."""

import re
from io import StringIO

from peertube_sync.management.output import ProgressLine


def shown(*calls: tuple[str, int, int | None]) -> list[str]:
    """Return what stands on the terminal: each line as it was written last."""
    terminal = StringIO()
    line = ProgressLine(terminal)
    for call in calls:
        line(*call)
    line.end()
    return [one.split("\r")[-1] for one in terminal.getvalue().split("\n")[:-1]]


def test_a_line_is_written_over_until_another_kind_of_work_begins() -> None:
    lines = shown(("sweep", 100, 250), ("sweep", 250, 250), ("details", 1, 250), ("details", 250, 250))
    assert [line.rstrip() for line in lines] == ["sweep: 250 of 250", "details: 250 of 250"]


def test_work_that_begins_anew_has_a_line_of_its_own() -> None:
    assert shown(("sweep", 1200, None), ("sweep", 100, None)) == ["sweep: 1,200", "sweep: 100"]


def test_nothing_of_a_longer_text_is_left_behind() -> None:
    (line,) = shown(("sweep", 0, 1000), ("sweep", 999, 1000), ("sweep", 1000, 1000))
    assert line.rstrip() == "sweep: 1,000 of 1,000"
    assert line != line.rstrip()


def test_what_is_left_is_told_as_soon_as_there_is_a_pace() -> None:
    assert re.fullmatch(r"sweep: 5 of 10, about \d+ s left", shown(("sweep", 1, 10), ("sweep", 5, 10))[0])
    assert shown(("sweep", 0, 10)) == ["sweep: 0 of 10"]


def test_without_any_work_nothing_is_written() -> None:
    assert shown() == []
