"""Logins: kept encrypted, kept good, and clear about it when they aren't."""

import json
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from peertube_sync.client.secret import Secret
from peertube_sync.models import Login, Source
from peertube_sync.sync.operations.logins import log_in
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror
from tests.sync.logging_in import KEY, OTHER_KEY, PASSWORD, with_keys

pytestmark = pytest.mark.usefixtures("vault_key")


def read(mirror: Mirror) -> str:
    """Do a sweep of the owner's own videos; returns its last error."""
    mirror.sync(full=True)
    return mirror.source.last_error


def expire() -> None:
    Login.objects.update(access_until=timezone.now())


def status() -> dict[str, Any]:
    told = StringIO()
    call_command("peertube_status", "--json", stdout=told)
    return dict(json.loads(told.getvalue())[0])


def test_tokens_are_encrypted_and_the_password_is_kept_nowhere(owned: Mirror) -> None:
    (grant,) = owned.catalogue.grants.values()
    (row,) = Login.objects.values()
    kept = json.dumps(row, default=str)
    assert not [one for one in (grant.access, grant.refresh, PASSWORD) if one in kept]
    assert Fernet(KEY).decrypt(row["access_token"].encode()).decode() == grant.access


def test_a_token_that_is_about_to_end_is_renewed_before_it_is_used(owned: Mirror) -> None:
    before = Login.objects.get()
    owned.catalogue.expire_access()
    expire()
    assert read(owned) == ""
    after = Login.objects.get()
    assert after.refresh_token != before.refresh_token
    assert (after.needed, after.refreshing_since) == ("", None)
    assert status()["login"] == "logged in"


def test_a_token_that_the_instance_forgot_is_renewed_at_once(owned: Mirror) -> None:
    owned.catalogue.expire_access()
    assert read(owned) == ""


def test_tokens_that_the_instance_never_takes_are_not_asked_for_again_and_again(owned: Mirror) -> None:
    owned.sandbox.faults.add(Fault("status", "/users/me/videos", times=None, status=401))
    assert "does not take the token any more" in read(owned)
    assert owned.asked().count("/api/v1/users/token") == 2


def test_a_refused_refresh_says_that_a_login_is_needed_and_asks_no_more(owned: Mirror) -> None:
    owned.catalogue.revoke_all()
    expire()
    assert read(owned) == "login needed: the instance no longer takes the refresh token"
    asked = len(owned.sandbox.log)
    assert read(owned) == "login needed: the instance no longer takes the refresh token"
    assert "/api/v1/users/token" not in owned.asked(asked)
    assert status()["login"] == status()["last_error"]


def test_a_lost_answer_to_a_refresh_says_what_happened_and_a_login_heals_it(owned: Mirror) -> None:
    owned.sandbox.faults.add(Fault("reset", "/users/token"))
    expire()
    owned.slice()
    assert Login.objects.get().refreshing_since
    assert read(owned).startswith("login needed: the answer to a refresh begun at")
    log_in(owned.sandbox.url, Login.objects.get().username, Secret(PASSWORD), owned.settings())
    assert read(owned) == ""


def test_a_refresh_that_never_reached_the_instance_costs_nothing(owned: Mirror) -> None:
    expire()
    Login.objects.update(refreshing_since=timezone.now())  # killed before it was sent
    assert read(owned) == ""
    assert Login.objects.get().refreshing_since is None


def test_keys_are_rotated_by_a_command(owned: Mirror) -> None:
    with with_keys(OTHER_KEY, KEY):
        assert read(owned) == ""
        call_command("peertube_login", "--rotate-keys", stdout=StringIO())
    with with_keys(OTHER_KEY):
        assert read(owned) == ""


def test_without_the_key_it_is_said_which_is_missing(owned: Mirror) -> None:
    with with_keys(OTHER_KEY):
        assert "encrypted by a key that isn't in" in read(owned)
    with with_keys():
        assert 'PEERTUBE_SYNC["TOKEN_KEYS"] is empty' in read(owned)
        with pytest.raises(CommandError, match="TOKEN_KEYS"):
            call_command("peertube_login", owned.sandbox.url, "--username", "x")
    assert read(owned) == ""


def test_logging_out_revokes_and_forgets(owned: Mirror) -> None:
    call_command("peertube_logout", owned.sandbox.host, stdout=StringIO())
    assert owned.catalogue.grants == {}
    assert not Login.objects.exists()
    assert "isn't logged in" in read(owned)
    assert Source.objects.get().state == "active"
