"""From a row in the admin to its page on the site, where it has one."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import clear_url_caches, include, path
from django.utils.timezone import now

from peertube_sync.models import Curation, Video
from tests.support import builders
from tests.support.admin_pages import page

pytestmark = pytest.mark.django_db


class WithoutPages:
    urlpatterns = [path("admin/", admin.site.urls), path("api/", include("peertube_sync.api.urls"))]


def links(client: Client, row: Any) -> bool:
    return "View on site" in client.get(page(row)).content.decode()


def test_rows_lead_to_their_pages(admin_client: Client) -> None:
    video = builders.video()
    builders.source(instance=video.instance)
    playlist = builders.playlist(video.instance)
    rows = {
        video: f"/videos/{video.short_uuid}/",
        video.channel: f"/channels/{video.channel.handle}/",
        video.account: f"/accounts/{video.account.handle}/",
        video.instance: f"/instances/{video.instance.host}/",
        playlist: f"/playlists/{playlist.short_uuid}/",
    }
    for row, address in rows.items():
        assert f'href="{address}"' in admin_client.get(page(row)).content.decode()
        assert Client().get(address).status_code == 200


def test_what_visitors_dont_see_has_no_link(admin_client: Client) -> None:
    hidden, gone = builders.video(), builders.video()
    Curation.objects.create(video=hidden, hidden=True)
    Video.objects.filter(pk=gone.pk).update(removed_at=now())
    assert not links(admin_client, hidden)
    assert not links(admin_client, gone)


def test_without_pages_there_is_no_link(admin_client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = WithoutPages
    clear_url_caches()
    assert not links(admin_client, builders.video())
