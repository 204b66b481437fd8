"""Passwords and tokens, which no log or error shows: `value` has to be asked for by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

REDACTED = "***"


@dataclass(frozen=True)
class Secret:
    """A token or a password; `value` is for the wire and the vault alone."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        return REDACTED


Form = Mapping[str, str | Secret]
"""What is posted."""


def plain_form(form: Form) -> dict[str, str]:
    """Return `form` as it goes over the wire."""
    return {name: value.value if isinstance(value, Secret) else value for name, value in form.items()}


def redact(text: bytes, secrets: Iterable[Secret]) -> bytes:
    """Return what a server says without the `secrets` that were sent to it, which it may repeat."""
    for secret in secrets:
        text = text.replace(secret.value.encode(), REDACTED.encode())
    return text
