"""What isn't public is on the pages of those who have the permission, and on nobody else's; logins are on no page."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from peertube_sync.models import (
    Channel,
    Curation,
    Login,
    PlaylistElement,
    SkippedItem,
    Source,
    SourceKind,
    SyncRun,
    Tag,
)
from peertube_sync.testing import Catalogue, Sandbox
from tests.support import builders
from tests.support.admin_pages import StaffClient, act, adding, listing, page

pytestmark = pytest.mark.django_db
CANARY = "canaryq"
FAMILIAR = ("video", "channel", "account", "tag", "curation", "playlist", "syncrun", "skippeditem", "source")
OPEN_TO_ALL = {"playlist", "source"}
"""Rows that are public themselves."""


def private_world() -> dict[str, Model]:
    """Rows that tell of a private video, by the model's name."""
    home = builders.instance()
    whole = Source.objects.create(instance=home, kind=SourceKind.OWN, name="owner")
    account = builders.account(home, display_name=f"{CANARY}account", private=True)
    channel = builders.channel(home, display_name=f"{CANARY}channel", owner_account=account, private=True)
    video = builders.video(home, channel=channel, name=f"{CANARY}name", privacy_id=3, privacy_label="Private")
    video.tags.add(Tag.objects.create(name=f"{CANARY}tag"))
    shown = builders.playlist(home)
    PlaylistElement.objects.create(
        playlist=shown, video=video, remote_id=1, position=1, video_uuid=video.uuid, video_name=video.name
    )
    error = {"reason": f"{CANARY}reason", "raw": f"{CANARY}raw"}
    return {
        "video": video,
        "channel": channel,
        "account": account,
        "tag": video.tags.get(),
        "curation": Curation.objects.create(video=video, title=f"{CANARY}title"),
        "playlist": shown,
        "source": whole,
        "syncrun": SyncRun.objects.create(instance=home, source=whole, kind="sweep", error=f"{CANARY}error"),
        "skippeditem": SkippedItem.objects.create(instance=home, kind="own video", key=f"{CANARY}key", **error),
    }


def everything_but(codename: str) -> list[str]:
    codenames = Permission.objects.filter(content_type__app_label="peertube_sync").exclude(codename=codename)
    return list(codenames.values_list("codename", flat=True))


def addresses(world: dict[str, Model]) -> Iterator[str]:
    for model, row in world.items():
        yield listing(model)
        yield page(row)
        yield page(row, "history")
    for name in ("channel", "account", "tags"):
        row = world[name.removesuffix("s")]
        yield f"{listing('video')}?{name}__id__exact={row.pk}"
    query = {"app_label": "peertube_sync", "model_name": "curation", "field_name": "video", "term": CANARY}
    yield reverse("admin:autocomplete") + "?" + "&".join(f"{key}={value}" for key, value in query.items())
    yield f"{listing('video')}?q={world['video'].uuid}"  # type: ignore[attr-defined]
    yield reverse("admin:app_list", args=("peertube_sync",))


def test_staff_without_the_permission_sees_nothing_of_it(staff: StaffClient) -> None:
    world = private_world()
    client = staff(*everything_but("view_private_video"))
    for address in addresses(world):
        answer = client.get(address, follow=True)
        assert CANARY not in answer.content.decode().replace(f"term={CANARY}", ""), address
    refused = {name for name, row in world.items() if client.get(page(row)).status_code != 200}
    assert refused == set(FAMILIAR) - OPEN_TO_ALL


def test_staff_without_the_permission_decides_nothing_about_it(staff: StaffClient) -> None:
    world = private_world()
    client = staff(*everything_but("view_private_video"))
    world["curation"].delete()
    answer = client.post(adding("curation"), {"video": world["video"].pk, "hidden": "on"}, follow=True)
    assert CANARY not in answer.content.decode()
    act(client, "hide", world["video"])
    assert not Curation.objects.exists()


def test_staff_with_the_permission_sees_it_marked(staff: StaffClient) -> None:
    world = private_world()
    client = staff(*everything_but(""))
    assert {client.get(page(row)).status_code for row in world.values()} == {200}
    assert "not public: Private" in client.get(listing("video")).content.decode()
    assert f"{CANARY}name" in client.get(page(world["playlist"])).content.decode()


@pytest.fixture
def sandbox(settings: Any) -> Iterator[Sandbox]:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "TOKEN_KEYS": Fernet.generate_key().decode()}
    catalogue = Catalogue.generate(videos=3, seed=3)
    catalogue.add_user(owner(catalogue), "correct horse", otp="123456")
    with Sandbox(catalogue, limit=None) as running:
        yield running


def owner(catalogue: Catalogue) -> str:
    return next(one.name for one in catalogue.accounts.values() if not one.origin)


def form(sandbox: Sandbox, **changed: str) -> dict[str, str]:
    name = owner(sandbox.catalogue)
    given = {"host": sandbox.url, "username": name, "password": "correct horse", "otp": "123456", "own": "on"}
    return given | changed


def test_a_login_by_the_form_is_kept_and_shows_no_token(sandbox: Sandbox, admin_client: Client) -> None:
    answer = admin_client.post(adding("login"), form(sandbox), follow=True)
    login, (grant,) = Login.objects.get(), sandbox.catalogue.grants.values()
    assert f"Logged in as {login}" in answer.content.decode()
    assert Source.objects.get().kind == SourceKind.OWN
    for address in (listing("login"), page(login), page(login, "history"), listing("source")):
        text = admin_client.get(address).content.decode()
        secrets = (grant.access, grant.refresh, login.access_token, login.refresh_token, "correct horse")
        assert not [one for one in secrets if one in text]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"password": "wrong"}, "the name or the password is wrong"),
        ({"otp": ""}, "a one-time password is needed"),
        ({"otp": "654321"}, "the one-time password is wrong"),
    ],
)
def test_what_is_refused_is_told_and_no_password_comes_back(
    sandbox: Sandbox, admin_client: Client, changed: dict[str, str], reason: str
) -> None:
    text = admin_client.post(adding("login"), form(sandbox, **changed)).content.decode()
    assert reason in text
    assert "correct horse" not in text
    assert not Login.objects.exists()


def test_logging_out_by_the_action_revokes_the_tokens(sandbox: Sandbox, admin_client: Client) -> None:
    admin_client.post(adding("login"), form(sandbox))
    login = Login.objects.get()
    assert f"{login} is logged out." in act(admin_client, "log_out", login)
    assert sandbox.catalogue.grants == {}
    assert not Login.objects.exists()


def test_only_those_with_the_permission_log_in(sandbox: Sandbox, staff: StaffClient) -> None:
    assert staff("view_login").post(adding("login"), form(sandbox)).status_code == 403
    assert not Channel.objects.exists()
