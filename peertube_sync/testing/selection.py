"""What a request asks of a list: page, order and filters, read and refused as PeerTube does."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from peertube_sync.testing.identifiers import parse_uuid
from peertube_sync.testing.problems import ProblemError, invalid
from peertube_sync.testing.records import Account, Channel, Video

Query = dict[str, list[str]]

MAX_COUNT = 100
DEFAULT_COUNT = 15
#: From here on PeerTube's language writes a number with an exponent and reads its first digit.
EXPONENT_FROM = 10**21
HOT_PERIOD = 45_000_000

SORT_KEYS: dict[str, Callable[[Video], Any]] = {
    "name": lambda video: video.name.casefold(),
    "publishedAt": lambda video: video.published,
    "createdAt": lambda video: video.created,
    "duration": lambda video: video.duration,
    "views": lambda video: video.views,
    "likes": lambda video: video.likes,
    "trending": lambda video: video.views,
    "hot": lambda video: _hotness(video.likes, video.published),
    "best": lambda video: _hotness(video.likes + video.views, video.published),
    "originallyPublishedAt": lambda video: video.originally_published or video.published,
    "comments": lambda video: video.comments,
    "match": lambda video: video.published,
    "localVideoFilesSize": lambda video: video.duration,
}
SEARCH_SORTS = frozenset(SORT_KEYS) - {"comments", "localVideoFilesSize"}
COUNTER_SORTS = frozenset({"views", "likes", "trending", "hot", "best", "comments"})


def _hotness(weight: int, published: int) -> float:
    return math.log10(max(weight, 1)) + published / HOT_PERIOD


@dataclass(frozen=True, slots=True)
class VideoSelection:
    """One ordered, filtered list of videos; hashable, so that the answer can be kept.

    `nsfw`, `local` and `live` are None when they don't matter; `host` is empty for the own host. Sensitive
    videos with a bit of `nsfw_included` are shown though `nsfw` is False, those with one of `nsfw_excluded` never.
    With `internal`, the client has an account; with an `owner`, the list is everything of theirs.
    """

    sort: str = "-publishedAt"
    scope: Account | Channel | None = None
    local: bool | None = None
    nsfw: bool | None = None
    nsfw_included: int = 0
    nsfw_excluded: int = 0
    live: bool | None = None
    host: str | None = None
    search: str = ""
    categories: frozenset[int] = frozenset()
    licences: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()
    tags_any: frozenset[str] = frozenset()
    tags_all: frozenset[str] = frozenset()
    numbers: frozenset[int] | None = None
    internal: bool = False
    owner: Account | None = None

    def matches(self, video: Video) -> bool:
        """Tell whether the reader finds the video in this list."""
        return (
            self._may_see(video)
            and (self.local is None or video.is_local is self.local)
            and self._matches_nsfw(video)
            and (self.scope is None or self.scope in (video.channel, video.account))
            and (self.live is None or video.is_live is self.live)
            and (self.numbers is None or video.number in self.numbers)
            and (not self.categories or video.category in self.categories)
            and (not self.licences or video.licence in self.licences)
            and (not self.languages or self._matches_language(video))
            and self._matches_text(video)
        )

    def _may_see(self, video: Video) -> bool:
        if self.owner is not None:
            return video.account is self.owner
        return video.listed or (self.internal and video.internally_listed)

    def _matches_nsfw(self, video: Video) -> bool:
        if video.nsfw_flags & self.nsfw_excluded:
            return False
        if self.nsfw is False and video.nsfw_flags & self.nsfw_included:
            return True
        return self.nsfw is None or video.nsfw is self.nsfw

    def _matches_language(self, video: Video) -> bool:
        spoken = video.language or "_unknown"
        return spoken in self.languages or any(c.language in self.languages for c in video.captions)

    def _matches_text(self, video: Video) -> bool:
        if self.tags_any or self.tags_all:
            tags = {tag.lower() for tag in video.tags}
            if not self.tags_all <= tags or (self.tags_any and not self.tags_any & tags):
                return False
        if self.host is not None and video.account.origin.rpartition("/")[2] != self.host:
            return False
        name = video.name.casefold()
        return all(word in name for word in self.search.split())

    @property
    def ordering(self) -> tuple[Callable[[Video], Any], bool]:
        """Return the key and whether it descends; ties stay in the order of ids either way."""
        name = self.sort.removeprefix("-")
        return SORT_KEYS.get(name, SORT_KEYS["publishedAt"]), self.sort.startswith("-")


def read_page(query: Query) -> tuple[int, int]:
    """Read `start` and `count`. Raises ProblemError 400 for what PeerTube refuses."""
    start, count = one(query, "start") or "0", one(query, "count") or str(DEFAULT_COUNT)
    if not start.isdecimal():
        raise invalid("start", start)
    if not count.isdecimal() or int(count) > MAX_COUNT:
        raise invalid("count", count, f"Should have a number count (max: {MAX_COUNT})")
    return (1 if int(start) >= EXPONENT_FROM else int(start)), int(count)


def read_sort(query: Query, allowed: Collection[str], default: str) -> str:
    """Read `sort`. Raises ProblemError: 400 for an unknown column, 500 for two values as in 6.3."""
    values = query.get("sort", [default])
    if len(values) > 1:
        raise ProblemError(500, "options.sort.endsWith is not a function", code="TypeError")
    if values[0].removeprefix("-") not in allowed:
        raise invalid("sort", values[0])
    return values[0]


def read_flag(query: Query, name: str) -> bool | None:
    """Read a boolean parameter; None when absent. Raises ProblemError 400 for other words."""
    value = one(query, name)
    if value not in (None, "true", "false"):
        raise invalid(name, value)
    return None if value is None else value == "true"


def one(query: Query, name: str) -> str | None:
    """Return the first value of a parameter, None when it is absent."""
    return query[name][0] if query.get(name) else None


def read_selection(query: Query, sort: str, own_host: str, policy: str) -> VideoSelection:
    """Read every filter of a list of videos. Raises ProblemError 400 for malformed values."""
    host = one(query, "host")
    uuids = query.get("uuids")
    return VideoSelection(
        sort=sort,
        local=read_flag(query, "isLocal"),
        nsfw=_read_nsfw(query, policy),
        live=read_flag(query, "isLive"),
        host=None if host is None else "" if host == own_host else host,
        search=(one(query, "search") or "").casefold(),
        categories=_read_numbers(query, "categoryOneOf"),
        licences=_read_numbers(query, "licenceOneOf"),
        languages=frozenset(query.get("languageOneOf", ())),
        tags_any=frozenset(tag.lower() for tag in query.get("tagsOneOf", ())),
        tags_all=frozenset(tag.lower() for tag in query.get("tagsAllOf", ())),
        numbers=None if uuids is None else _read_uuids(uuids),
    )


def _read_nsfw(query: Query, policy: str) -> bool | None:
    value = one(query, "nsfw")
    if value not in (None, "true", "false", "both"):
        raise invalid("nsfw", value)
    if value is None:
        return False if policy == "do_not_list" else None
    return None if value == "both" else value == "true"


def read_nsfw_flags(query: Query) -> tuple[int, int]:
    """Read the bits of sensitive videos to show and not to show. Raises ProblemError 400, also for a bit in both."""
    included, excluded = (_read_bits(query, f"nsfwFlags{what}") for what in ("Included", "Excluded"))
    if included & excluded:
        raise ProblemError(400, "nsfwFlagsIncluded and nsfwFlagsExcluded have a flag in common")
    return included, excluded


def _read_bits(query: Query, name: str) -> int:
    value = one(query, name) or "0"
    if not value.isdecimal():
        raise invalid(name, value)
    return int(value)


def _read_numbers(query: Query, name: str) -> frozenset[int]:
    values = query.get(name, [])
    if not all(value.removeprefix("-").isdecimal() for value in values):
        raise invalid(name, values, f"Should have a valid {name} array")
    return frozenset(int(value) for value in values)


def _read_uuids(values: list[str]) -> frozenset[int]:
    numbers = [parse_uuid(value) for value in values]
    if None in numbers:
        raise invalid("uuids", values, "Should have a valid array of uuids")
    return frozenset(number for number in numbers if number is not None)
