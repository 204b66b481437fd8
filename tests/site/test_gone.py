"""What was here and isn't any more: 410 for what its source took back, 404 for all that this site keeps to itself."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from peertube_sync.models import PUBLIC, Account, Channel, Curation, Leaving, LeavingVideo, Playlist, Reason, Video
from peertube_sync.sync.operations.optout import opt_out
from tests.support.builders import world
from tests.support.page import Page

TAKEN_BACK = [Reason.DELETED, Reason.PRIVATE, Reason.PASSWORD, Reason.UNLISTED, Reason.BLOCKED]
KINDS = ("video", "channel", "account", "playlist")
NAMED = {Video: "short_uuid", Playlist: "short_uuid", Channel: "handle", Account: "handle"}

Row = Video | Channel | Account | Playlist


@pytest.fixture
def rows(db: None) -> dict[str, Any]:
    return world()


def end(row: Row, reason: Reason = Reason.DELETED) -> None:
    """Make `row` a tombstone."""
    type(row).objects.filter(pk=row.pk).update(removed_at=timezone.now(), removed_reason=reason)


def place_of(row: Row) -> str:
    return f"{row._meta.model_name}s/{getattr(row, NAMED[type(row)])}"


@pytest.mark.parametrize("kind", KINDS)
def test_what_its_source_deleted_is_gone(client: Client, rows: dict[str, Any], kind: str) -> None:
    row = rows[kind]
    assert client.get(f"/{place_of(row)}/").status_code == 200
    end(row)
    answer = client.get(f"/{place_of(row)}/")
    page = Page(answer.content.decode())
    assert answer.status_code == 410
    assert {"/", "/videos/", "/channels/"} <= set(page.links())
    assert [one.text for one in page.all("h1")] == ["This is gone"]
    assert str(row) not in page.source, "what it was is not told"


@pytest.mark.parametrize("kind", KINDS)
def test_the_api_says_so_too_and_peertubes_api_does_as_peertube(
    client: Client, rows: dict[str, Any], kind: str
) -> None:
    row, peertubes = rows[kind], {"video": "videos", "channel": "video-channels", "playlist": "video-playlists"}
    end(row)
    answer = client.get(f"/api/{place_of(row)}/")
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (410, "application/problem+json")
    assert json.loads(answer.content)["title"] == "Gone"
    at_peertube = f"/api/v1/{peertubes.get(kind, 'accounts')}/{getattr(row, NAMED[type(row)])}"
    assert client.get(at_peertube).status_code == 404


def test_what_belongs_to_a_video_is_gone_with_it(client: Client, rows: dict[str, Any]) -> None:
    end(rows["video"])
    place = place_of(rows["video"])
    asked = [f"/api/{place}/captions/", f"/oembed/?url=http://testserver/{place}/"]
    assert [client.get(address).status_code for address in asked] == [410, 410]


@pytest.mark.parametrize("reason", TAKEN_BACK)
def test_whatever_its_source_did_is_told_alike(client: Client, rows: dict[str, Any], reason: Reason) -> None:
    end(rows["video"], reason)
    answer = client.get(f"/{place_of(rows['video'])}/")
    end(rows["video"])
    assert (answer.status_code, answer.content) == (410, client.get(f"/{place_of(rows['video'])}/").content)


def hide(video: Video) -> None:
    Curation.objects.update_or_create(video=video, defaults={"hidden": True})


def hide_and_lose(video: Video) -> None:
    hide(video)
    end(video)


def lose_what_was_never_public(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(privacy_id=PUBLIC + 2)
    end(video)


def lose_what_is_sensitive(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(nsfw=True)
    end(video)


def let_leave(video: Video) -> None:
    end(video)
    Leaving.objects.create(instance=video.instance)
    LeavingVideo.objects.create(video_id=video.pk, instance=video.instance, reason=Reason.OPTED_OUT)


def opt_its_account_out(video: Video) -> None:
    opt_out(video.instance.host, video.account.name)


def lose_and_opt_its_channel_out(video: Video) -> None:
    end(video)
    opt_out(video.instance.host, video.channel.name)


def lose_and_opt_its_instance_out(video: Video) -> None:
    end(video)
    opt_out(video.instance.host)


def put_out_of_scope(video: Video) -> None:
    end(video, Reason.OUT_OF_SCOPE)


def lose_the_double(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(double=True)
    end(video)


@pytest.mark.parametrize(
    "withhold",
    [
        hide,
        hide_and_lose,
        lose_what_was_never_public,
        lose_what_is_sensitive,
        let_leave,
        opt_its_account_out,
        lose_and_opt_its_channel_out,
        lose_and_opt_its_instance_out,
        put_out_of_scope,
        lose_the_double,
    ],
)
def test_what_is_withheld_here_is_like_what_never_was(
    client: Client, rows: dict[str, Any], settings: Any, withhold: Callable[[Video], None]
) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "hide"}
    video = Video.objects.select_related("instance", "account", "channel").get(pk=rows["video"].pk)
    withhold(video)
    missing, never = (client.get(f"/{place}/") for place in (place_of(video), "videos/87HEB76SSdW1p4Qrg2zpQz"))
    assert (missing.status_code, missing.content) == (404, never.content)
    assert client.get(f"/api/{place_of(video)}/").status_code == 404


def test_what_comes_back_is_there_again(client: Client, rows: dict[str, Any]) -> None:
    video = rows["video"]
    end(video)
    Video.objects.filter(pk=video.pk).update(removed_at=None, removed_reason="")
    assert client.get(f"/{place_of(video)}/").status_code == 200


def test_a_name_in_other_letters_or_at_a_former_host_is_gone_too(client: Client, rows: dict[str, Any]) -> None:
    channel = rows["channel"]
    channel.instance.former_hosts.create(host="before.example")
    end(channel)
    for handle in (channel.handle.upper(), f"{channel.name}@before.example"):
        assert client.get(f"/channels/{handle}/").status_code == 410
