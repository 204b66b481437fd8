"""What changes do to a catalogue, as an anonymous reader sees it."""

from __future__ import annotations

from typing import Any

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.support.paths import RECORDINGS
from tests.support.recorded import recording
from tests.testing.asking import ask, uuids

LOCAL = {"nsfw": "both", "isLocal": "true", "count": 100}


def listed(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    return {video["uuid"]: video for video in catalogue.local_videos()}


@pytest.fixture
def uuid(catalogue: Catalogue) -> str:
    return next(iter(listed(catalogue)))


def changed_keys(catalogue: Catalogue, uuid: str, change: Any) -> set[str]:
    before, details = listed(catalogue)[uuid], catalogue.details(uuid)
    change()
    after, now = listed(catalogue)[uuid], catalogue.details(uuid)
    assert all(after[key] >= before[key] for key in ("updatedAt", "publishedAt"))
    return {key for key in after if after[key] != before[key]} | {f"details.{k}" for k in now if now[k] != details[k]}


def test_an_edit_shows_and_moves_updated_at(catalogue: Catalogue, uuid: str) -> None:
    found = changed_keys(catalogue, uuid, lambda: catalogue.edit_video(uuid, name="New", description="x" * 300))
    assert found >= {"updatedAt", "name", "description", "truncatedDescription"}
    assert "publishedAt" not in found
    assert len(listed(catalogue)[uuid]["description"]) == 250
    assert len(catalogue.details(uuid)["description"]) == 300


def test_tags_move_updated_at_and_show_in_the_details_only(catalogue: Catalogue, uuid: str) -> None:
    found = changed_keys(catalogue, uuid, lambda: catalogue.set_tags(uuid, ["new"]))
    assert found == {"updatedAt", "details.updatedAt", "details.tags"}


def test_views_and_likes_move_updated_at(catalogue: Catalogue, uuid: str) -> None:
    assert changed_keys(catalogue, uuid, lambda: catalogue.view(uuid, times=3)) == {
        "updatedAt",
        "views",
        "details.updatedAt",
        "details.views",
    }
    assert "likes" in changed_keys(catalogue, uuid, lambda: catalogue.like(uuid))


def test_captions_and_chapters_move_nothing(sandbox: Sandbox, uuid: str) -> None:
    catalogue = sandbox.catalogue

    def change() -> None:
        catalogue.set_captions(uuid, ["en", "fr"])
        catalogue.set_chapters(uuid, [(0, "Start"), (12, "Then")])

    assert changed_keys(catalogue, uuid, change) == set()
    assert ask(sandbox, f"/api/v1/videos/{uuid}/captions").data["total"] == 2
    assert ask(sandbox, f"/api/v1/videos/{uuid}/chapters").data["chapters"][1] == {"timecode": 12, "title": "Then"}


def test_renamed_actors_show_in_every_video_and_move_nothing(catalogue: Catalogue, uuid: str) -> None:
    row = listed(catalogue)[uuid]

    def change() -> None:
        catalogue.rename_channel(row["channel"]["name"], "New channel")
        catalogue.rename_account(row["account"]["name"], "New account")

    assert changed_keys(catalogue, uuid, change) == {"channel", "account", "details.channel", "details.account"}


@pytest.mark.parametrize(
    ("privacy", "status"), [("unlisted", 200), ("private", 401), ("internal", 401), ("password", 403)]
)
def test_a_hidden_video_leaves_the_lists(sandbox: Sandbox, uuid: str, privacy: Any, status: int) -> None:
    sandbox.catalogue.hide(uuid, privacy)
    assert uuid not in uuids(ask(sandbox, "/api/v1/videos", **LOCAL))
    assert ask(sandbox, f"/api/v1/videos/{uuid}").status == status


def test_publishing_again_resets_published_at_and_not_created_at(catalogue: Catalogue, uuid: str) -> None:
    before = listed(catalogue)[uuid]
    catalogue.hide(uuid)
    assert uuid not in listed(catalogue)
    catalogue.publish(uuid)
    after = listed(catalogue)[uuid]
    assert after["createdAt"] == before["createdAt"]
    assert after["publishedAt"] == max(video["publishedAt"] for video in listed(catalogue).values())


def test_a_password_opens_its_video(sandbox: Sandbox, uuid: str) -> None:
    sandbox.catalogue.hide(uuid, "password", password="open")
    assert ask(sandbox, f"/api/v1/videos/{uuid}", headers={"x-peertube-video-password": "open"}).status == 200


def test_an_unlisted_video_by_its_number_is_refused_with_the_recorded_words(sandbox: Sandbox, uuid: str) -> None:
    sandbox.catalogue.hide(uuid, "unlisted")
    reply = ask(sandbox, f"/api/v1/videos/{sandbox.catalogue.video(uuid).id}")
    assert (reply.status, reply.data) == (401, recording("6.3.0", "video.unlisted.by-numeric-id")["body"])


def test_hidden_playlists_are_refused_with_the_recorded_words(sandbox: Sandbox, uuid: str) -> None:
    catalogue = sandbox.catalogue
    private, unlisted = (catalogue.add_playlist([uuid], privacy=privacy) for privacy in (3, 2))
    row = ask(sandbox, f"/api/v1/video-playlists/{unlisted}").data
    assert row["privacy"] == {"id": 2, "label": "Unlisted"}
    for name, reference in (("private.anon", private), ("unlisted.by-id", row["id"])):
        expected = recording("6.3.0", f"video-playlist.{name}")
        reply = ask(sandbox, f"/api/v1/video-playlists/{reference}")
        assert (reply.status, reply.data) == (expected["status"], expected["body"])
    assert not {private, unlisted} & set(uuids(ask(sandbox, "/api/v1/video-playlists", count=100)))


def test_a_deleted_video_is_unknown_afterwards(sandbox: Sandbox, uuid: str) -> None:
    sandbox.catalogue.delete_video(uuid)
    reply = ask(sandbox, f"/api/v1/videos/{uuid}")
    assert (reply.status, reply.data["detail"]) == (404, "Video not found")
    assert reply.headers["content-type"].startswith("application/problem+json")


def test_a_deleted_channel_takes_its_videos_along(sandbox: Sandbox, uuid: str) -> None:
    catalogue = sandbox.catalogue
    name = listed(catalogue)[uuid]["channel"]["name"]
    catalogue.delete_channel(name)
    assert uuid not in listed(catalogue)
    assert ask(sandbox, f"/api/v1/video-channels/{name}").status == 404


def test_a_moved_video_shows_its_new_channel_and_account(catalogue: Catalogue, uuid: str) -> None:
    old = listed(catalogue)[uuid]["account"]["name"]
    channel = next(c for c in catalogue.channels.values() if not c.origin and c.owner.name != old)
    catalogue.move_video(uuid, channel.name)
    row = listed(catalogue)[uuid]
    assert (row["channel"]["name"], row["account"]["name"]) == (channel.name, channel.owner.name)


def test_a_live_is_listed_while_it_streams(sandbox: Sandbox) -> None:
    catalogue = sandbox.catalogue
    uuid = catalogue.add_video(is_live=True, state=4, duration=0)
    seen = []
    for change in (None, catalogue.start_live, catalogue.stop_live):
        if change:
            change(uuid)
        seen.append(
            (
                uuid in uuids(ask(sandbox, "/api/v1/videos", isLive="true", nsfw="both")),
                ask(sandbox, f"/api/v1/videos/{uuid}").status,
            )
        )
    assert seen == [(False, 200), (True, 200), (False, 200)]


def test_a_new_video_is_the_first_of_the_newest(sandbox: Sandbox) -> None:
    uuid = sandbox.catalogue.add_video(name="Fresh")
    assert uuids(ask(sandbox, "/api/v1/videos", sort="-publishedAt"))[0] == uuid


def test_a_late_draft_is_new_by_publication_and_old_by_creation(catalogue: Catalogue) -> None:
    uuid = catalogue.add_video(created="2018-01-01T00:00:00.000Z")
    assert next(iter(listed(catalogue))) == uuid


def test_playlist_elements_say_why_a_video_is_not_shown(sandbox: Sandbox) -> None:
    catalogue = sandbox.catalogue
    shown, unlisted, private, blocked, gone = list(listed(catalogue))[:5]
    playlist = catalogue.add_playlist([shown, unlisted, private, blocked, gone])
    catalogue.hide(unlisted, "unlisted")
    catalogue.hide(private)
    catalogue.block(blocked)
    catalogue.delete_video(gone)
    reply = ask(sandbox, f"/api/v1/video-playlists/{playlist}/videos").data
    assert reply["total"] == 5
    assert [element["type"] for element in reply["data"]] == [0, 0, 2, 3, 1]
    assert [bool(element["video"]) for element in reply["data"]] == [True, True, False, False, False]


def test_an_edited_playlist_moves_its_updated_at_and_a_deleted_one_is_unknown(sandbox: Sandbox, uuid: str) -> None:
    playlist = sandbox.catalogue.add_playlist([uuid])
    target = f"/api/v1/video-playlists/{playlist}"
    before = ask(sandbox, target).data
    sandbox.catalogue.edit_playlist(playlist, videos=[], name="Empty now")
    after = ask(sandbox, target).data
    assert (after["displayName"], after["videosLength"]) == ("Empty now", 0)
    assert after["updatedAt"] > before["updatedAt"]
    sandbox.catalogue.delete_playlist(playlist)
    assert ask(sandbox, target).status == 404


def test_a_recorded_world_changes_as_well() -> None:
    catalogue = Catalogue.load(RECORDINGS / "world-tiny.json.gz")
    first, second, *_ = listed(catalogue)
    catalogue.edit_video(first, name="Changed")
    catalogue.delete_video(second)
    new = catalogue.add_video(name="Added")
    assert listed(catalogue)[first]["name"] == "Changed"
    assert second not in listed(catalogue)
    assert new in listed(catalogue)
