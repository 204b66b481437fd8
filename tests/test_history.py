"""Who did what by hand is written down, wherever it was done, and is read in the admin."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from peertube_sync.models import Candidate, Curation, Instance, LoggedAction, OptOut, Source, SourceState, Video
from peertube_sync.testing import Catalogue
from tests.support import builders
from tests.support.admin_pages import StaffClient, act, adding, listing, page
from tests.support.mirror import Mirror
from tests.support.users import send, somebody

pytestmark = pytest.mark.django_db

Told = tuple[str, str, str, str]
COMMAND = ("", "command")
ADMIN = ("admin", "admin")


def told() -> list[Told]:
    """Return user, place, action and row of what was written down, the first first."""
    return list(LoggedAction.objects.order_by("pk").values_list("user_name", "via", "action", "row"))


def uuid_at_host(video: Video) -> str:
    return f"{video.uuid}@{video.instance.host}"


def form(curation: Curation, **given: str) -> dict[str, str]:
    return {"video": str(curation.video_id), "title": curation.title, "text": curation.text, **given}


def test_what_many_videos_are_decided_at_once_is_told_of_each(admin_client: Client) -> None:
    videos = [builders.video() for _ in range(2)]
    for action in ("hide", "show", "feature", "unfeature"):
        act(admin_client, action, *videos)
    actions = ("hidden", "shown", "featured", "not_featured")
    assert told() == [(*ADMIN, action, uuid_at_host(video)) for action in actions for video in videos]


def test_a_decision_s_own_page_tells_what_has_changed_about_the_video(admin_client: Client) -> None:
    video = builders.video()
    admin_client.post(adding("curation"), {"video": video.pk, "hidden": "on", "title": "Ours"})
    decision = Curation.objects.get()
    admin_client.post(page(decision), form(decision, hidden="on", text="Our text"))
    admin_client.post(page(decision), form(decision, hidden="on", text="Our text"))
    admin_client.post(page(decision, "delete"), {"post": "yes"})
    assert not Curation.objects.exists()
    actions = ("hidden", "reworded", "reworded", "decision_deleted")
    assert told() == [(*ADMIN, action, uuid_at_host(video)) for action in actions]


def test_a_video_s_page_tells_it_too(admin_client: Client) -> None:
    video = builders.video()
    management = {f"{name}-{one}_FORMS": "0" for name in ("captions", "chapters") for one in ("TOTAL", "INITIAL")}
    decision = {"curation-TOTAL_FORMS": "1", "curation-INITIAL_FORMS": "0", "curation-0-video": str(video.pk)}
    admin_client.post(page(video), {**management, **decision, "curation-0-featured": "on"})
    assert told() == [(*ADMIN, "featured", uuid_at_host(video))]


def test_what_is_done_to_sources_instances_and_candidates_is_told(admin_client: Client) -> None:
    source = builders.source()
    host = source.instance.host
    for action in ("sync_now", "full_sweep", "verify", "pause", "resume"):
        act(admin_client, action, source)
    admin_client.post(page(source), {"state": "active", "languages": "fr"})
    Source.objects.update(state=SourceState.SUSPICIOUS)
    act(admin_client, "accept_losses", source)
    for action in ("approve", "reject"):
        act(admin_client, action, Candidate.objects.create(host=f"{action}.example", heard_from=host))
    admin_client.post(page(source, "delete"), {"post": "yes"})
    assert told() == [
        (*ADMIN, "sync", host),
        (*ADMIN, "full_sweep", host),
        (*ADMIN, "audit", host),
        (*ADMIN, "paused", host),
        (*ADMIN, "resumed", host),
        (*ADMIN, "rules_changed", host),
        (*ADMIN, "losses_accepted", host),
        (*ADMIN, "approved", "approve.example"),
        (*ADMIN, "rejected", "reject.example"),
        (*ADMIN, "removed", host),
    ]


def test_opting_out_and_taking_it_back_is_told(admin_client: Client) -> None:
    home = builders.instance()
    act(admin_client, "opt_out", home, confirmed="yes")
    admin_client.post(page(OptOut.objects.get()), {"note": "by mail"})
    act(admin_client, "delete_selected", OptOut.objects.get(), post="yes")
    admin_client.post(adding("optout"), {"what": f"alice@{home.host}", "note": ""})
    assert told() == [
        (*ADMIN, "opted_out", home.host),
        (*ADMIN, "opt_out_noted", home.host),
        (*ADMIN, "opt_out_undone", home.host),
        (*ADMIN, "opted_out", f"@alice@{home.host}"),
    ]


def test_what_is_done_through_the_api_is_told() -> None:
    video, source = builders.video(), builders.source()
    client = somebody("change_curation", "view_curation", "change_source")
    path = f"videos/{video.uuid}/curation/"
    assert send(client, "patch", path, {"hidden": True, "title": "Ours", "text": "Our text"}).status_code == 200
    assert send(client, "patch", path, {}).status_code == 200
    assert send(client, "post", f"sources/{source.pk}/sync/", {"full": True}).status_code == 202
    who = (get_user_model().objects.get().get_username(), "api")
    shown = uuid_at_host(video)
    host = source.instance.host
    assert told() == [(*who, "hidden", shown), (*who, "reworded", shown), (*who, "full_sweep", host)]


def run(*command: str) -> None:
    call_command(*command, stdout=io.StringIO())


def test_commands_are_told_without_a_user(make_mirror: Callable[..., Mirror]) -> None:
    host = make_mirror(Catalogue.generate(videos=1, seed=1)).sandbox.host
    for _ in range(2):  # the second time, it was added before
        run("peertube_add", f"http://{host}")
    Source.objects.update(state=SourceState.SUSPICIOUS)
    run("peertube_removals", host, "--reject")
    run("peertube_remove", host, "--yes")
    run("peertube_optout", host, "--yes")
    for _ in range(2):
        run("peertube_optout", host, "--undo")
    for action in ("approve", "reject"):
        Candidate.objects.create(host=f"{action}.example", heard_from=host)
        run("peertube_discover", f"--{action}", f"{action}.example")
    run("peertube_purge")
    assert told() == [
        (*COMMAND, "added", host),
        (*COMMAND, "losses_rejected", host),
        (*COMMAND, "removed", host),
        (*COMMAND, "opted_out", host),
        (*COMMAND, "opt_out_undone", host),
        (*COMMAND, "approved", "approve.example"),
        (*COMMAND, "rejected", "reject.example"),
        (*COMMAND, "purged", ""),
    ]


def test_logins_are_told_by_name_and_nothing_secret_is(
    make_mirror: Callable[..., Mirror],
    admin_client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = {"TOKEN_KEYS": Fernet.generate_key().decode()}
    mirror = make_mirror(Catalogue.generate(videos=1, seed=3))
    name = next(one.owner.name for one in mirror.catalogue.channels.values() if not one.origin)
    mirror.catalogue.add_user(name, "sesame")
    host = mirror.sandbox.host
    with override_settings(PEERTUBE_SYNC={**django_settings.PEERTUBE_SYNC, **keys}):
        monkeypatch.setattr("sys.stdin", io.StringIO("sesame\n"))
        run("peertube_login", f"http://{host}", "--username", name)
        run("peertube_add", "--own", host)
        run("peertube_login", "--rotate-keys")
        run("peertube_logout", host)
        fields = {"host": f"http://{host}", "username": name, "password": "sesame"}
        admin_client.post(adding("login"), fields)
    handle = f"{name}@{host}"
    assert told() == [
        (*COMMAND, "logged_in", handle),
        (*COMMAND, "added", f"own {handle}"),
        (*COMMAND, "keys_rotated", ""),
        (*COMMAND, "logged_out", handle),
        (*ADMIN, "logged_in", handle),
    ]
    assert "sesame" not in str(list(LoggedAction.objects.values()))


def read(client: Client, **narrowed: str) -> str:
    answer = client.get(listing("loggedaction"), narrowed)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_log_is_a_page_that_is_narrowed_by_user_place_and_action(
    admin_client: Client,
    staff: StaffClient,
) -> None:
    video, source = builders.video(name="Of the harbour"), builders.source()
    act(staff("view_video", "change_curation"), "hide", video)
    act(admin_client, "pause", source)
    everything = read(admin_client)
    assert all(f"By {title}" in everything for title in ("place", "day", "action"))
    assert all(word in everything for word in ("Of the harbour", "Hidden.", "Paused.", source.instance.host))
    assert page(video) in everything
    narrowed: Any
    for narrowed in ({"user_name": "admin"}, {"action__exact": "paused"}, {"q": source.instance.host}):
        assert "Of the harbour" not in read(admin_client, **narrowed)
        assert "Paused." in read(admin_client, **narrowed)
    assert "Of the harbour" not in read(admin_client, via__exact="api")
    assert read(admin_client, user_name="\0nobody")


def test_it_outlives_users_and_rows(admin_client: Client, staff: StaffClient) -> None:
    source = builders.source()
    host = source.instance.host
    act(staff("change_source", "view_source"), "pause", source)
    user = get_user_model().objects.exclude(username="admin").get()
    name = user.get_username()
    user.delete()
    Instance.objects.all().delete()
    assert told() == [(name, "admin", "paused", host)]
    shown = read(admin_client)
    assert name in shown
    assert host in shown


def test_what_is_done_to_videos_that_are_not_public_is_told_to_who_may_see_them(
    admin_client: Client,
    staff: StaffClient,
) -> None:
    video, other = builders.video(name="Only mine", privacy_id=3), builders.video(name="For all")
    source = builders.source(pk=video.pk)  # a row of another model with the same key
    act(admin_client, "hide", video, other)
    act(admin_client, "pause", source)
    assert "Only mine" in read(admin_client)
    shown = read(staff("view_loggedaction"))
    assert ("Only mine" in shown, str(video.uuid) in shown) == (False, False)
    assert ("For all" in shown, source.instance.host in shown) == (True, True)
    assert "Only mine" in read(staff("view_loggedaction", "view_private_video"))
    assert "Only mine" not in str(list(LoggedAction.objects.values()))


def test_decisions_name_who_made_them(admin_client: Client) -> None:
    act(admin_client, "hide", builders.video())
    shown = admin_client.get(listing("curation")).content.decode()
    assert '<td class="field-by">admin</td>' in shown


def test_nobody_writes_it_by_hand(admin_client: Client) -> None:
    row = LoggedAction.objects.create(via="command", action="purged")
    assert admin_client.post(adding("loggedaction"), {"action": "hidden"}).status_code == 403
    assert admin_client.post(page(row, "delete"), {"post": "yes"}).status_code == 403
    assert admin_client.get(reverse("admin:peertube_sync_loggedaction_change", args=(row.pk,))).status_code == 200


def test_it_is_forgotten_after_its_time() -> None:
    for days in (364, 366, 900):
        made = LoggedAction.objects.create(via="command", action="removed", row=f"{days}.example")
        LoggedAction.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(days=days))
    run("peertube_purge")
    assert [row for *_, row in told()] == ["364.example", ""]
