"""PeerTube's error documents (RFC 7807), told apart from what any other software answers."""

from typing import Self

import msgspec
from msgspec import field

from peertube_sync.client.types import Json, Remote


class PeerTubeProblem(Remote, kw_only=True):
    """RFC 7807 as PeerTube sends it (3.3 on), with the older `error` beside it."""

    detail: str | None = None
    title: str | None = None
    error: str | None = None
    code: str | None = None
    type: str | None = None
    invalid_params: Json = field(default_factory=dict, name="invalid-params")

    @classmethod
    def parse(cls, body: bytes) -> Self | None:
        """Return the problem in `body`, None when it is nothing that PeerTube would say."""
        try:
            problem = msgspec.json.decode(body, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return problem if problem.detail or problem.error or problem.code else None
