"""The shapes themselves: the order of their keys, and what becomes of keys that nobody knows."""

from collections.abc import Callable, Sequence
from typing import Any

from peertube_sync.models import Channel, Playlist, Video
from tests.api.catalogue import HOST, richest

Get = Callable[..., Any]

COUNTERS = ["views", "viewers", "likes", "dislikes", "comments"]
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
        assert [*row][len(facts) :] == ["description", *COUNTERS, *ACTORS]
        assert [*details][-2:] == ACTORS


def test_what_moves_by_itself_stands_together(mirror: None, get: Get) -> None:
    for row in (get("videos")["data"][0], get(f"videos/{richest()}")):
        assert run_of([*row], COUNTERS) == COUNTERS
        assert run_of([*row], ACTORS) == ACTORS


def test_a_key_that_only_newer_versions_have_is_left_out(mirror: None, get: Get) -> None:
    assert "nsfwSummary" not in get(f"videos/{richest()}")
    Video.objects.update(nsfw_summary="")
    assert get(f"videos/{richest()}")["nsfwSummary"] == ""
    Playlist.objects.update(video_channel_position=3)
    assert {one["videoChannelPosition"] for one in get("video-playlists")["data"]} == {3}


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
