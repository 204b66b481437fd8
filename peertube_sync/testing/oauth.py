"""PeerTube's logins: tokens for a name and a password, and for a refresh token, which works once.

As 6.3.0 was seen to do: a wrong password and a dead refresh token are 400 `invalid_grant`, a missing one-time
password is 401 `missing_two_factor` with a header that says so, using a refresh token kills the old access token.
"""

from __future__ import annotations

import secrets
import time
from urllib.parse import parse_qsl

from peertube_sync.testing.answers import Answer, Request, json_answer, problem_answer
from peertube_sync.testing.problems import ProblemError, token_required
from peertube_sync.testing.records import Grant, User

FORM = "application/x-www-form-urlencoded"
OTP_HEADER = "x-peertube-otp"
CLIENT_ID, CLIENT_SECRET = "0123456789abcdef" * 2, "fedcba9876543210" * 2


def client(request: Request) -> Answer:
    """Answer with the client that everybody logs in by; 403 for another Host than its own."""
    if request.headers.get("host") != request.host:
        raise ProblemError(403, "Getting client tokens for this domain is forbidden")
    return json_answer({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, tagged=False)


def token(request: Request) -> Answer:
    if request.headers.get("content-type", "").partition(";")[0] != FORM:
        raise ProblemError(400, "Invalid request: content must be application/x-www-form-urlencoded")
    form = dict(parse_qsl(request.body.decode()))
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise ProblemError(400, "Invalid client: client is invalid", code="invalid_client")
    grants = {"password": _by_password, "refresh_token": _by_refresh}
    grant = grants.get(form.get("grant_type", ""))
    if grant is None:
        raise ProblemError(400, "Unsupported grant type", code="unsupported_grant_type")
    try:
        user = grant(request, form)
    except ProblemError as problem:
        if problem.code != "missing_two_factor":
            raise
        asking = problem_answer(problem, request, None)
        asking.headers[OTP_HEADER] = "required; app"
        return asking
    catalogue, now = request.catalogue, time.time()
    access, refresh = catalogue.access_seconds, catalogue.refresh_seconds
    granted = Grant(user, secrets.token_hex(20), secrets.token_hex(20), now + access, now + refresh)
    catalogue.grants[granted.access] = granted
    data = {
        "token_type": "Bearer",
        "access_token": granted.access,
        "refresh_token": granted.refresh,
        "expires_in": access,
        "refresh_token_expires_in": refresh,
    }
    return json_answer(data, tagged=False)


def revoke(request: Request) -> Answer:
    """Forget the tokens of whoever asks."""
    known_user(request, required=True)
    del request.catalogue.grants[_bearer(request)]
    return json_answer({}, tagged=False)


def me(request: Request) -> Answer:
    user = known_user(request, required=True)
    data = {
        "id": user.account.user_id or user.account.id,
        "username": user.account.name,
        "role": {"id": 2, "label": "User"},
        "account": request.renderer.account(user.account),
    }
    return json_answer(data)


def known_user(request: Request, *, required: bool = False) -> User:
    """Return who asks. Raises ProblemError 401 for a dead token, and for none where one is required."""
    grant = request.catalogue.grants.get(_bearer(request))
    if grant and grant.access_ends > time.time():
        user: User = grant.user
        return user
    if required and not _bearer(request):
        raise token_required()
    raise ProblemError(401, "Token is invalid", code="invalid_token")


def _bearer(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _by_password(request: Request, form: dict[str, str]) -> User:
    user = request.catalogue.users.get(form.get("username", "").lower())
    if user is None or user.password != form.get("password"):
        raise ProblemError(400, "Invalid grant: user credentials are invalid", code="invalid_grant")
    password = request.headers.get(OTP_HEADER)
    if user.otp and password is None:
        raise ProblemError(401, "Missing two factor header", code="missing_two_factor")
    if user.otp and password != user.otp:
        raise ProblemError(400, "Invalid two factor header", code="invalid_two_factor")
    return user


def _by_refresh(request: Request, form: dict[str, str]) -> User:
    grants: dict[str, Grant] = request.catalogue.grants
    old = next((grant for grant in grants.values() if grant.refresh == form.get("refresh_token")), None)
    if old is None or old.refresh_ends <= time.time():
        raise ProblemError(400, "Invalid grant: refresh token is invalid", code="invalid_grant")
    del grants[old.access]
    return old.user
