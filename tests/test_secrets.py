"""No token and no password is anywhere but in the database, encrypted: everything that anybody can read is searched."""

import io
import json
import logging
import pprint
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django import VERSION
from django.apps import apps
from django.conf import settings as django_settings
from django.core import mail, serializers
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.utils import timezone

from peertube_sync.client.secret import Secret
from peertube_sync.conf import get_settings
from peertube_sync.models import Alarm, Login, SyncRun
from peertube_sync.sync.connect import connect
from peertube_sync.sync.operations.alarms import raise_alarms
from peertube_sync.sync.operations.logins import as_owner
from peertube_sync.sync.operations.vault import Vault
from peertube_sync.testing import Catalogue, Fault
from tests.support.admin_pages import listing, page
from tests.support.mirror import Mirror

PASSWORD = "correct horse battery staple"
METRICS_TOKEN = "a token that a monitor sends"
KEY = Fernet.generate_key().decode()


def told(*command: str) -> str:
    """Return what a command says, its error too."""
    out = io.StringIO()
    try:
        call_command(*command, stdout=out, stderr=out)
    except CommandError as error:
        out.write(str(error))
    return out.getvalue()


def log_in(mirror: Mirror, monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD, *options: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    name = next(one.name for one in mirror.catalogue.accounts.values() if not one.origin)
    mirror.catalogue.add_user(name, PASSWORD)
    return told("peertube_login", mirror.sandbox.url, "--username", name, *options)


def mailed() -> str:
    """Return the mails that tell people what they have to look at."""
    Alarm.objects.all().delete()
    admins = [("Ada", "ada@mirror.example")] if VERSION < (6, 0) else ["ada@mirror.example"]
    with override_settings(ADMINS=admins):
        raise_alarms(get_settings())
    return "\n".join(str(one.message()) for one in mail.outbox)


def rows() -> str:
    """Return every row of every table as text."""
    models = [model for model in apps.get_models() if model._meta.managed]
    return json.dumps([serializers.serialize("json", model._default_manager.all()) for model in models])


def test_no_secret_is_anywhere_to_be_read(
    make_mirror: Callable[..., Mirror],
    admin_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    ours = {"TOKEN_KEYS": KEY, "METRICS_TOKEN": METRICS_TOKEN, "ALARM_MAILS": True, "ALARM_FAILING_HOURS": 1e-6}
    with override_settings(PEERTUBE_SYNC={**django_settings.PEERTUBE_SYNC, **ours}):
        seen = _live(make_mirror(Catalogue.generate(videos=3, seed=3)), monkeypatch, admin_client)
        seen["settings"] = repr(get_settings()) + pprint.pformat(get_settings())
    seen["log"] = caplog.text + repr([vars(record) for record in caplog.records])
    secrets = {*seen.pop("tokens").split(), PASSWORD, KEY, METRICS_TOKEN}
    assert len(secrets) >= 9
    assert any("Subject" in text for where, text in seen.items() if where.startswith("mails"))
    assert [(where, secret) for where, text in seen.items() for secret in secrets if secret in text] == []


def _live(mirror: Mirror, monkeypatch: pytest.MonkeyPatch, client: Client) -> dict[str, str]:
    """Log in, mirror, refresh, fail and log out; returns all that can be read of it, and the tokens."""
    seen = {"wrong password": log_in(mirror, monkeypatch, "wrong"), "login": log_in(mirror, monkeypatch)}
    tokens = _tokens(mirror)
    seen["json"] = log_in(mirror, monkeypatch, PASSWORD, "--json")
    seen["add"] = told("peertube_add", mirror.sandbox.host, "--own", "--json")
    tokens |= _tokens(mirror)
    seen |= _read(mirror, client, "after a sync")
    Login.objects.update(access_until=timezone.now())
    mirror.sync(full=True)
    tokens |= _tokens(mirror)
    seen["client"] = _reprs(mirror)
    for number, fault in enumerate((Fault("echo", "/users/", times=None), Fault("reset", "/users/token"))):
        mirror.sandbox.faults.add(fault)
        Login.objects.update(access_until=timezone.now())
        seen |= _read(mirror, client, f"after fault {number}")
        mirror.sandbox.faults.clear()
        tokens |= _tokens(mirror)
    seen["logout"] = told("peertube_logout", mirror.sandbox.host, "--json")
    return {**seen, "tokens": " ".join(tokens)}


def _tokens(mirror: Mirror) -> set[str]:
    return {token for one in mirror.catalogue.grants.values() for token in (one.access, one.refresh)}


def _reprs(mirror: Mirror) -> str:
    """Return the client, the vault and what they hold, as a debugger or an error report shows them."""
    settings, login = mirror.settings(), Login.objects.get()
    client, vault = connect("http", mirror.sandbox.host, settings), Vault.of(settings)
    token = vault.open(login.access_token)
    with as_owner(client.transport, token) as asking:
        answer = asking.get("/api/v1/users/me")
        things: list[Any] = [client, asking, answer, vault, token, login, Secret("x"), f"{token}", settings]
        text = "\n".join(map(repr, things)) + pprint.pformat(things)
    client.transport.close()
    return text


def _read(mirror: Mirror, client: Client, when: str) -> dict[str, str]:
    """Sync; returns what the commands, the rows and the pages of the admin say."""
    totals = mirror.sync(full=True)
    monitor = client.get("/api/metrics/", headers={"authorization": f"Bearer {METRICS_TOKEN}"})
    assert monitor.status_code == 200
    pages = [listing(name) for name in ("login", "source", "instance", "syncrun", "skippeditem")]
    pages += [page(row) for row in (Login.objects.get(), mirror.source, mirror.instance, *SyncRun.objects.all()[:3])]
    return {
        f"totals {when}": repr(totals),
        f"status {when}": told("peertube_status", "--json") + told("peertube_status"),
        f"problems {when}": told("peertube_status", "--problems", "--json"),
        f"mails {when}": mailed(),
        f"metrics {when}": monitor.content.decode(),
        f"rows {when}": rows(),
        f"admin {when}": "".join(client.get(address).content.decode() for address in pages),
    }
