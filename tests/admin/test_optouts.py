"""Opt-outs in the admin: asked before anything goes, written down, refused without permission."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from peertube_sync.models import Instance, OptOut, Source, Video
from tests.support import builders
from tests.support.admin_pages import StaffClient, act, adding, listing, page

pytestmark = pytest.mark.django_db


def test_an_instance_is_opted_out_after_a_question(admin_client: Client) -> None:
    video, other = builders.video(), builders.video()
    home = builders.source(instance=video.instance).instance
    asked = admin_client.post(listing("instance"), {"action": "opt_out", "_selected_action": [str(home.pk)]})
    assert f"{home.host}: 1 video<" in asked.content.decode()
    assert Video.objects.count() == 2
    assert act(admin_client, "opt_out", home, confirmed="yes") == ["1 video is gone from here."]
    assert (list(Video.objects.all()), Source.objects.count()) == ([other], 0)
    assert not Instance.objects.filter(pk=home.pk).exists()
    assert OptOut.objects.get().host == home.host
    assert LogEntry.objects.get().object_repr == home.host


def test_it_needs_both_permissions(staff: StaffClient) -> None:
    home = builders.instance()
    act(staff("view_instance", "change_instance", "add_optout"), "opt_out", home, confirmed="yes")
    assert Instance.objects.filter(pk=home.pk).exists()


def test_an_account_is_opted_out_by_its_handle_and_taken_back(admin_client: Client) -> None:
    video = builders.video()
    handle = f"@{video.account.name}@{video.instance.host}"
    admin_client.post(adding("optout"), {"what": handle, "note": "by mail"})
    found = OptOut.objects.get()
    assert (str(found), found.note) == (handle, "by mail")
    assert not Video.objects.available().exists()
    for spelling in (handle, handle.upper()):
        again = admin_client.post(adding("optout"), {"what": spelling})
        assert "has opted out before" in again.content.decode()
    assert admin_client.get(page(found)).status_code == 200
    admin_client.post(page(found, "delete"), {"post": "yes"})
    assert not OptOut.objects.exists()


def test_a_video_cannot_opt_out(admin_client: Client) -> None:
    refused = admin_client.post(adding("optout"), {"what": "https://video.example/w/8wLiw3yj451EZfEsWzyWmG"})
    assert "instances, accounts and channels can opt out" in refused.content.decode()
