"""Answers to those who have one already: by its tag, and by the time since which it is the same.

No column tells when all that an answer shows last changed, so it is watched: Django's cache keeps for each address
the tag of its answer and when that was first given. Where the cache forgets or isn't shared, the time is later than
it could be, never earlier: somebody gets an answer that they had, nobody misses a new one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from time import time
from typing import Any

import msgspec
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import get_language

from peertube_sync import __version__

REMEMBERED = 86_400
"""Seconds for which the tag of an answer is remembered after it was first given."""


@dataclass(frozen=True)
class Stamp:
    """The tag of an answer, and the second since which it is the same; None while that one isn't over."""

    etag: str
    since: int | None

    def unless_known(self, request: HttpRequest, make: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """Return what `make` makes, or 304 for who has it; only then is it made."""
        known = get_conditional_response(request, etag=self.etag, last_modified=self.since)
        return self._put_on(make() if known is None else known)

    def unless_same(self, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
        """Return `answer`, or 304 with its headers for who has it."""
        self._put_on(answer)
        return get_conditional_response(request, etag=self.etag, last_modified=self.since, response=answer) or answer

    def _put_on(self, answer: HttpResponseBase) -> HttpResponseBase:
        answer["ETag"] = self.etag
        del answer["Last-Modified"]
        if self.since:
            answer["Last-Modified"] = http_date(self.since)
        return answer


def of_content(request: HttpRequest, content: bytes, media_type: str) -> Stamp:
    """Return the stamp of an answer with this `content`."""
    tag = _hash(content)
    return Stamp(f'"{tag}"', _since(f"{media_type} {request.build_absolute_uri()}", tag))


def of_facts(request: HttpRequest, facts: Iterable[Any]) -> Stamp:
    """Return the stamp of an answer that is made of `facts` alone, which needn't be made then."""
    address = f"{get_language()} {request.build_absolute_uri()}"
    tag = _hash(msgspec.json.encode([__version__, address, *facts]))
    return Stamp(f'W/"{tag}"', _since(address, tag))


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


def _since(address: str, tag: str) -> int | None:
    """Return the second since which the answer to `address` is `tag`, None while that one isn't over.

    Each change has a second of its own, or who saw the state before it, in the same one, would miss it.
    """
    key, now = f"peertube_sync.answer.{_hash(address.encode())}", int(time())
    known, since = cache.get(key, ("", 0))
    if known != tag:
        since = max(now, since + 1)
        cache.set(key, (tag, since), REMEMBERED)
    return since if since <= now else None
