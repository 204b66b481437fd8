"""Answers to those who have one already: by its tag, and by the time since which it is the same.

No column tells when all that an answer shows last changed, so it is watched: Django's cache keeps for each address
the tag of its answer and when that was first given. Where the cache forgets or isn't shared, the time is later than
it could be, never earlier: somebody gets an answer that they had, nobody misses a new one.
"""

from hashlib import blake2b
from time import time
from typing import Any

from django.core.cache import cache
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from rest_framework.request import Request

REMEMBERED = 86_400
"""Seconds for which the tag of an answer is remembered after it was first given."""


def unless_known(request: Request, response: Any) -> Any:
    """Return the answer with its tag and the time of its last change, or 304 for who has it."""
    tag = blake2b(response.content, digest_size=16).hexdigest()
    changed = _since(f"{response.accepted_media_type} {request.build_absolute_uri()}", tag)
    response["ETag"] = f'"{tag}"'
    if changed:
        response["Last-Modified"] = http_date(changed)
    return get_conditional_response(request._request, etag=response["ETag"], last_modified=changed, response=response)


def _since(address: str, tag: str) -> int | None:
    """Return the second since which the answer to `address` is `tag`, None while that one isn't over.

    Each change has a second of its own, or who saw the state before it, in the same one, would miss it.
    """
    key, now = f"peertube_sync.answer.{blake2b(address.encode(), digest_size=16).hexdigest()}", int(time())
    known, since = cache.get(key, ("", 0))
    if known != tag:
        since = max(now, since + 1)
        cache.set(key, (tag, since), REMEMBERED)
    return since if since <= now else None
