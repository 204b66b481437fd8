"""Logging in and out, and keeping a login good: tokens that can't get lost but in the hands of the server.

A refresh token works once, and its successor is sent once. So:

1. `refreshing_since` is written before the server is asked.
2. One UPDATE keeps both new tokens as soon as they are there. It asks for no lease, on purpose: whoever has the
   new tokens has to keep them. It is a compare-and-swap on the old ones, so that a slower process changes nothing.
3. A process that is killed in between leaves the old tokens. If the server hadn't been asked yet, they are still
   good; if it refuses them, the row says that a login is needed, and why, until a person logs in.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from peertube_sync.client import auth
from peertube_sync.client.auth import Tokens
from peertube_sync.client.detect import detect
from peertube_sync.client.errors import InvalidTarget, Locked, LoginNeeded, LoginRefused, PeerTubeError, TokenRefused
from peertube_sync.client.robots_fetch import apply_robots, fetch_robots
from peertube_sync.client.secret import Secret
from peertube_sync.client.targets import recognise
from peertube_sync.client.transport import Transport
from peertube_sync.conf import Settings
from peertube_sync.models import Instance, Login, Source, SourceKind
from peertube_sync.models.rules import validate_rules
from peertube_sync.sync import events
from peertube_sync.sync.connect import connect
from peertube_sync.sync.doorbell.actor import rotate_private_key
from peertube_sync.sync.operations.add import NO_RULES, likely_scheme
from peertube_sync.sync.operations.optout import refuse_opted_out
from peertube_sync.sync.operations.vault import Vault

EARLY = timedelta(minutes=5)
"""An access token is renewed so long before its end, so that none ends in the middle of a slice."""
LOST = "the answer to a refresh begun at {:%Y-%m-%d %H:%M} UTC never arrived, and its token works once"
REFUSED = "the instance no longer takes the refresh token"


def log_in(where: str, username: str, password: Secret, settings: Settings, otp: str = "") -> Login:
    """Log in to the instance `where`, which becomes a row if it is none; the password is never kept.

    Raises PeerTubeError: LoginRefused, TwoFactorNeeded, Locked without a key, or what asking raises.
    """
    vault, target = Vault.of(settings), recognise(where)
    refuse_opted_out(target.host, username)
    scheme = target.scheme or likely_scheme(target.host, settings)
    client = connect(scheme, target.host, settings, retries=0)
    try:
        apply_robots(client.transport, fetch_robots(client.transport))
        version = detect(client.transport)
        tokens = auth.request_tokens(client.transport, username, password, otp)
        with as_owner(client.transport, tokens.access) as asking:
            name = auth.whose(asking)
    finally:
        client.transport.close()
    good = {**_token_columns(vault, tokens), "logged_in_at": timezone.now()}
    with transaction.atomic():  # locked, so that nobody gives the row another host before the tokens hang on it
        instance = Instance.objects.select_for_update().at_host(target.host, scheme=scheme, version=version)
        login, _ = Login.objects.update_or_create(instance=instance, username=name, defaults=good)
    make_own_videos_due(login)
    events.note(logging.INFO, "logged_in", "%(login)s is logged in", host=instance.host, login=login)
    return login


def log_out(login: Login, settings: Settings) -> str:
    """Forget the tokens, here in any case, and at the instance; returns why it couldn't be told, "" when it was."""
    instance, trouble = login.instance, ""
    try:
        client = connect(instance.scheme, instance.host, settings, instance.version, retries=0)
        try:
            apply_robots(client.transport, instance.robots)
            token = Vault.of(settings).open(login.access_token)
            with as_owner(client.transport, token) as asking, suppress(TokenRefused):
                auth.revoke(asking)
        finally:
            client.transport.close()
    except PeerTubeError as error:
        trouble = str(error)
    facts = {"host": instance.host, "login": login, "trouble": trouble}
    login.delete()
    events.note(logging.INFO, "logged_out", "%(login)s is logged out %(trouble)s", **facts)
    return trouble


def add_own(login: Login, rules: Mapping[str, Any] = NO_RULES) -> tuple[Source, bool]:
    """Make the owner's own videos that aren't public a source with `rules`; returns it and whether it is new.

    Raises ValidationError for rules that can't be.
    """
    validate_rules(rules)
    source, new = Source.objects.get_or_create(
        instance=login.instance, kind=SourceKind.OWN, name=login.username, defaults={"rules": dict(rules)}
    )
    make_own_videos_due(login)
    return source, new


