"""What lets pages of any origin read answers. Browsers send no cookies then, so it is what anybody may read (CORS)."""

from typing import TypeVar

from django.http.response import HttpResponseBase

Answer = TypeVar("Answer", bound=HttpResponseBase)

READABLE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Retry-After, Allow",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
"""What a browser is told that asks before it asks: it may read."""


def readable_anywhere(answer: Answer, *, preflight: bool = False) -> Answer:
    """Return `answer` with the headers by which pages of any other site may read it."""
    for name, value in {**READABLE, **(PREFLIGHT if preflight else {})}.items():
        answer[name] = value
    return answer
