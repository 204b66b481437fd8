"""The parameters of a request, read and refused as PeerTube 6.3 does.

Values come as strings, numbers or lists of either.

The query of the address and a JSON body are one: PeerTube posts to its search index what its users ask in addresses.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext as _

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.hosts import normalise_host
from peertube_sync.client.short_uuid import parse_uuid
from peertube_sync.conf import get_settings
from peertube_sync.faces.bounds import SEARCHED, Bound, TooMuch, check, check_size, check_values
from peertube_sync.faces.kept import KeptPlace
from peertube_sync.peertube_api.paths import base_path
from peertube_sync.peertube_api.problems import Refusal, invalid

T = TypeVar("T")

DEFAULT_COUNT = 15
MAX_COUNT = 100
DIGITS = 9
"""A number of so many digits fits every column."""
EXPONENT_FROM = 10**21
"""PeerTube's language writes a number from here on with an exponent, and reads its first digit."""
NOT_SELECTING = ("start", "count", "sort", "skipCount", "boostLanguages", "fromHost")
"""Parameters that sort, cut or shape what the others select."""
BOUNDS = {"search": SEARCHED, **dict.fromkeys(("blockedHosts", "blockedAccounts"), Bound(values=10_000))}
"""PeerTube sends all that somebody muted with every search."""
POSTED = 1_048_576
"""Bytes of a search."""
KEYS = 1_000
"""Values in an address, and keys in a body."""
SPELT_OTHERWISE = 100
"""Hosts in other letters than those of the DNS, which take long to read."""
ACTIVITIES = ("application/activity+json", "application/ld+json")
ACTIVITY = re.compile(r"application/(?:activity|ld)\+json")
TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Query:
    """Values by name, as texts; what isn't there is None, or an empty list. All methods raise Refusal 400.

    `location` is where they came from, `root` this site's address without a slash at its end, `path` the one asked for.
    `asked` is the query as it came; `wants_activity`: an object of ActivityPub is wanted before a page.
    `place`: where the answer may be kept.
    """

    values: Mapping[str, list[str]]
    location: str = "query"
    root: str = ""
    path: str = ""
    place: KeptPlace | None = None
    asked: str = ""
    wants_activity: bool = False

    @property
    def state(self) -> str:
        """Of all that the answer shows, where it may be kept; what is kept of parts of it is of the same."""
        return self.place.state if self.place else ""

    @property
    def subject(self) -> str:
        """The parameters that select rows, without those for page, order and shape."""
        asked = sorted((name, values) for name, values in self.values.items() if name not in NOT_SELECTING)
        return f"{self.state} {self.path} {asked}"

    @property
    def is_plain(self) -> bool:
        """Tell whether nothing selects rows but `nsfw`."""
        return {"nsfw", *NOT_SELECTING}.issuperset(self.values)

    def texts(self, name: str) -> list[str]:
        """Return all values that aren't empty."""
        return [value for value in self.values.get(name, ()) if value]

    def text(self, name: str) -> str:
        """Return the first value, "" for none."""
        return next(iter(self.texts(name)), "")

    def flag(self, name: str) -> bool | None:
        return self._read(name, TRUTH.__getitem__)

    def number(self, name: str) -> int | None:
        """Return a whole number from 0."""
        return self._read(name, _whole_number)

    def time(self, name: str) -> datetime | None:
        """Return a time; one without a zone is UTC."""
        return self._read(name, _parse_time)

    def numbers(self, name: str) -> list[int]:
        return self._read_all(name, _integer, f"Should have a valid {name} array")

    def uuids(self, name: str) -> list[UUID]:
        """Return uuids, given long or short."""
        return self._read_all(name, parse_uuid, "Should have a valid array of uuids")

    def hosts(self, name: str) -> list[str]:
        return self._read_all(name, normalise_host, "Should have a valid hosts array")

    def handles(self, name: str) -> list[tuple[str, str]]:
        """Return names and normalised hosts; the host is "" where a name stands alone."""
        return self._read_all(name, read_handle, "Should have a valid handles array")

    def without_our_host(self, handle: str) -> str:
        """Return the name alone of a handle at this site, `name@mirror.example`, and any other handle as it is."""
        name, _, host = handle.removeprefix("@").rpartition("@")
        ours = {urlsplit(self.root).netloc.lower(), urlsplit(get_settings().site_url).netloc.lower()}
        return name if name and host.lower() in ours else handle

    def nsfw(self) -> bool | None:
        """Return which kind is wanted, None for both; only what is safe when nothing is said."""
        value = self.text("nsfw") or "false"
        return None if value == "both" else self._parsed("nsfw", value, TRUTH.__getitem__)

    def sort(self, allowed: Collection[str], default: str) -> str:
        """Return the one column to sort by, with a minus for descending."""
        values = self.values.get("sort") or [default]
        if len(values) > 1 or values[0].removeprefix("-") not in allowed:
            raise invalid("sort", values[0] if len(values) == 1 else values, location=self.location)
        return values[0]

    def page(self, most: int) -> tuple[int, int]:
        """Return `start` and `count`, this at most `most`."""
        start, count = self.text("start") or "0", self.text("count") or str(DEFAULT_COUNT)
        if not start.isdecimal():
            raise invalid("start", start, location=self.location)
        if not count.isdecimal() or len(count) > DIGITS or int(count) > most:
            raise invalid("count", count, f"Should have a number count (max: {most})", self.location)
        return (1 if int(start) >= EXPONENT_FROM else int(start)), int(count)

    def _read(self, name: str, parse: Callable[[str], T]) -> T | None:
        value = self.text(name)
        return self._parsed(name, value, parse) if value else None

    def _parsed(self, name: str, value: str, parse: Callable[[str], T]) -> T:
        try:
            return parse(value)
        except (ValueError, KeyError, OverflowError) as error:
            raise invalid(name, value, location=self.location) from error

    def _read_all(self, name: str, parse: Callable[[str], T], message: str) -> list[T]:
        values = self.texts(name)
        others = [value for value in values if not value.isascii()]
        if sum(not value.rpartition("@")[2].isascii() for value in others) > SPELT_OTHERWISE:
            raise TooMuch(name, _("At most %(number)s hosts in other letters are taken.") % {"number": SPELT_OTHERWISE})
        try:
            return [parse(value) for value in values]
        except (ValueError, InvalidTarget) as error:
            raise invalid(name, values, message, self.location) from error


