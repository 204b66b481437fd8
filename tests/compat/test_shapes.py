"""The shapes themselves: the order of their keys, and what becomes of keys that nobody knows."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from peertube_sync.ingest.answers import write_answers
from peertube_sync.models import Channel, Playlist, Video
from tests.support.catalogue import HOST, richest, world

Get = Callable[..., Any]

COUNTERS = ["views", "viewers", "likes", "dislikes", "downloads"]
"""What the recorded instance tells, and `downloads`."""
ACTORS = ["account", "channel"]


def run_of(keys: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """As many keys as are wanted, from the first of these on."""
    start = keys.index(wanted[0])
    return [*keys[start : start + len(wanted)]]


def test_a_video_in_a_list_and_its_details_begin_alike(mirror: None, get: Get) -> None:
    Video.objects.update(nsfw_summary="Told")
    listed = get("videos", count=100, nsfw="both")["data"]
    for row in listed:
        details = get(f"videos/{row['uuid']}")
        facts = [*row][: [*row].index("description")]
        assert [*details][: len(facts)] == facts
        assert {key: details[key] for key in facts} == {key: row[key] for key in facts}
        assert [*row][len(facts) :] == ["description", "tags", *COUNTERS, "isLocal", *ACTORS]
        assert [*details][-2:] == ACTORS


def test_what_moves_by_itself_stands_together(mirror: None, get: Get) -> None:
    for row in (get("videos")["data"][0], get(f"videos/{richest()}")):
        assert run_of([*row], COUNTERS) == COUNTERS
        assert run_of([*row], ACTORS) == ACTORS


def test_keys_of_newer_versions_are_always_there(mirror: None, get: Get) -> None:
    for told in (get(f"videos/{richest()}"), get("videos")["data"][0]):
        assert {key: told[key] for key in ("nsfwSummary", "liveSchedules")} == {
            "nsfwSummary": None,
            "liveSchedules": [],
        }
    Video.objects.update(nsfw_summary="", live_schedules=[{"start_at": "2026-12-01T10:00:00.000Z"}])
    for told in (get(f"videos/{richest()}"), get("videos")["data"][0]):
        assert told["nsfwSummary"] == ""
        assert told["liveSchedules"] == [{"startAt": "2026-12-01T10:00:00.000Z"}]
    assert {one["videoChannelPosition"] for one in get("video-playlists")["data"]} == {None}
    Playlist.objects.update(video_channel_position=3)
    assert {one["videoChannelPosition"] for one in get("video-playlists")["data"]} == {3}


@pytest.mark.parametrize("written", [True, False])
def test_a_number_that_nobody_has_told_is_not_0(mirror: None, get: Get, *, written: bool) -> None:
    Video.objects.update(comments=None, downloads=None, viewers=None)
    Playlist.objects.update(videos_length=None)
    Channel.objects.update(followers_count=None, following_count=None, extra={"followersCount": 7})
    if written:
        write_answers()
    shown = [get(f"videos/{richest()}"), get("videos")["data"][0], get("search/videos", search="full")["data"][0]]
    for told in shown:
        assert not {"comments", "viewers"} & told.keys()
        assert told["downloads"] is None
    channels = [shown[0]["channel"], get("video-channels/cooking"), get("video-channels")["data"][0]]
    assert not any({"followersCount", "followingCount"} & told.keys() for told in channels[1:])
    assert not any("videosLength" in one for one in get("video-playlists")["data"])
    Video.objects.update(comments=6, downloads=0, viewers=2, extra={"comments": 7, "viewers": 8})
    if written:
        write_answers()
    for told in (get(f"videos/{richest()}"), get("videos")["data"][0]):
        assert (told["comments"], told["downloads"], told["viewers"]) == (6, 0, 2)


@pytest.mark.parametrize("written", [True, False])
def test_lists_tell_tags_as_sepia_search_does(mirror: None, get: Get, *, written: bool) -> None:
    if written:
        write_answers()
    tags = sorted(world()["details"][richest()]["tags"])
    assert tags
    playlist = Playlist.objects.get(display_name="Best of cooking").uuid
    lists = ("videos", "search/videos", f"search/videos?fromHost={HOST}", "video-channels/cooking/videos")
    for path in lists:
        assert {one["uuid"]: one for one in get(path, count=100)["data"]}[richest()]["tags"] == tags
    shown = [one["video"] for one in get(f"video-playlists/{playlist}/videos")["data"] if one["video"]]
    assert tags in [one["tags"] for one in shown]


def test_tags_that_nobody_has_read_yet_are_not_told(mirror: None, get: Get) -> None:
    Video.objects.update(details_fetched_at=None)
    assert not any("tags" in one for one in get("videos")["data"])
    assert get(f"videos/{richest()}")["tags"] != []


@pytest.mark.parametrize("written", [True, False])
def test_pictures_of_actors_have_a_wide_one_at_both_ends(mirror: None, get: Get, *, written: bool) -> None:
    if written:
        write_answers()
    channel = get("video-channels/cooking")
    shown = [channel, channel["ownerAccount"], get("accounts/alice"), get(f"videos/{richest()}")["channel"]]
    shown += [one["channel"] for one in get("video-channels/cooking/videos")["data"]]
    for actor in shown:
        assert [one["width"] for one in actor["avatars"]] == [1500, 48, 120, 600]
    assert [one["width"] for one in channel["banners"]] == [1920, 600]


WIDTHS = {280: "16:9", 850: "16:9", 1280: "16:9", 1400: "1:1", 1920: "16:9"}


def test_the_picture_in_lists_is_large_enough_and_no_larger(mirror: None, get: Get) -> None:
    row = get(f"videos/{richest()}")
    assert row["thumbnailUrl"] == f"http://{HOST}{Video.objects.get(uuid=richest()).preview_path}"
    shown = [{"width": one, "aspect_ratio": WIDTHS[one], "file_url": f"https://{HOST}/{one}"} for one in WIDTHS]
    for pictures, best in ((shown, 850), (shown[:1], 280), (shown[3:4], 1400), (shown[:1] + shown[3:4], 280)):
        Video.objects.update(thumbnails=pictures)
        assert get(f"videos/{richest()}")["thumbnailUrl"] == f"https://{HOST}/{best}"
    Video.objects.update(thumbnails=[], preview_path=None)
    assert get(f"videos/{richest()}")["thumbnailUrl"].endswith(Video.objects.get(uuid=richest()).thumbnail_path)


def test_keys_that_nobody_knows_are_told_and_replace_none_that_is_known(mirror: None, get: Get) -> None:
    unknown = {"views": -1, "account": None, "*extra": 1, "new_key": {"inner_key": 1}}
    before = get(f"videos/{richest()}")
    Video.objects.update(extra=unknown)
    Channel.objects.update(extra={**unknown, "display_name": "Another"})
    told = get(f"videos/{richest()}")
    assert {key: told[key] for key in (*COUNTERS, "account")} == {key: before[key] for key in (*COUNTERS, "account")}
    assert told["newKey"] == {"innerKey": 1}
    assert told["channel"]["newKey"] == {"innerKey": 1}
    assert told["channel"]["displayName"] == before["channel"]["displayName"]


def test_local_is_what_is_at_home_where_somebody_searches(mirror: None, get: Get) -> None:
    for path in ("videos", "video-channels", "video-playlists"):
        told = {
            asking: {one["isLocal"] for one in get(f"search/{path}", fromHost=asking)["data"]}
            for asking in (HOST, "other.example", "")
        }
        assert told == {HOST: {True}, "other.example": {False}, "": {False}}
        assert {one["isLocal"] for one in get(path)["data"]} == {True}
