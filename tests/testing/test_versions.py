"""What each release of PeerTube has: keys, thin lists, changing orders, filters and sorts."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.support.paths import RECORDINGS
from tests.testing.asking import ask, uuids

VIDEOS = "/api/v1/videos"
CHANNELS = "/api/v1/video-channels"
OLD, NEW = "6.3.0", "8.2.1"


def version(name: str, catalogue: Catalogue) -> Sandbox:
    return Sandbox(catalogue, limit=None, version=name)


def test_3x_has_one_avatar_and_needs_filter_local(catalogue: Catalogue) -> None:
    with version("3.2.1", catalogue) as sandbox:
        ignored = ask(sandbox, VIDEOS, isLocal="true", nsfw="both", count=100).data
        local = ask(sandbox, VIDEOS, filter="local", nsfw="both", count=100).data
        assert ask(sandbox, "/api/v1/config").data["serverVersion"] == "3.2.1"
    assert (local["total"], ignored["total"] > 60) == (60, True)
    row = local["data"][0]
    assert not {"shortUUID", "viewers", "truncatedDescription", "aspectRatio"} & row.keys()
    assert "avatar" in row["channel"]
    assert "avatars" not in row["channel"]


def test_41_still_has_one_avatar_and_cuts_the_description_of_details(catalogue: Catalogue) -> None:
    uuid = catalogue.add_video(description="long " * 100)
    with version("4.1.0", catalogue) as sandbox:
        details = ask(sandbox, f"{VIDEOS}/{uuid}").data
        full = ask(sandbox, f"{VIDEOS}/{uuid}/description").data["description"]
        assert ask(sandbox, f"{VIDEOS}/{uuid}/chapters").status == 400
    assert "shortUUID" in details
    assert "commentsPolicy" not in details
    assert "avatar" in details["account"]
    assert (len(details["description"]), len(full)) == (250, 500)


def test_82_has_thumbnails_with_addresses(catalogue: Catalogue) -> None:
    uuid = catalogue.add_video()
    catalogue.set_captions(uuid, ["en"])
    with version("8.2.0", catalogue) as sandbox:
        details = ask(sandbox, f"{VIDEOS}/{uuid}").data
        caption = ask(sandbox, f"{VIDEOS}/{uuid}/captions").data["data"][0]
        assert ask(sandbox, VIDEOS, filter="local").status == 400
        assert ask(sandbox, f"{VIDEOS}/{uuid}/description").status == 400
        picture = details["thumbnails"][0]["fileUrl"].removeprefix(sandbox.url)
        assert ask(sandbox, picture).status == 200
    assert not {"commentsEnabled", "descriptionPath"} & details.keys()
    assert {"downloads", "nsfwFlags", "comments", "thumbnailPath", "previewPath"} <= details.keys()
    assert caption["fileUrl"].endswith(caption["captionPath"])


@pytest.mark.parametrize(("name", "told"), [(OLD, True), (NEW, False)])
def test_82_shows_owners_of_listed_channels_in_short(catalogue: Catalogue, name: str, told: bool) -> None:
    full = {"description", "createdAt", "updatedAt", "followersCount", "followingCount", "userId"}
    with version(name, catalogue) as sandbox:
        for listed in ask(sandbox, CHANNELS, count=100).data["data"]:
            single = ask(sandbox, f"{CHANNELS}/{listed['name']}@{listed['host']}").data
            lacking = single["ownerAccount"].keys() - listed["ownerAccount"].keys()
            assert lacking == (set() if told else single["ownerAccount"].keys() & full | lacking_when_remote(listed))


def lacking_when_remote(channel: dict[str, Any]) -> set[str]:
    return set() if channel["isLocal"] else {"hostRedundancyAllowed"}


def test_82_tells_the_height_of_pictures_but_not_in_lists_of_videos(catalogue: Catalogue) -> None:
    with version(NEW, catalogue) as sandbox:
        item = next(one for one in ask(sandbox, VIDEOS, count=100).data["data"] if one["channel"]["avatars"])
        details = ask(sandbox, f"{VIDEOS}/{item['uuid']}").data
    short, long = item["channel"]["avatars"], details["channel"]["avatars"]
    assert {one["path"] for one in short} == {one["path"] for one in long}
    assert not any("height" in one for one in short)
    assert all(one["height"] == one["width"] for one in long)


def test_82_gives_pictures_in_any_order(catalogue: Catalogue) -> None:
    with version(NEW, catalogue) as sandbox:
        first, second = (ask(sandbox, "/api/v1/video-playlists").data["data"][0] for _ in range(2))
        one, other = (ask(sandbox, VIDEOS, count=100).data["data"] for _ in range(2))
    assert first["thumbnails"] != second["thumbnails"]
    assert sorted(first["thumbnails"], key=str) == sorted(second["thumbnails"], key=str)
    assert [row["thumbnails"] for row in one] == [row["thumbnails"] for row in other]
    assert [row["channel"]["avatars"] for row in one] != [row["channel"]["avatars"] for row in other]


@pytest.fixture
def flagged(catalogue: Catalogue) -> dict[str, str]:
    """Add sensitive videos, whose names say how they are marked; return the uuids by name."""
    bits = {"violent": 1, "both": 3, "explicit": 2, "unmarked": 0}
    return {name: catalogue.add_video(name=name, nsfw=True, nsfw_flags=flags) for name, flags in bits.items()}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"nsfw": "both"}, {"violent", "both", "explicit", "unmarked"}),
        ({"nsfw": "both", "nsfwFlagsExcluded": 1}, {"explicit", "unmarked"}),
        ({"nsfw": "both", "nsfwFlagsExcluded": 3}, {"unmarked"}),
        ({"nsfw": "true", "nsfwFlagsExcluded": 2}, {"violent", "unmarked"}),
        ({"nsfw": "false", "nsfwFlagsIncluded": 1}, {"violent", "both"}),
        ({"nsfwFlagsIncluded": 1, "nsfwFlagsExcluded": 2}, {"violent"}),
    ],
)
def test_82_filters_by_nsfw_flags(
    catalogue: Catalogue, flagged: dict[str, str], query: dict[str, Any], shown: set[str]
) -> None:
    with version(NEW, catalogue) as sandbox:
        for target in (VIDEOS, "/api/v1/search/videos"):
            found = set(uuids(ask(sandbox, target, count=100, **query)))
            assert {name for name, uuid in flagged.items() if uuid in found} == shown
    with version(OLD, catalogue) as sandbox:
        unaware = set(uuids(ask(sandbox, VIDEOS, nsfw="both", nsfwFlagsExcluded=3, count=100)))
        assert set(flagged.values()) <= unaware


@pytest.mark.parametrize("query", [{"nsfwFlagsIncluded": 3, "nsfwFlagsExcluded": 2}, {"nsfwFlagsExcluded": "no"}])
def test_82_refuses_nsfw_flags_that_contradict(catalogue: Catalogue, query: dict[str, Any]) -> None:
    with version(NEW, catalogue) as sandbox:
        assert ask(sandbox, VIDEOS, **query).status == 400


@pytest.mark.parametrize("sort", ["-comments", "-match", "-localVideoFilesSize"])
def test_82_has_more_sorts(catalogue: Catalogue, sort: str) -> None:
    most = catalogue.local_videos()[7]["uuid"]
    catalogue.comment(most, 1000)
    catalogue.edit_video(most, duration=100_000)
    with version(NEW, catalogue) as sandbox:
        found = ask(sandbox, VIDEOS, sort=sort, nsfw="both", isLocal="true")
        assert (found.status, found.data["total"]) == (200, 60)
        assert sort == "-match" or uuids(found)[0] == most
    with version(OLD, catalogue) as sandbox:
        assert ask(sandbox, VIDEOS, sort=sort).status == 400


def test_a_category_below_zero_is_a_question_without_an_answer(catalogue: Catalogue) -> None:
    with version(NEW, catalogue) as sandbox:
        assert ask(sandbox, VIDEOS, categoryOneOf=-1).data == {"total": 0, "data": []}


def test_82_sorts_playlists_by_their_place_in_the_channel(catalogue: Catalogue) -> None:
    query = {"sort": "-videoChannelPosition", "count": 100}
    with version(NEW, catalogue) as sandbox:
        rows = ask(sandbox, "/api/v1/video-playlists", **query).data["data"]
    places = [row["videoChannelPosition"] or 0 for row in rows]
    assert places == sorted(places, reverse=True)
    with version(OLD, catalogue) as sandbox:
        assert ask(sandbox, "/api/v1/video-playlists", **query).status == 400


def test_comments_are_counted_in_lists_and_move_no_time(catalogue: Catalogue) -> None:
    uuid = catalogue.add_video()
    before = catalogue.video(uuid).updated
    catalogue.comment(uuid, 3)
    with version(NEW, catalogue) as sandbox:
        item = next(one for one in ask(sandbox, VIDEOS).data["data"] if one["uuid"] == uuid)
    assert (item["comments"], catalogue.video(uuid).updated) == (3, before)


def test_a_recorded_world_speaks_as_its_own_version_unless_told_otherwise() -> None:
    catalogue = Catalogue.load(RECORDINGS / "world-8.2-tiny.json.gz")
    said = {}
    for name in (None, OLD):
        with Sandbox(catalogue, limit=None, version=name) as sandbox:
            config = ask(sandbox, "/api/v1/config").data
            item = ask(sandbox, VIDEOS).data["data"][0]
            said[name] = (config["serverVersion"], "webrtc" in config, "thumbnails" in item, "downloads" in item)
    assert said == {None: (NEW, True, True, True), OLD: (OLD, False, False, False)}


def test_what_is_no_version_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match=r"'nightly' is not a version of PeerTube; write one as 8\.2\.1"):
        Sandbox(catalogue, version="nightly")


def test_the_command_refuses_what_is_no_version() -> None:
    command = [sys.executable, "-m", "peertube_sync.testing", "--version", "nightly"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert "'nightly' is not a version of PeerTube; write one as 8.2.1" in done.stderr