def read_query(request: HttpRequest, named: Mapping[str, Any]) -> Query:
    """Return what `request` asks: its address, of which the path has `named` something, and its JSON body.

    Raises Refusal 400, TooMuch.
    """
    check(request, BOUNDS, named, body=POSTED, parameters=KEYS)
    values = {name.removesuffix("[]"): request.GET.getlist(name) for name in request.GET}
    if request.content_type == "application/json" and request.body:
        sent = _values_of_body(request.body)
        check_values(sent, BOUNDS)
        values |= sent
    location = "body" if request.method == "POST" else "query"
    root, asked = request.build_absolute_uri(base_path()).rstrip("/"), request.META.get("QUERY_STRING", "")
    accepted = request.accepted_types if ACTIVITY.search(request.META.get("HTTP_ACCEPT", "")) else ()
    quality = {f"{kind.main_type}/{kind.sub_type}": kind.quality for kind in accepted}
    wants_activity = max(quality.get(kind, 0) for kind in ACTIVITIES) > quality.get("text/html", 0)
    return Query(values, location, root, request.path, asked=asked, wants_activity=wants_activity)


def read_handle(text: str) -> tuple[str, str]:
    """Return the name and the normalised host of `name@host`, the host "" for a name alone. Raises InvalidTarget."""
    name, at, host = text.removeprefix("@").partition("@")
    if not name.isprintable():
        message = f"{text!r} is not a handle; give it like name@video.example"
        raise InvalidTarget(message)
    return name, normalise_host(host) if at else ""


def _values_of_body(body: bytes) -> dict[str, list[str]]:
    """Return the values of a body as an address would spell them; what else there is nobody knows."""
    check_size(len(body), POSTED)
    try:
        values = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = "The body is not a JSON object"
        raise Refusal(400, message) from error
    if len(values) > KEYS:
        raise TooMuch("body", _("At most %(number)s keys are taken.") % {"number": KEYS})
    lists = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
    return {
        name: [SPELLINGS[type(value)](value) for value in sent if type(value) in SPELLINGS]
        for name, sent in lists.items()
    }


SPELLINGS: Mapping[type, Callable[[Any], str]] = {
    str: str,
    int: str,
    float: str,
    bool: lambda truth: str(truth).lower(),
}


def _whole_number(text: str) -> int:
    if not text.isdecimal() or len(text) > DIGITS:
        raise ValueError(text)
    return int(text)


def _integer(text: str) -> int:
    """Read a number that may be below zero: of those, PeerTube has none and refuses none."""
    return -_whole_number(text[1:]) if text.startswith("-") else _whole_number(text)


def _parse_time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
