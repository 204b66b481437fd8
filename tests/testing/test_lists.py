"""Pages, orders and filters of the sandbox's lists."""

from __future__ import annotations

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from peertube_sync.testing.identifiers import milliseconds
from tests.testing.asking import ask, uuids

VIDEOS = "/api/v1/videos"
LOCAL = {"nsfw": "both", "isLocal": "true"}


def test_generates_as_many_listed_local_videos_as_asked_for(sandbox: Sandbox) -> None:
    assert ask(sandbox, VIDEOS, count=0, **LOCAL).data == {"total": 60, "data": []}


def test_a_slash_at_the_end_of_an_address_changes_nothing(sandbox: Sandbox) -> None:
    uuid = sandbox.catalogue.local_videos()[0]["uuid"]
    assert uuids(ask(sandbox, f"{VIDEOS}/")) == uuids(ask(sandbox, VIDEOS))
    assert ask(sandbox, f"{VIDEOS}/{uuid}/").data["uuid"] == uuid


def test_videos_are_published_up_to_the_last_day() -> None:
    catalogue = Catalogue.generate(videos=2000, last_day=milliseconds("2026-05-31T00:00:00.000Z"))
    days = sorted(one["publishedAt"][:10] for one in catalogue.local_videos())
    assert days[0] < "2019"
    assert days[-10] > "2026-05"
    assert days[-1] <= "2026-05-31"


def test_generates_the_same_catalogue_from_the_same_seed() -> None:
    first, second, other = (Catalogue.generate(videos=30, seed=seed).local_videos() for seed in (5, 5, 6))
    assert first == second != other


def test_generates_every_kind_of_video_and_playlist(catalogue: Catalogue) -> None:
    videos = catalogue.videos.values()
    assert {video.privacy for video in videos} == {1, 2, 3, 4, 5}
    assert any(video.blocked for video in videos)
    assert any(video.is_live and not video.listed for video in videos)
    assert any(not video.is_local for video in videos)
    assert any(video.captions for video in videos)
    assert any(video.chapters for video in videos)
    assert any(len(video.description or "") > 250 for video in videos)
    assert any(playlist.elements for playlist in catalogue.playlists.values())


def test_generates_creation_times_that_some_videos_share() -> None:
    created = [video["createdAt"] for video in Catalogue.generate(videos=500).local_videos()]
    assert len(set(created)) < len(created)


def test_an_empty_catalogue_has_empty_lists() -> None:
    with Sandbox(Catalogue.generate(videos=0), limit=None) as sandbox:
        assert ask(sandbox, VIDEOS, nsfw="both").data == {"total": 0, "data": []}


@pytest.mark.parametrize("sort", ["createdAt", "-publishedAt", "name", "-views", "likes", "duration", "-hot"])
def test_pages_join_without_gap_or_double(sandbox: Sandbox, sort: str) -> None:
    pages = [ask(sandbox, VIDEOS, start=start, count=7, sort=sort, **LOCAL) for start in range(0, 63, 7)]
    found = [uuid for page in pages for uuid in uuids(page)]
    assert len(found) == 60
    assert set(found) == {video["uuid"] for video in sandbox.catalogue.local_videos()}


@pytest.mark.parametrize(("sort", "descending"), [("createdAt", False), ("-createdAt", True), ("-likes", True)])
def test_ties_are_in_the_order_of_ids_either_way(sandbox: Sandbox, sort: str, descending: bool) -> None:
    rows = ask(sandbox, VIDEOS, count=100, sort=sort, **LOCAL).data["data"]
    key = sort.removeprefix("-")
    by_id = sorted(rows, key=lambda row: row["id"])
    assert rows == sorted(by_id, key=lambda row: row[key], reverse=descending)


def test_a_page_has_fifteen_rows_unless_asked(sandbox: Sandbox) -> None:
    assert len(ask(sandbox, VIDEOS).data["data"]) == 15


