"""Misbehaviour on demand: what a sandbox does to the answers that a fault's pattern fits.

Kinds of faults, each tried by the first fault that fits a request:

- `status`: answer with `status`, and `Retry-After` if `retry_after` is set
- `too_many`: answer 429 as PeerTube's limiter does, with `retry_after` seconds (1 if unset)
- `reset`: break the connection off without an answer
- `truncated`: announce the whole body, send half of it, close
- `html`: answer with an anti-bot page; `status` 200 or 403
- `other_software`: nodeinfo names mastodon, all else is 404 in its words
- `slow`: wait for `delay` seconds first; `drip`: send the body in pieces over `delay` seconds
- `empty`: `{"total": 0, "data": []}`
- `short`: leave the second half of the page out
- `total`: lie about the total by `offset`
- `duplicates`: repeat the row before the page as its first one, dropping its last
- `malformed`: spoil the item in the middle of the page
- `facts`: lay `facts` over every item of a page, or over a single answer
- `rewrite`: let `rewrite` change the page, a dict of `total` and `data`, as it likes
- `moved`: answer 301, to the same path and query at `location`
- `echo`: answer 400 in PeerTube's form, with all that was sent in its words
- `body`: answer with `body`, as a `content_type`; `hostile_pictures` has some
- `endless`: send the body again and again, until who asked hangs up
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from peertube_sync.testing.answers import Answer, html_answer, json_answer

JSON = dict[str, Any]

Kind = Literal[
    "status",
    "too_many",
    "reset",
    "truncated",
    "html",
    "other_software",
    "slow",
    "drip",
    "empty",
    "short",
    "total",
    "duplicates",
    "malformed",
    "facts",
    "rewrite",
    "moved",
    "echo",
    "body",
    "endless",
]
ANTI_BOT = "<!DOCTYPE html><title>Just a moment</title><p>Checking that you are not a robot.</p>"
TOO_MANY = "Too many requests, please try again later."
PAGE_FAULTS = frozenset({"short", "total", "duplicates", "malformed", "facts", "rewrite"})
SPOILED: JSON = {"id": "twelve", "uuid": None, "name": ["not", "a", "name"], "createdAt": "soon"}


@dataclass(slots=True)
class Fault:
    """One fault. `match` is searched in path and query; `after` matches pass before it begins.

    It strikes `times` times (None: for ever). `delay` is in seconds. `sent` counts the bytes of endless bodies.
    """

    kind: Kind
    match: str = ""
    times: int | None = 1
    after: int = 0
    status: int = 500
    retry_after: int | None = None
    delay: float = 1.0
    offset: int = 1000
    facts: JSON = field(default_factory=dict)
    rewrite: Callable[[JSON], None] | None = None
    location: str = ""
    content_type: str = ""
    body: bytes | str = b""
    sent: int = field(default=0, init=False)
    _seen: int = field(default=0, init=False, repr=False)

    def strikes(self, target: str) -> bool:
        """Tell whether it strikes this request, counting it."""
        if not re.search(self.match, target):
            return False
        self._seen += 1
        struck = self._seen - self.after
        return struck > 0 and (self.times is None or struck <= self.times)


class Faults:
    """The faults of a sandbox; the first that strikes wins."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def strike(self, target: str) -> Fault | None:
        """Return the fault that strikes a request, if one does."""
        with self._lock:
            return next((fault for fault in self._faults if fault.strikes(target)), None)


def spoil(fault: Fault, answer: Answer, before: Callable[[], JSON | None]) -> Answer:
    """Return what a fault makes of an answer; `before` returns the row before the page."""
    if fault.kind in _ANSWERS:
        return _ANSWERS[fault.kind](fault, answer)
    if fault.kind in PAGE_FAULTS and answer.status == 200:
        page = msgspec.json.decode(answer.body)
        if fault.kind == "facts" and isinstance(page, dict) and "data" not in page:
            return json_answer(page | fault.facts)
        if not isinstance(page, dict) or "data" not in page:
            return answer
        _spoil_page(fault, page, before)
        return json_answer(page)
    return answer


def _of_other_software(_fault: Fault, answer: Answer) -> Answer:
    document = msgspec.json.decode(answer.body) if answer.body and "json" in answer.content_type else None
    if isinstance(document, dict) and "links" in document:
        return answer
    if isinstance(document, dict) and "software" in document:
        return json_answer(document | {"software": {"name": "mastodon", "version": "4.5.0"}})
    return json_answer({"error": "Record not found"}, status=404)


def _with_body(fault: Fault, _given: Answer) -> Answer:
    body = fault.body.encode() if isinstance(fault.body, str) else fault.body
    return Answer(body=body, content_type=fault.content_type, tagged=False)


def _with_retry(answer: Answer, seconds: int | None) -> Answer:
    if seconds is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _spoil_page(fault: Fault, page: JSON, before: Callable[[], JSON | None]) -> None:
    data = page["data"]
    match fault.kind:
        case "short":
            page["data"] = data[: len(data) // 2]
        case "total":
            page["total"] = max(0, page.get("total", 0) + fault.offset)
        case "duplicates":
            if (row := before()) is not None:
                page["data"] = [row, *data[:-1]]
        case "malformed" if data:
            data[len(data) // 2] |= SPOILED
        case "facts":
            page["data"] = [item | fault.facts for item in data]
        case "rewrite" if fault.rewrite:
            fault.rewrite(page)


_ANSWERS: dict[str, Callable[[Fault, Answer], Answer]] = {
    "status": lambda fault, _given: _with_retry(html_answer("", fault.status), fault.retry_after),
    "too_many": lambda fault, _given: _with_retry(html_answer(TOO_MANY, 429), fault.retry_after or 1),
    "html": lambda fault, _given: html_answer(ANTI_BOT, 403 if fault.status == 403 else 200),
    "other_software": _of_other_software,
    "body": _with_body,
    "empty": lambda _fault, _given: json_answer({"total": 0, "data": []}),
}
