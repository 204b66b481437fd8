"""Refusals in PeerTube's form: RFC 7807 bodies with `invalid-params`, built by `serializers.problem`."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Refusal(Exception):  # noqa: N818 - RFC 7807's word
    """An answer that is an error; `invalid` is the parameter at fault, with what came and where, `code` PeerTube's."""

    status: int
    detail: str
    invalid: dict[str, Any] | None = None
    code: str = ""


def invalid(name: str, value: Any, message: str = "Invalid value", location: str = "query") -> Refusal:
    """Return the refusal of the parameter `name`, in the words of PeerTube's validators."""
    entry = {"type": "field", "value": value, "msg": message, "path": name, "location": location}
    return Refusal(400, f"Incorrect request parameters: {name}", entry)


def not_found(what: str) -> Refusal:
    """Return the refusal for what isn't here, or not for everybody."""
    return Refusal(404, f"{what} not found")


def no_account() -> Refusal:
    """Return the refusal for who isn't logged in, which nobody is here: whatever token came, it is none of ours."""
    return Refusal(401, "Token is invalid", code="unauthorized_request")