def test_a_start_beyond_the_end_is_an_empty_page_with_the_total(sandbox: Sandbox) -> None:
    assert ask(sandbox, VIDEOS, start=30_000, **LOCAL).data == {"total": 60, "data": []}


def test_a_start_too_large_for_a_number_is_one(sandbox: Sandbox) -> None:
    assert uuids(ask(sandbox, VIDEOS, start=10**22)) == uuids(ask(sandbox, VIDEOS, start=1))


def test_skip_count_leaves_the_total_out(sandbox: Sandbox) -> None:
    assert ask(sandbox, VIDEOS, skipCount="true").data.keys() == {"data"}


def test_the_default_list_hides_nsfw_and_mixes_remote_videos_in(sandbox: Sandbox) -> None:
    sandbox.catalogue.edit_video(sandbox.catalogue.local_videos()[0]["uuid"], nsfw=True)
    default, both, only = (
        ask(sandbox, VIDEOS, count=100, **query).data for query in ({}, {"nsfw": "both"}, {"nsfw": "true"})
    )
    assert default["total"] + only["total"] == both["total"]
    assert {row["nsfw"] for row in default["data"]} == {False}
    assert {row["isLocal"] for row in both["data"]} == {True, False}


def test_remote_videos_keep_the_address_of_their_home(sandbox: Sandbox) -> None:
    row = ask(sandbox, VIDEOS, isLocal="false", nsfw="both").data["data"][0]
    assert row["url"].startswith("https://")
    assert sandbox.host not in row["url"]
    assert row["channel"]["host"] in row["url"]
    assert ask(sandbox, row["thumbnailPath"]).status == 200


@pytest.mark.parametrize(
    ("name", "value", "fact"),
    [
        ("categoryOneOf", 5, lambda video: video["category"]["id"] == 5),
        ("licenceOneOf", 3, lambda video: video["licence"]["id"] == 3),
        ("tagsOneOf", "Apple", lambda video: "apple" in video["tags"]),
        ("search", "Orchard", lambda video: "orchard" in video["name"].lower()),
    ],
)
def test_filters_find_what_has_the_fact(sandbox: Sandbox, name, value, fact) -> None:
    catalogue = sandbox.catalogue
    uuid = catalogue.add_video(category=5, licence=3, tags=["apple"], name="In the orchard")
    reply = ask(sandbox, VIDEOS, count=100, **{name: value}, **LOCAL)
    assert uuid in uuids(reply)
    assert all(fact(catalogue.details(found)) for found in uuids(reply))


def test_all_tags_or_one_of_them(sandbox: Sandbox) -> None:
    both = sandbox.catalogue.add_video(tags=["alpha", "beta"])
    one = sandbox.catalogue.add_video(tags=["alpha"])
    assert set(uuids(ask(sandbox, VIDEOS, tagsAllOf=["alpha", "beta"]))) == {both}
    assert set(uuids(ask(sandbox, VIDEOS, tagsOneOf=["alpha", "beta"]))) == {both, one}


def test_the_language_filter_looks_at_captions_and_knows_the_unknown(sandbox: Sandbox) -> None:
    spoken = sandbox.catalogue.add_video(language="cy")
    subtitled = sandbox.catalogue.add_video(language="en")
    silent = sandbox.catalogue.add_video()
    sandbox.catalogue.set_captions(subtitled, ["cy"])
    assert set(uuids(ask(sandbox, VIDEOS, languageOneOf="cy"))) == {spoken, subtitled}
    assert silent in uuids(ask(sandbox, VIDEOS, languageOneOf="_unknown"))


def test_host_matters_in_a_search_and_not_in_a_list(sandbox: Sandbox) -> None:
    row = ask(sandbox, VIDEOS, isLocal="false", nsfw="both").data["data"][0]
    host = row["account"]["host"]
    everything = ask(sandbox, VIDEOS, nsfw="both").data["total"]
    assert ask(sandbox, VIDEOS, nsfw="both", host=host).data["total"] == everything
    found = ask(sandbox, "/api/v1/search/videos", nsfw="both", host=host).data["data"]
    assert {video["account"]["host"] for video in found} == {host}


