"""Logging in: what is asked, how refusals are named, and that nobody reads the tokens."""

import logging
from collections.abc import Iterator

import pytest

from peertube_sync.client.auth import Tokens, renew, request_tokens, revoke, whose
from peertube_sync.client.errors import LoginRefused, TokenRefused, TwoFactorNeeded, Unreachable
from peertube_sync.client.secret import Secret
from peertube_sync.client.transport import Transport
from peertube_sync.testing import Catalogue, Fault, Sandbox
from tests.support.budgets import at_once

PASSWORD = Secret("correct horse battery staple")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    catalogue = Catalogue.generate(videos=3, seed=1)
    catalogue.add_user(local_account(catalogue), PASSWORD.value)
    with Sandbox(catalogue, limit=None) as running:
        yield running


def local_account(catalogue: Catalogue) -> str:
    return next(one.name for one in catalogue.accounts.values() if not one.origin)


def transport(sandbox: Sandbox, token: Secret | None = None) -> Transport:
    return Transport(
        sandbox.url, sandbox.host, at_once(), "test/1", allow_private=True, token=token, sleep=lambda _: None
    )


def logged_in(sandbox: Sandbox) -> Tokens:
    return request_tokens(transport(sandbox), local_account(sandbox.catalogue), PASSWORD)


def test_a_login_gives_tokens_and_they_say_whose_they_are(sandbox: Sandbox) -> None:
    tokens = logged_in(sandbox)
    assert (tokens.seconds, tokens.refresh_seconds) == (86_400, 1_209_600)
    assert whose(transport(sandbox, tokens.access)) == local_account(sandbox.catalogue)


def test_a_renewed_login_goes_on_and_the_old_tokens_are_dead(sandbox: Sandbox) -> None:
    first = logged_in(sandbox)
    second = renew(transport(sandbox), first.refresh)
    assert whose(transport(sandbox, second.access))
    with pytest.raises(TokenRefused):
        whose(transport(sandbox, first.access))
    with pytest.raises(LoginRefused, match="the name or the password is wrong"):
        renew(transport(sandbox), first.refresh)


def test_refusals_are_told_in_words(sandbox: Sandbox) -> None:
    name = local_account(sandbox.catalogue)
    with pytest.raises(LoginRefused, match="the name or the password is wrong"):
        request_tokens(transport(sandbox), name, Secret("wrong"))
    sandbox.catalogue.add_user(name, PASSWORD.value, otp="123456")
    with pytest.raises(TwoFactorNeeded, match="a one-time password is needed"):
        request_tokens(transport(sandbox), name, PASSWORD)
    with pytest.raises(LoginRefused, match="the one-time password is wrong"):
        request_tokens(transport(sandbox), name, PASSWORD, "654321")
    assert request_tokens(transport(sandbox), name, PASSWORD, "123456")


def test_a_revoked_token_is_dead(sandbox: Sandbox) -> None:
    asking = transport(sandbox, logged_in(sandbox).access)
    revoke(asking)
    with pytest.raises(TokenRefused):
        whose(asking)


def test_a_question_for_tokens_is_sent_once(sandbox: Sandbox) -> None:
    first = logged_in(sandbox)
    sandbox.faults.add(Fault("reset", "/users/token"))
    before = len(sandbox.log)
    with pytest.raises(Unreachable):
        renew(transport(sandbox), first.refresh)
    assert [one.path for one in sandbox.log[before:]].count("/api/v1/users/token") == 1


def test_secrets_are_shown_nowhere(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = logged_in(sandbox)
    asking = transport(sandbox, tokens.access)
    asking.get("/api/v1/users/me")
    with pytest.raises(LoginRefused) as refused:
        renew(asking, Secret("a dead refresh token"))
    shown = [repr(tokens), repr(asking), f"{tokens.access}", str(refused.value), repr(refused.value), caplog.text]
    for secret in (PASSWORD, tokens.access, tokens.refresh, Secret("a dead refresh token")):
        assert not [text for text in shown if secret.value in text]
