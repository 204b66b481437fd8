"""Moving an instance in the admin: the signs are shown, the new host is asked, and nothing goes without a question."""

from collections.abc import Iterator

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from peertube_sync.models import Curation, Instance, LoggedAction, Video
from peertube_sync.testing import Catalogue, Sandbox
from tests.support import builders
from tests.support.admin_pages import StaffClient, act, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def new() -> Iterator[Sandbox]:
    """The new host."""
    with Sandbox(Catalogue.generate(videos=3, seed=3), limit=None) as sandbox:
        yield sandbox


@pytest.fixture
def old(new: Sandbox) -> Instance:
    """The old one, which has two of the videos and named the new one as its home."""
    home = builders.instance(named_home=new.host, named_home_how="redirect", named_home_at=builders.PUBLISHED)
    builders.source(instance=home)
    for item in new.catalogue.local_videos(new.host)[:2]:
        builders.video(home, uuid=item["uuid"])
    return home


def moving(instance: Instance) -> str:
    return reverse("admin:peertube_sync_instance_move", args=(instance.pk,))


def signed(client: Client, old: Instance, where: str) -> str:
    """Ask the new host; return what the page would send to move."""
    asked = client.post(moving(old), {"where": where})
    assert asked.status_code == 200
    return str(asked.context["home"])


def test_the_signs_are_on_the_overview_and_on_the_page(admin_client: Client, old: Instance, new: Sandbox) -> None:
    overview = admin_client.get("/admin/peertube_sync/").content.decode()
    shown = admin_client.get(page(old)).content.decode()
    for text in (overview, shown):
        assert f"{old.host} may have moved to {new.host}" in text
        assert f"{old.host} redirected to {new.host} when it was last asked" in text
    assert f"{moving(old)}?to=" in overview
    assert new.log == []


def test_the_new_host_is_asked_and_what_was_shown_is_moved(admin_client: Client, old: Instance, new: Sandbox) -> None:
    video = Video.objects.filter(instance=old).order_by("pk").first()
    assert video
    Curation.objects.decide([video], title="Ours")
    assert new.host in admin_client.get(moving(old), {"to": new.host}).content.decode()
    asked = admin_client.post(moving(old), {"where": new.url})
    assert "2 of 2 that it was asked for" in asked.content.decode()
    assert Instance.objects.get(pk=old.pk).host == old.host
    done = admin_client.post(moving(old), {"home": asked.context["home"]}, follow=True)
    assert f"is mirrored as {new.host} now" in done.content.decode()
    assert (Instance.objects.get(pk=old.pk).host, video.curation.title) == (new.host, "Ours")
    assert LogEntry.objects.get().change_message == "Moved to another host."
    logged = LoggedAction.objects.get()
    assert (logged.action, logged.user_name, logged.row) == ("moved", "admin", new.host)
    again = admin_client.post(moving(old), {"home": asked.context["home"]}, follow=True)
    assert "was moved to" in again.content.decode()


def test_conflicts_are_shown_and_there_is_nothing_to_confirm(admin_client: Client, old: Instance, new: Sandbox) -> None:
    first = Video.objects.filter(instance=old).order_by("pk").first()
    assert first
    twin = builders.video(builders.instance(host=new.host), uuid=first.uuid, double=True)
    home = signed(admin_client, old, new.url)
    Curation.objects.decide([first], title="Ours")
    Curation.objects.decide([twin], title="Theirs")
    asked = admin_client.post(moving(old), {"where": new.url}).content.decode()
    assert "is curated differently" in asked
    assert 'name="home"' not in asked
    refused = admin_client.post(moving(old), {"home": home}, follow=True).content.decode()
    assert "nothing was written" in refused
    assert Instance.objects.get(pk=old.pk).host == old.host


def test_what_the_new_host_is_refused_for_is_beside_the_field(admin_client: Client, old: Instance) -> None:
    with Sandbox(Catalogue.generate(videos=2, seed=5), limit=None) as other:
        refused = admin_client.post(moving(old), {"where": other.url}).content.decode()
    assert "it is no home of these" in refused
    assert Instance.objects.get(pk=old.pk).host == old.host


def test_a_forged_home_moves_nothing(admin_client: Client, old: Instance) -> None:
    forged = admin_client.post(moving(old), {"home": "forged"}, follow=True)
    assert "ask the new host again" in forged.content.decode()


def test_the_action_leads_there_for_one_and_needs_both_permissions(
    admin_client: Client, staff: StaffClient, old: Instance
) -> None:
    other = builders.instance()
    assert act(admin_client, "move", old, other) == ["Choose one instance: each is moved by itself."]
    data = {"action": "move", "_selected_action": [str(old.pk)]}
    assert admin_client.post(reverse("admin:peertube_sync_instance_changelist"), data)["Location"] == moving(old)
    some = staff("view_instance", "change_instance")
    assert some.get(moving(old)).status_code == 403
    assert moving(old) not in some.get("/admin/peertube_sync/").content.decode()
