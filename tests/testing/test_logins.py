"""Logging in, and what a token shows; held against what PeerTube was seen to answer."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.support.recorded import differences, recording, shape
from tests.testing.asking import Reply, ask, uuids

HIDDEN = ("private", "unlisted", "internal", "password")


@pytest.fixture
def sandbox(catalogue: Catalogue) -> Iterator[Sandbox]:
    with Sandbox(catalogue, limit=None) as running:
        yield running


@pytest.fixture
def owner(catalogue: Catalogue) -> str:
    name = next(one.name for one in catalogue.accounts.values() if not one.origin)
    catalogue.add_user(name, "sesame")
    return name


def post(sandbox: Sandbox, path: str, headers: dict[str, str] | None = None, **form: str) -> Reply:
    connection = http.client.HTTPConnection(sandbox.host, timeout=10)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"/api/v1/users/{path}", urlencode(form), {**kind, **(headers or {})})
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    reply = Reply(answer.status, found, answer.read())
    connection.close()
    return reply


def grant(sandbox: Sandbox, headers: dict[str, str] | None = None, **form: str) -> Reply:
    client = ask(sandbox, "/api/v1/oauth-clients/local").data
    return post(sandbox, "token", headers, **client, **form)


def log_in(sandbox: Sandbox, name: str, **headers: str) -> Reply:
    return grant(sandbox, headers, grant_type="password", username=name, password="sesame")


def bearer(reply: Reply) -> dict[str, str]:
    return {"Authorization": f"Bearer {reply.data['access_token']}"}


def test_a_password_gives_tokens_that_say_who_asks(sandbox: Sandbox, owner: str) -> None:
    reply = log_in(sandbox, owner)
    assert reply.data.keys() == {
        "token_type",
        "access_token",
        "refresh_token",
        "expires_in",
        "refresh_token_expires_in",
    }
    assert ask(sandbox, "/api/v1/users/me", headers=bearer(reply)).data["account"]["name"] == owner


def test_a_wrong_password_is_refused_and_json_too(sandbox: Sandbox, owner: str) -> None:
    wrong = grant(sandbox, grant_type="password", username=owner, password="no")
    assert (wrong.status, wrong.data["code"]) == (400, "invalid_grant")
    in_json = grant(sandbox, {"Content-Type": "application/json"}, grant_type="password")
    assert in_json.status == 400


def test_a_one_time_password_is_asked_for(sandbox: Sandbox, owner: str, catalogue: Catalogue) -> None:
    catalogue.add_user(owner, "sesame", otp="123456")
    missing = log_in(sandbox, owner)
    assert (missing.status, missing.data["code"]) == (401, "missing_two_factor")
    assert missing.headers["x-peertube-otp"] == "required; app"
    assert log_in(sandbox, owner, **{"x-peertube-otp": "654321"}).data["code"] == "invalid_two_factor"
    assert log_in(sandbox, owner, **{"x-peertube-otp": "123456"}).status == 200


def test_a_refresh_token_works_once_and_kills_the_old_access_token(sandbox: Sandbox, owner: str) -> None:
    first = log_in(sandbox, owner)
    form = {"grant_type": "refresh_token", "refresh_token": first.data["refresh_token"]}
    second = grant(sandbox, **form)
    again = grant(sandbox, **form)
    assert (again.status, again.data["code"]) == (400, "invalid_grant")
    assert ask(sandbox, "/api/v1/videos", headers=bearer(first)).data["code"] == "invalid_token"
    assert ask(sandbox, "/api/v1/videos", headers=bearer(second)).status == 200


def test_a_revoked_token_is_dead(sandbox: Sandbox, owner: str) -> None:
    reply = log_in(sandbox, owner)
    assert post(sandbox, "revoke-token", bearer(reply)).status == 200
    assert ask(sandbox, "/api/v1/users/me", headers=bearer(reply)).status == 401


def test_owners_see_all_of_theirs_others_what_everybody_inside_may(sandbox: Sandbox, catalogue: Catalogue) -> None:
    names = [one.name for one in catalogue.accounts.values() if not one.origin]
    channel = next(one for one in catalogue.channels.values() if not one.origin)
    hidden = {privacy: catalogue.add_video(channel.name, name=privacy) for privacy in HIDDEN}
    for privacy, uuid in hidden.items():
        catalogue.hide(uuid, privacy)  # type: ignore[arg-type]
    other = next(name for name in names if name != channel.owner.name)
    for name in (channel.owner.name, other):
        catalogue.add_user(name)
    tokens = {name: bearer(log_in(sandbox, name)) for name in (channel.owner.name, other)}

    def seen(name: str, path: str, **query: Any) -> set[str]:
        return set(uuids(ask(sandbox, path, headers=tokens[name], count=100, **query)))

    assert set(hidden.values()) <= seen(channel.owner.name, "/api/v1/users/me/videos")
    assert not set(hidden.values()) & seen(other, "/api/v1/users/me/videos")
    assert set(hidden.values()) & seen(other, "/api/v1/videos", sort="-publishedAt") == {hidden["internal"]}
    asked = {
        privacy: [ask(sandbox, f"/api/v1/videos/{uuid}", headers=tokens[name]).status for name in tokens]
        for privacy, uuid in hidden.items()
    }
    assert asked == {"private": [200, 403], "unlisted": [200, 200], "internal": [200, 200], "password": [200, 403]}
    assert json.loads(ask(sandbox, f"/api/v1/videos/{hidden['private']}").body)["status"] == 401


def test_own_videos_have_the_recorded_keys_and_types(catalogue: Catalogue) -> None:
    videos = [row for row in catalogue.videos.values() if row.is_local and row.tags]
    owner = next(row.account.name for row in videos if row.account.avatars and row.channel.avatars)
    catalogue.add_user(owner, "sesame")
    with Sandbox(catalogue, limit=None, version="8.2.1") as sandbox:
        rows = ask(sandbox, "/api/v1/users/me/videos", headers=bearer(log_in(sandbox, owner))).data["data"]
    assert differences(shape(recording("8.2.1", "users-me-videos")["body"]["data"]), shape(rows)) == []
