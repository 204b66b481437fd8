"""Every word on the pages of the site and of the admin is a message, or comes from rows."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import CharField, TextField, UUIDField
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real

from peertube_sync.testing import Catalogue, Sandbox
from tests.support import builders
from tests.support.admin_pages import adding, listing, page
from tests.support.untranslated import LANGUAGE, Bracketed, untranslated

if TYPE_CHECKING:
    from peertube_sync.models import Video

SITE = "Kino Nord"
NAMES = {
    SITE,
    "PeerTube",
    "Creative Commons",
    "JSON Feed",
    "JSON",
    "RSS",
    "Atom",
    "CSV",
    "UTC",
    settings.TIME_ZONE,
    "video.example",
    "zzzzqq",
}
"""Words that are the same in every language, and those that the tests search for."""


@pytest.fixture(autouse=True)
def bracketed(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """Have every message put between brackets."""
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "SITE_NAME": SITE}
    monkeypatch.setitem(vars(trans_real)["_translations"], LANGUAGE, Bracketed())
    with translation.override(LANGUAGE):
        yield


def content() -> set[str]:
    """Return the texts of all rows that others wrote, and the names of users."""
    found = {*NAMES}
    for model in apps.get_app_config("peertube_sync").get_models():
        texts = [
            column.name
            for column in model._meta.local_fields
            if isinstance(column, CharField | TextField | UUIDField) and not column.choices and column.name != "kind"
        ]
        found |= {str(text).strip() for row in model._default_manager.values_list(*texts) for text in row if text}
        found |= {row.short_uuid for row in model._default_manager.all() if hasattr(row, "short_uuid")}
    return found | {"admin", "alice"}


def said(client: Client, addresses: Iterable[str]) -> dict[str, set[str]]:
    """Return the untranslated words of pages, by address."""
    known = content()
    found = {address: untranslated(client.get(address).content.decode(), known) for address in addresses}
    return {address: words for address, words in found.items() if words}


def test_of_the_site(client: Client, full: "Video") -> None:
    from peertube_sync.models import PlaylistElement, Transcript

    channel, account = full.channel, full.account
    caption = full.captions.order_by("pk")[0]
    said_there = {"starts": [0], "text": "zzzzqq", "folded": "zzzzqq"}
    Transcript.objects.create(caption=caption, video=full, path="", **said_there)
    transcript = f"/videos/{full.uuid}/transcript/?language={caption.language_id}"
    element = PlaylistElement.objects.exclude(video=None).select_related("video", "playlist")[0]
    assert element.video
    addresses = [
        *("/", "/videos/", "/channels/", "/accounts/", "/playlists/", "/instances/"),
        *(f"/videos/{query}" for query in ("?q=a&category=1&duration_max=1200", "?ordering=zzzzqq", "?q=zzzzqq")),
        *(f"/videos/{full.uuid}/{query}" for query in ("", "?play=1", "?start=30")),
        *(f"{transcript}{query}" for query in ("", "&q=zzzzqq", "&q=nothing")),
        f"/videos/{element.video.uuid}/?playlist={element.playlist.uuid}",
        f"/channels/{channel.name}@{channel.instance.host}/",
        f"/accounts/{account.name}@{account.instance.host}/",
        *(f"/playlists/{one.uuid}/" for one in full.instance.playlists.all()[:1]),
        f"/instances/{full.instance.host}/",
    ]
    assert said(client, addresses) == {}


def test_of_the_admin(admin_client: Client) -> None:
    rows = builders.world()
    ours = [str(model._meta.model_name) for model in admin.site._registry if model._meta.app_label == "peertube_sync"]
    addresses = [
        *(reverse("admin:index"), reverse("admin:app_list", args=("peertube_sync",))),
        *map(listing, ours),
        *(page(row, what) for row in rows.values() for what in ("change", "history")),
        *map(adding, ("source", "login", "optout", "curation")),
    ]
    assert said(admin_client, addresses) == {}


@pytest.mark.parametrize("action", ["opt_out", "move"])
def test_of_the_pages_that_ask_before_an_action(admin_client: Client, action: str) -> None:
    home = builders.video().instance
    chosen = {"action": action, "_selected_action": [str(home.pk)]}
    asked = admin_client.post(listing("instance"), chosen, follow=True)
    assert untranslated(asked.content.decode(), content()) == set()


def test_of_what_is_told_before_a_source_is_added(admin_client: Client) -> None:
    with Sandbox(Catalogue.generate(videos=3), limit=None) as sandbox:
        told = admin_client.post(adding("source"), {"what": sandbox.url}).content.decode()
        assert untranslated(told, {*content(), sandbox.host, "Sandbox"}) == set()
        assert "planned" in told
