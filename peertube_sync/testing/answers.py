"""Requests and answers of the sandbox, between the HTTP server and the routes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

import msgspec

from peertube_sync.testing.activitypub.federation import Federation
from peertube_sync.testing.catalogue import Catalogue
from peertube_sync.testing.problems import ProblemError
from peertube_sync.testing.records import Account
from peertube_sync.testing.render import Renderer
from peertube_sync.testing.selection import Query
from peertube_sync.testing.versions import Version

JSON_TYPE = "application/json; charset=utf-8"
PROBLEM_TYPE = "application/problem+json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"

#: Express' names of the API's limiter and of no limiter at all; see `limits` for the others.
API = "api"
UNLIMITED = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, taken apart. `host` is what the instance calls itself in this answer.

    `body` is that of a POST; `reader` is the account that asks, None for somebody anonymous.
    """

    path: str
    query: Query
    target: str
    host: str
    headers: dict[str, str]
    catalogue: Catalogue
    federation: Federation
    version: Version
    turn: int = 0
    body: bytes = b""
    reader: Account | None = None

    @property
    def renderer(self) -> Renderer:
        """Return what makes wire shapes for this request."""
        return self.catalogue.renderer(self.host, self.turn, self.version)


@dataclass(slots=True)
class Answer:
    """One answer; `bucket` says which limiter counted it."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    bucket: str = API
    tagged: bool = True

    @property
    def etag(self) -> str:
        """Return the weak tag that Express gives a body."""
        digest = base64.b64encode(hashlib.sha1(self.body, usedforsecurity=False).digest())
        return f'W/"{len(self.body):x}-{digest.decode()[:27]}"'


def json_answer(data: Any, **facts: Any) -> Answer:
    return Answer(body=msgspec.json.encode(data), **facts)


def problem_answer(problem: ProblemError, request: Request, operation: str | None) -> Answer:
    """Answer with a refusal in PeerTube's form."""
    body = request.version.shape("problem", problem.body(request.target, operation))
    return Answer(problem.status, msgspec.json.encode(body), PROBLEM_TYPE)


def html_answer(text: str, status: int = 200, **facts: Any) -> Answer:
    """Answer with a page or plain words in a page's type."""
    return Answer(status, text.encode(), HTML_TYPE, **facts)