def login_at(what: str) -> Login:
    """Return the login that `what`, a host or `name@host`, names; raises InvalidTarget, saying what to do."""
    target = recognise(what)
    found = Login.objects.filter(instance__host=target.host).select_related("instance")
    logins = list(found.filter(username__iexact=target.name) if target.name else found)
    if len(logins) == 1:
        return logins[0]
    if logins:
        names = ", ".join(map(str, logins))
        raise InvalidTarget(f"there are several logins at {target.host}, name one of them: {names}")
    raise InvalidTarget(f"nobody is logged in at {what}; log in with: manage.py peertube_login {target.host}")


def make_own_videos_due(login: Login) -> None:
    """Make the owner's own videos due, if they are a source."""
    own = Source.objects.filter(instance=login.instance, kind=SourceKind.OWN, name=login.username)
    if own.update(sweep_due_at=Now(), last_error=""):
        Instance.objects.filter(pk=login.instance_id).update(next_due_at=Now())


@contextmanager
def as_owner(transport: Transport, token: Secret) -> Iterator[Transport]:
    """Give a transport that asks with `token`, and counts with the one it is made from."""
    asking = replace(transport, token=token)
    try:
        yield asking
    finally:
        asking.close()


def access(source: Source, transport: Transport, settings: Settings) -> Secret:
    """Return a good access token for the owner's own videos; raises LoginNeeded, or what asking raises.

    To be called under the lease: if two processes refresh at the same time, one of them has a dead token.
    """
    login = Login.objects.filter(instance=source.instance_id, username=source.name).first()
    if login is None:
        raise LoginNeeded(f"login needed: {source.name} isn't logged in at {transport.host}")
    if login.needed:
        raise LoginNeeded(login.state)
    try:
        vault = Vault.of(settings)
        if login.access_until > timezone.now() + EARLY:
            return vault.open(login.access_token)
        return _refreshed(login, vault, transport)
    except Locked as error:
        raise LoginNeeded(f"login needed: {error}") from None


def expire(source: Source) -> None:
    """Note that the access token isn't taken any more, so that the next slice asks for another one."""
    Login.objects.filter(instance=source.instance_id, username=source.name).update(access_until=timezone.now())


def rotate_keys(settings: Settings) -> int:
    """Encrypt all tokens, and the doorbell's private key, by the first key; returns how many logins that are.

    Raises Locked where no key fits.
    """
    vault, logins = Vault.of(settings), list(Login.objects.all())
    rotate_private_key(vault)
    for login in logins:
        tokens = {name: vault.rotate(getattr(login, name)) for name in ("access_token", "refresh_token")}
        _rows_with_same_tokens(login).update(**tokens)
    return len(logins)


def _refreshed(login: Login, vault: Vault, transport: Transport) -> Secret:
    refresh, began = vault.open(login.refresh_token), login.refreshing_since
    _rows_with_same_tokens(login).update(refreshing_since=began or timezone.now())
    try:
        tokens = auth.renew(transport, refresh)
    except LoginRefused:
        reason = LOST.format(began) if began else REFUSED
        _rows_with_same_tokens(login).update(needed=reason, refreshing_since=None)
        facts = {"host": login.instance.host, "login": login, "reason": reason}
        events.note(logging.WARNING, "login_needed", "%(login)s has to log in again: %(reason)s", **facts)
        raise LoginNeeded(f"login needed: {reason}") from None
    _rows_with_same_tokens(login).update(**_token_columns(vault, tokens))
    return tokens.access


def _rows_with_same_tokens(login: Login) -> "QuerySet[Login, Login]":
    """Return the row as long as its tokens are those that were read: another process may have newer ones."""
    return Login.objects.filter(pk=login.pk, refresh_token=login.refresh_token)


def _token_columns(vault: Vault, tokens: Tokens) -> dict[str, object]:
    now = timezone.now()
    return {
        "access_token": vault.lock(tokens.access),
        "refresh_token": vault.lock(tokens.refresh),
        "access_until": now + timedelta(seconds=tokens.seconds),
        "refresh_until": now + timedelta(seconds=tokens.refresh_seconds),
        "refreshing_since": None,
        "needed": "",
    }
