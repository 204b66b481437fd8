"""Numbers and times as people say them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from peertube_sync.site.spoken import how_long_ago, short_number

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1K"),
        (1_799, "1.7K"),
        (167_234, "167K"),
        (999_999, "999K"),
        (1_250_000, "1.2M"),
        (12_000_000_000, "12B"),
    ],
)
def test_a_number_is_never_told_larger_than_it_is(number: int, told: str) -> None:
    assert short_number(number) == told


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (timedelta(0), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=13), "1 week ago"),
        (timedelta(days=364), "11 months ago"),
        (timedelta(days=366), "1 year ago"),
        (timedelta(days=-1), ""),
    ],
)
def test_a_time_is_told_in_its_largest_whole_unit(passed: timedelta, told: str) -> None:
    assert how_long_ago(NOW - passed, NOW) == told


@pytest.mark.parametrize(
    ("language", "number", "time"),
    [("de", "1,7 Tsd.", "vor 3 Tagen"), ("fr", "1,7 k", "il y a 3 jours"), ("es", "1,7 mil", "hace 3 días")],
)
def test_both_follow_the_language(language: str, number: str, time: str) -> None:
    with translation.override(language):
        assert short_number(1_790) == number
        assert how_long_ago(NOW - timedelta(days=3), NOW) == time
