"""Refusals in PeerTube's form: RFC 7807 bodies with its own `code`, `docs` and `invalid-params`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

DOCS = "https://docs.joinpeertube.org/api-rest-reference.html"


class ProblemError(Exception):
    """An answer that is an error; carries what the body says.

    `invalid` maps a parameter's name to its entry below `invalid-params`.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        code: str | None = None,
        invalid: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code
        self.invalid = invalid

    def body(self, instance: str, operation: str | None) -> dict[str, object]:
        """Build the JSON body for a request of path-and-query `instance`."""
        answer: dict[str, Any] = {
            "type": f"{DOCS}#section/Errors/{self.code}" if self.code else "about:blank",
            "detail": self.detail,
            "status": self.status,
            "error": self.detail,
        }
        if self.code:
            answer["code"] = self.code
        else:
            answer["title"] = HTTPStatus(self.status).phrase
        if self.invalid:
            answer |= {"instance": instance, "invalid-params": self.invalid}
        if operation:
            answer["docs"] = f"{DOCS}#operation/{operation}"
        return answer


def invalid(name: str, value: Any, message: str = "Invalid value", where: str = "query") -> ProblemError:
    """Refuse one parameter as PeerTube's validators do."""
    entry = {"type": "field", "value": value, "msg": message, "path": name, "location": where}
    return ProblemError(400, f"Incorrect request parameters: {name}", invalid={name: entry})


def not_found(what: str) -> ProblemError:
    """Refuse because a thing does not exist, or not for this reader."""
    return ProblemError(404, f"{what} not found")


def token_required() -> ProblemError:
    """Refuse because the reader sent no token where the route asks for one."""
    return ProblemError(401, "Token is invalid", code="unauthorized_request")