def test_a_search_by_uuids_finds_the_public_ones_only(sandbox: Sandbox) -> None:
    shown, hidden, gone = (video["uuid"] for video in sandbox.catalogue.local_videos()[:3])
    sandbox.catalogue.hide(hidden, "unlisted")
    sandbox.catalogue.delete_video(gone)
    reply = ask(sandbox, "/api/v1/search/videos", uuids=[shown, hidden, gone], nsfw="both", searchTarget="local")
    assert (reply.data["total"], uuids(reply)) == (1, [shown])


def test_lists_of_an_actor_hold_its_own(sandbox: Sandbox) -> None:
    row = sandbox.catalogue.local_videos()[0]
    for path, key in (("video-channels", "channel"), ("accounts", "account")):
        name = row[key]["name"]
        reply = ask(sandbox, f"/api/v1/{path}/{name}/videos", count=100, nsfw="both")
        assert row["uuid"] in uuids(reply)
        assert {video[key]["name"] for video in reply.data["data"]} == {name}
    channels = ask(sandbox, f"/api/v1/accounts/{row['account']['name']}/video-channels").data["data"]
    assert row["channel"]["name"] in [channel["name"] for channel in channels]


@pytest.mark.parametrize("handle", ["{name}", "{upper}", "{name}@{host}", "@{name}@{host}"])
def test_a_channel_answers_to_all_forms_of_its_handle(sandbox: Sandbox, handle: str) -> None:
    name = sandbox.catalogue.local_videos()[0]["channel"]["name"]
    target = handle.format(name=name, upper=name.upper(), host=sandbox.host)
    assert ask(sandbox, f"/api/v1/video-channels/{target}").data["name"] == name


def test_the_total_of_accounts_is_wrong_as_in_peertube(sandbox: Sandbox) -> None:
    first = ask(sandbox, "/api/v1/accounts", count=100).data
    assert first["total"] > len(first["data"]) == len(sandbox.catalogue.accounts)
    assert ask(sandbox, "/api/v1/accounts", start=len(first["data"])).data["data"] == []


def test_playlists_of_a_channel_and_an_account(sandbox: Sandbox) -> None:
    videos = [video["uuid"] for video in sandbox.catalogue.local_videos()[:3]]
    channel = sandbox.catalogue.local_videos()[0]["channel"]["name"]
    uuid = sandbox.catalogue.add_playlist(videos, channel=channel, name="Three of them")
    row = ask(sandbox, f"/api/v1/video-playlists/{uuid}").data
    owner = row["ownerAccount"]["name"]
    for target in ("video-playlists", f"video-channels/{channel}/video-playlists", f"accounts/{owner}/video-playlists"):
        assert uuid in uuids(ask(sandbox, f"/api/v1/{target}", count=100))
    assert uuids(ask(sandbox, "/api/v1/search/video-playlists", search="three OF")) == [uuid]
    elements = ask(sandbox, f"/api/v1/video-playlists/{row['shortUUID']}/videos").data["data"]
    assert [(e["position"], e["type"], e["video"]["uuid"]) for e in elements] == list(
        zip((1, 2, 3), (0, 0, 0), videos, strict=True)
    )


def test_channels_are_found_by_name_and_by_handle(sandbox: Sandbox) -> None:
    name = sandbox.catalogue.local_videos()[0]["channel"]["name"]
    for query in ({"search": name}, {"handles": [f"{name}@{sandbox.host}", "nobody@nowhere.example"]}):
        found = ask(sandbox, "/api/v1/search/video-channels", **query).data
        assert [channel["name"] for channel in found["data"]] == [name]
