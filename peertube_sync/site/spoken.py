"""Numbers and times as people say them; the exact ones stand beside them on pages."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from django.utils.formats import date_format, number_format
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy

THOUSAND = 1_000
LARGE = (
    (1_000_000_000, gettext_lazy("%(number)sB")),
    (1_000_000, gettext_lazy("%(number)sM")),
    (THOUSAND, gettext_lazy("%(number)sK")),
)
"""What a number is told in, from the largest on: billions, millions, thousands."""

AGO = {
    timedelta(days=365.2425): ngettext_lazy("%(number)s year ago", "%(number)s years ago", "number"),
    timedelta(days=30.436875): ngettext_lazy("%(number)s month ago", "%(number)s months ago", "number"),
    timedelta(weeks=1): ngettext_lazy("%(number)s week ago", "%(number)s weeks ago", "number"),
    timedelta(days=1): ngettext_lazy("%(number)s day ago", "%(number)s days ago", "number"),
    timedelta(hours=1): ngettext_lazy("%(number)s hour ago", "%(number)s hours ago", "number"),
    timedelta(minutes=1): ngettext_lazy("%(number)s minute ago", "%(number)s minutes ago", "number"),
}
"""What a time is told in, from the longest on."""


class ExactTime(NamedTuple):
    """A time in the visitor's zone, for machines (ISO 8601) and in words."""

    machine: str
    words: str


def exact_time(then: datetime) -> ExactTime:
    return _exact_time(then, get_language(), get_current_timezone())


@lru_cache(maxsize=4096)
def _exact_time(then: datetime, _language: str | None, zone: tzinfo) -> ExactTime:
    """Return `exact_time`. It is kept, as the times of a page of cards are mostly those of the page before."""
    here = localtime(then, zone)
    return ExactTime(here.isoformat(timespec="seconds"), str(date_format(here, "DATETIME_FORMAT")))


def exact_number(number: int) -> str:
    """Return 167234 as "167,234"."""
    return _exact_number(number, get_language()) if number >= THOUSAND else str(number)


@lru_cache(maxsize=4096)
def _exact_number(number: int, _language: str | None) -> str:
    """Return the same, which is kept as times are."""
    return str(number_format(number, force_grouping=True))


def short_number(number: int) -> str:
    """Return 167234 as "167K" and 1790 as "1.7K", never more than there are; numbers below a thousand in full."""
    return _short_number(number, get_language()) if number >= THOUSAND else str(number)


@lru_cache(maxsize=4096)
def _short_number(number: int, _language: str | None) -> str:
    """Return the same, which is kept as times are."""
    size, text = next((size, text) for size, text in LARGE if number >= size)
    whole, tenth = divmod(number * 10 // size, 10)
    return str(text % {"number": number_format(whole + tenth / 10 if tenth and whole < 10 else whole)})


def how_long_ago(then: datetime, now: datetime) -> str:
    """Return how long before `now` something was, as "3 days ago": at least a minute; "" for what is yet to come."""
    if then > now:
        return ""
    passed = max(now - then, timedelta(minutes=1))
    size = next(size for size in AGO if passed >= size)
    return _ago(size, passed // size, get_language())


@lru_cache(maxsize=4096)
def _ago(size: timedelta, number: int, _language: str | None) -> str:
    """Return so many of what AGO has, in words; kept as times are."""
    return str(AGO[size] % {"number": number})


def format_duration(seconds: int) -> str:
    """Return 3725 as "1:02:05", 65 as "1:05"."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
