"""An instance that no source wants any more: shown nowhere, asked nothing, and back without being read anew."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from peertube_sync.models import Account, Channel, Instance, Playlist, Reason, RunKind, SourceState, Video
from peertube_sync.signals import video_removed
from peertube_sync.sync.operations.optout import opt_out
from peertube_sync.sync.operations.status import status
from peertube_sync.sync.scope import remove_source, settle_now
from peertube_sync.sync.slices import run_slice
from tests.support.mirror import Mirror

MODELS = (Video, Channel, Account, Playlist)
LISTS = ("instances", "videos", "channels", "accounts", "playlists")
COMPAT = ("videos", "video-channels", "accounts", "video-playlists", "instances", "instances/hosts")


def shown() -> list[int]:
    return [model.objects.available().count() for model in MODELS]


def told(mirror: Mirror, client: Client) -> dict[str, Any]:
    """Return how much every face tells of the instance."""
    cache.clear()
    host, playlist = mirror.sandbox.host, Playlist.objects.values_list("uuid", flat=True)[0]
    handle = f"{Channel.objects.values_list('name', flat=True)[0]}@{host}"
    singles = (
        f"instances/{host}",
        f"channels/{handle}",
        f"playlists/{playlist}",
        f"videos/{mirror.listed()[0]['uuid']}",
    )
    pages = [f"/{one}/" for one in (*singles[1:3], singles[0])]
    compat = {f"v1 {one}": client.get(f"/api/v1/{one}").json()["total"] for one in COMPAT}
    stats = client.get("/api/v1/server/stats").json()
    return {
        **{one: len(client.get(f"/api/{one}/").json()["results"]) for one in LISTS},
        **{one: client.get(f"/api/{one}/").status_code == 200 for one in singles},
        **{one: client.get(one).status_code == 200 for one in pages},
        **{f"/{one}/": host in client.get(f"/{one}/").content.decode() for one in LISTS if one != "accounts"},
        **compat,
        **{key: value for key, value in stats.items() if key.startswith("total")},
        "facets": client.get("/api/videos/?facets=instance,channel").json()["facets"]["instance"],
        "search": client.get("/api/videos/", {"q": mirror.listed()[0]["name"]}).json()["results"],
        "health": client.get("/api/health/").json()["instances"],
        "status": status(),
    }


def removed(*options: str) -> str:
    out = StringIO()
    call_command("peertube_remove", *options, stdout=out, yes=True)
    return out.getvalue()


def test_no_face_tells_of_an_instance_without_sources_and_nobody_asks_it(
    mirror: Mirror, client: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    assert all(value for key, value in told(mirror, client).items() if key in {*LISTS, "facets", "search", "health"})
    before, heard = len(mirror.sandbox.log), []

    def hear(uuid: Any, reason: str, **_kwargs: Any) -> None:
        heard.append((str(uuid), reason))

    video_removed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            said = removed(mirror.sandbox.host)
    finally:
        video_removed.disconnect(hear)
    assert f"10 videos of {mirror.sandbox.host} are not shown any more; peertube_add brings them back" in said
    assert {key: value for key, value in told(mirror, client).items() if value} == {}
    assert shown() == [0, 0, 0, 0]
    assert sorted(heard) == sorted((item["uuid"], Reason.OUT_OF_SCOPE) for item in mirror.listed())
    assert mirror.runs(RunKind.SCOPE)[-1].removed == 10
    assert (mirror.instance.next_due_at, mirror.instance.lease_token) == (None, None)
    call_command("peertube_sync", stdout=StringIO(), stderr=StringIO())
    run_slice(mirror.instance, mirror.settings())
    assert mirror.asked(before) == []


def test_adding_it_again_brings_everything_back_without_reading_it_anew(mirror: Mirror) -> None:
    before = shown()
    removed(mirror.sandbox.host)
    start = len(mirror.sandbox.log)
    mirror.add()
    totals = mirror.sync()
    assert (shown(), totals.restored, totals.created) == (before, 10, 0)
    assert mirror.differences() == ""
    asked = mirror.asked(start)
    assert not [path for path in asked if path.startswith("/api/v1/videos/") and len(path) > len("/api/v1/videos/x")]
    assert not [path for path in asked if path.startswith("/api/v1/video-playlists/")]


def test_a_paused_source_still_wants_its_instance(mirror: Mirror, client: Client) -> None:
    before = shown()
    mirror.instance.sources.update(state=SourceState.PAUSED)
    assert settle_now(mirror.instance) == 0
    assert shown() == before
    assert client.get(f"/api/instances/{mirror.sandbox.host}/").status_code == 200


def test_a_source_that_stays_keeps_what_it_wants_and_the_rest_goes_at_once(mirror: Mirror) -> None:
    name = mirror.listed()[0]["channel"]["name"]
    mirror.add(f"{name}@{mirror.sandbox.host}")
    removed(mirror.sandbox.host)
    assert set(Video.objects.available().values_list("channel__name", flat=True)) == {name}
    assert mirror.instance.next_due_at is not None


def test_an_actor_that_opts_out_takes_along_what_only_its_source_wanted(mirror: Mirror, client: Client) -> None:
    name = mirror.listed()[0]["channel"]["name"]
    mirror.add(f"{name}@{mirror.sandbox.host}")
    removed(mirror.sandbox.host)
    opt_out(mirror.sandbox.host, name)
    assert shown() == [0, 0, 0, 0]
    assert client.get("/api/instances/").json()["results"] == []


def test_what_a_removal_could_not_finish_is_hidden_and_the_next_sync_does_it(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peertube_sync.sync.bulk_removal.BATCH", 4)
    before = len(mirror.sandbox.log)
    assert remove_source(mirror.source, most=4) == 4
    assert Video.objects.filter(removed_at=None).count() == 6
    assert shown() == [0, 0, 0, 0]
    call_command("peertube_sync", stdout=StringIO(), stderr=StringIO())
    assert shown() == [0, 0, 0, 0]
    assert mirror.instance.next_due_at is None
    assert mirror.asked(before) == []


@pytest.mark.usefixtures("mirror")
def test_deleting_the_last_source_in_the_admin_hides_everything(admin_client: Client) -> None:
    source = Instance.objects.get().sources.get()
    admin_client.post(f"/admin/peertube_sync/source/{source.pk}/delete/", {"post": "yes"})
    assert shown() == [0, 0, 0, 0]
