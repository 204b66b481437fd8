"""How often a source is looked at: the arithmetic, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from peertube_sync.conf import Settings
from peertube_sync.sync.rhythm import SLIGHT, head_interval, jittered
from peertube_sync.sync.schedule import next_sweep

NOW = datetime(2024, 6, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def every(gap: timedelta, number: int = 30, since: timedelta | None = None) -> list[datetime]:
    """Times of publication, `gap` apart, the newest `since` ago (default: one gap)."""
    newest = NOW - (gap if since is None else since)
    return [newest - index * gap for index in range(number)]


TABLE = [
    ("many a minute", every(timedelta(seconds=5)), 5 * MINUTE),
    ("one an hour", every(HOUR), 5 * MINUTE),
    ("five a day", every(DAY / 5), DAY / 100),
    ("one a day", every(DAY), DAY / 20),
    ("one a week", every(7 * DAY), 7 * DAY / 20),
    ("one a month", every(30 * DAY), DAY),
    ("a month's pause after a busy time", every(HOUR, since=30 * DAY), DAY),
    ("one just now after years of one a month", every(30 * DAY, since=timedelta()), DAY),
    ("a first video, just now", [NOW], 5 * MINUTE),
    ("a first video, two days ago", [NOW - 2 * DAY], 2 * DAY / 20),
    ("a video from the future", [NOW + 365 * DAY], 5 * MINUTE),
    ("nothing ever", [], DAY),
]


@pytest.mark.parametrize(("published", "interval"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_rhythm_of_publication_decides(published, interval):
    assert head_interval(published, NOW, 5 * MINUTE, DAY) == interval


def test_looks_are_a_tenth_early_or_late():
    drawn = [jittered(HOUR, SLIGHT) for _ in range(200)]
    assert all(0.9 * HOUR <= one <= 1.1 * HOUR for one in drawn)
    assert max(drawn) - min(drawn) > 0.1 * HOUR


def test_what_was_swept_together_is_swept_all_over_the_next_day():
    began = datetime.now(UTC)
    hours = [(next_sweep(Settings()) - began) / HOUR for _ in range(2000)]
    per_hour = [sum(hour <= one < hour + 1 for one in hours) for hour in range(12, 36)]
    assert sum(per_hour) > 1990, "from half a day to a day and a half later"
    assert max(per_hour) < 2000 / 24 * 1.6
