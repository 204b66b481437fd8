"""Logging in to a PeerTube as one of its users. Facts: `lib/auth/oauth.ts`, and a running 6.3.0.

A refresh token works once: the answer to it is the only place where the next one is. So a question for tokens is
never sent twice, and whoever asks has to keep the answer at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from peertube_sync.client.errors import LoginRefused, Refused, TwoFactorNeeded
from peertube_sync.client.parse import parse
from peertube_sync.client.secret import Form, Secret
from peertube_sync.client.transport import Transport
from peertube_sync.client.types import Remote

OTP_HEADER = "x-peertube-otp"
CLIENT = "/api/v1/oauth-clients/local"
TOKEN = "/api/v1/users/token"  # noqa: S105 - a path
REVOKE = "/api/v1/users/revoke-token"
ME = "/api/v1/users/me"

REASONS: Mapping[str, str] = {
    "invalid_grant": "the name or the password is wrong",
    "missing_two_factor": "a one-time password is needed",
    "invalid_two_factor": "the one-time password is wrong",
    "account_waiting_for_approval": "the account waits for its approval",
    "account_approval_rejected": "the account was not approved",
    "account_blocked": "the account is blocked",
    "email_not_verified": "the e-mail address of the account isn't verified",
    "too_long_password": "the password is too long",
    "invalid_client": "the instance doesn't take its own client",
}
"""What the codes of a refusal mean; PeerTube's own words are never repeated, they might hold what was sent."""


class LocalClient(msgspec.Struct):
    """The client that everybody logs in by."""

    client_id: str
    client_secret: str


class Granted(msgspec.Struct):
    """The answer to a question for tokens, as it comes; `Tokens` is what is passed on."""

    access_token: str
    refresh_token: str
    expires_in: float
    refresh_token_expires_in: float = 1_209_600.0

    def __repr__(self) -> str:
        return "Granted(***)"


class NamedAccount(Remote, kw_only=True):
    name: str


class Me(Remote, kw_only=True):
    """The answer to `/users/me`: whose the token is."""

    account: NamedAccount


@dataclass(frozen=True)
class Tokens:
    """What a login gives; `seconds` from now on the access token is good, the refresh token `refresh_seconds`."""

    access: Secret
    refresh: Secret
    seconds: float
    refresh_seconds: float


def request_tokens(transport: Transport, username: str, password: Secret, otp: str = "") -> Tokens:
    """Return tokens for a name and a password; raises LoginRefused, TwoFactorNeeded where `otp` is missing."""
    form: Form = {"grant_type": "password", "username": username, "password": password}
    return _granted(transport, form, {OTP_HEADER: otp} if otp else {})


def renew(transport: Transport, refresh: Secret) -> Tokens:
    """Return the next tokens for a refresh token, which is dead from then on; raises LoginRefused."""
    return _granted(transport, {"grant_type": "refresh_token", "refresh_token": refresh}, {})


def revoke(transport: Transport) -> None:
    """Let the instance forget the token that `transport` asks with."""
    transport.post(REVOKE, {})


def whose(transport: Transport) -> str:
    """Return the name of the account whose token `transport` asks with."""
    return parse(transport.get(ME).body, Me, f"{transport.host}{ME}").account.name


def _granted(transport: Transport, form: Form, headers: Mapping[str, str]) -> Tokens:
    local = parse(transport.get(CLIENT).body, LocalClient, f"{transport.host}{CLIENT}")
    client: Form = {"client_id": local.client_id, "client_secret": Secret(local.client_secret)}
    try:
        body = transport.post(TOKEN, {**client, **form}, headers).body
    except Refused as error:
        if not error.own:  # that of a proxy or an anti-bot page means nothing for the login
            raise
        kind = TwoFactorNeeded if error.code == "missing_two_factor" else LoginRefused
        reason = REASONS.get(error.code, f"it answered {error.status}")
        raise kind(f"{transport.host} refuses the login: {reason}") from None
    found = parse(body, Granted, f"{transport.host}{TOKEN}")
    access, refresh = Secret(found.access_token), Secret(found.refresh_token)
    return Tokens(access, refresh, found.expires_in, found.refresh_token_expires_in)
