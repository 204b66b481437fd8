"""Answers to those who have one already: by its tag, and by the time since which it is the same.

No column tells when all that an answer shows last changed, so it is watched: Django's cache keeps for each address
the tag of its answer and when that was first given. Where the cache forgets or isn't shared, the time is later than
it could be, never earlier: somebody gets an answer that they had, nobody misses a new one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from time import time
from typing import Any

import msgspec
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.utils.translation import get_language

from peertube_sync import __version__
from peertube_sync.conf import get_settings

REMEMBERED = 86_400
"""Seconds for which the tag of an answer is remembered after it was first given."""


@dataclass(frozen=True)
class Stamp:
    """The tag of an answer, and the second since which it is the same; None while that one isn't over."""

    etag: str
    since: int | None

    def unless_known(self, request: HttpRequest, make: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """Return what `make` makes, or 304 for who has it; only then is it made. It is for everybody.

        Caches are told for how long, since they would infer a time of their own from `Last-Modified`.
        """
        answer = self.known_to(request) or self.put_on(make())
        patch_cache_control(answer, public=True, max_age=get_settings().public_max_age)
        return answer

    def known_to(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return 304 for who has the answer, None for all others."""
        known = get_conditional_response(request, etag=self.etag, last_modified=self.since)
        return known and self.put_on(known)

    def unless_same(self, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
        """Return `answer`, or 304 with its headers for who has it."""
        self.put_on(answer)
        return get_conditional_response(request, etag=self.etag, last_modified=self.since, response=answer) or answer

    def put_on(self, answer: HttpResponseBase) -> HttpResponseBase:
        """Return `answer` with its tag, and the time since which it is the same."""
        answer["ETag"] = self.etag
        del answer["Last-Modified"]
        if self.since:
            answer["Last-Modified"] = http_date(self.since)
        return answer


@dataclass(frozen=True)
class Seen:
    """What is remembered of an address: the tag that was given last, since when, and of which state of all it tells."""

    tag: str
    since: int
    state: str = ""

    @property
    def stamp(self) -> Stamp:
        return Stamp(f'"{self.tag}"', self.since if self.since <= int(time()) else None)


def of_content(request: HttpRequest, content: bytes, media_type: str) -> Stamp:
    """Return the stamp of an answer with this `content`."""
    return seen(cache_key(request, media_type), hashed(content)).stamp


def of_facts(request: HttpRequest, facts: Iterable[Any]) -> Stamp:
    """Return the stamp of an answer that is made of `facts` alone, which needn't be made then."""
    tag = hashed(msgspec.json.encode([__version__, get_language(), request.build_absolute_uri(), *facts]))
    return replace(seen(cache_key(request, ""), tag).stamp, etag=f'W/"{tag}"')


def cache_key(request: HttpRequest, media_type: str) -> str:
    """Return the key in Django's cache of what an address answers, in a form and language, by this version of ours."""
    address = f"{__version__} {get_language()} {media_type} {request.build_absolute_uri()}"
    return f"peertube_sync.seen.{hashed(address.encode())}"


def hashed(content: bytes) -> str:
    """Return a hash for tags and keys; processors have instructions for this kind."""
    return sha256(content).hexdigest()[:32]


def seen(key: str, tag: str, state: str = "") -> Seen:
    """Remember that the answer at a `cache_key` is `tag` now, of a `state` of all that it tells.

    Each change has a second of its own, or who saw the state before it, in the same one, would miss it.
    """
    now = int(time())
    known = cache.get(key) or Seen("", 0)
    remembered = Seen(tag, known.since if known.tag == tag else max(now, known.since + 1), state)
    if remembered != known:
        cache.set(key, remembered, REMEMBERED)
    return remembered
