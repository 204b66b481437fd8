"""What the resources show, and what they keep to themselves."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from peertube_sync.client.naming import snake_keys
from peertube_sync.client.types import VideoItem
from peertube_sync.ingest.actors import KnownActors
from peertube_sync.ingest.videos import ingest_videos
from peertube_sync.models import Account, Channel, Curation, Instance, PlaylistElement, Video
from tests.support.catalogue import (
    HOST,
    Ask,
    at,
    element_of_two,
    everything,
    local,
    make_videos,
    mirror_details,
    remote,
    richest,
    uuids,
    world,
)

pytestmark = pytest.mark.usefixtures("catalogue")

LABELLED = {"category", "licence", "language", "privacy"}
TIMES = {"createdAt", "updatedAt", "publishedAt", "originallyPublishedAt"}
ELSEWHERE = {
    "id",
    "account",
    "channel",
    "isLocal",
    "description",
    "shortUUID",
    "thumbnailPath",
    "previewPath",
    "embedPath",
}


def listed_facts(published: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names and values under which a published list item is to be shown."""
    for key, value in published.items():
        (name,) = snake_keys({key: value})
        if key in LABELLED:
            yield from ((f"{name}_id", value["id"]), (f"{name}_label", value["label"]))
        elif key not in ELSEWHERE:
            yield name, at(value) if key in TIMES and value else value


def test_every_published_video_is_listed_with_its_facts(ask: Ask) -> None:
    found = {one["uuid"]: one for one in everything(ask, "videos/")}
    assert found.keys() == {one["uuid"] for one in local("list")}
    for published in local("list"):
        shown = found[published["uuid"]]
        for name, value in listed_facts(published):
            assert (at(shown[name]) if isinstance(value, datetime) else shown[name]) == value
        assert shown["channel"]["handle"] == f"{published['channel']['name']}@{HOST}"
        assert shown["account"]["handle"] == f"{published['account']['name']}@{HOST}"
        assert (shown["short_uuid"], shown["remote_id"]) == (published["shortUUID"], published["id"])


def test_addresses_of_a_video_are_absolute_at_its_source(ask: Ask) -> None:
    published = local("list")[0]
    shown = ask(f"videos/{published['uuid']}/")
    assert shown["url"] == published["url"]
    assert shown["watch_url"] == f"http://{HOST}/w/{published['shortUUID']}"
    assert shown["embed_url"] == f"http://{HOST}{published['embedPath']}"
    assert shown["thumbnail_url"] == f"http://{HOST}{published['thumbnailPath']}"
    assert shown["preview_url"] == f"http://{HOST}{published['previewPath']}"
    avatar, published_avatar = shown["account"]["avatars"][0], published["account"]["avatars"]
    assert avatar["file_url"] in {f"http://{HOST}{one['path']}" for one in published_avatar}


def test_details_hold_what_the_source_publishes(ask: Ask, full: Video) -> None:
    published = world()["details"][str(full.uuid)]
    shown = ask(f"videos/{full.uuid}/")
    assert shown["description"] == published["description"]
    assert shown["support"] == published["support"]
    assert shown["tags"] == sorted(published["tags"])
    assert shown["files"] == snake_keys(published["files"])
    assert shown["streaming_playlists"] == snake_keys(published["streamingPlaylists"])
    assert (shown["state_id"], shown["comments_policy_id"]) == (
        published["state"]["id"],
        published["commentsPolicy"]["id"],
    )
    assert shown["extra"]["tracker_urls"] == published["trackerUrls"]
    assert [one["language_id"] for one in shown["captions"]] == sorted(
        one["language"]["id"] for one in world()["captions"][str(full.uuid)]["data"]
    )
    assert shown["chapters"] == world()["chapters"][str(full.uuid)]["chapters"]
    assert shown["details_fetched_at"]
    assert shown["captions_fetched_at"]


def test_what_was_not_read_yet_is_null_not_empty(ask: Ask) -> None:
    shown = ask(f"videos/{local('list')[0]['uuid']}/")
    unread = (
        "tags",
        "captions",
        "chapters",
        "files",
        "streaming_playlists",
        "details_fetched_at",
        "captions_fetched_at",
    )
    assert [shown[name] for name in unread] == [None] * len(unread)


def test_a_video_that_has_none_shows_empty_tags_captions_and_chapters(ask: Ask) -> None:
    bare = next(
        uuid
        for uuid, details in world()["details"].items()
        if details["isLocal"]
        and not details["tags"]
        and not world()["captions"][uuid]["data"]
        and not world()["chapters"][uuid]["chapters"]
    )
    mirror_details(bare)
    shown = ask(f"videos/{bare}/")
    assert (shown["tags"], shown["captions"], shown["chapters"]) == ([], [], [])


def test_lists_leave_long_texts_out(ask: Ask) -> None:
    listed = ask("videos/")["results"][0]
    assert (
        not {"description", "support", "files", "streaming_playlists", "extra", "plugin_data", "tags"} & listed.keys()
    )
    assert not {"description", "support", "extra"} & ask("channels/")["results"][0].keys()


@pytest.mark.parametrize("form", ["uuid", "shortUUID"])
def test_videos_and_playlists_are_found_by_both_forms_of_their_uuid(ask: Ask, form: str) -> None:
    video, playlist = local("list")[0], local("playlists")[0]
    assert ask(f"videos/{video[form]}/")["uuid"] == video["uuid"]
    assert ask(f"playlists/{playlist[form]}/")["uuid"] == playlist["uuid"]


@pytest.mark.parametrize("handle", [f"cooking@{HOST}", f"@cooking@{HOST}", "Cooking@LOCALHOST:9000"])
def test_channels_are_found_by_handle_however_it_is_spelt(ask: Ask, handle: str) -> None:
    shown = ask(f"channels/{handle}/")
    published = next(one for one in local("channels") if one["name"] == "cooking")
    assert shown["handle"] == f"cooking@{HOST}"
    assert shown["display_name"] == published["displayName"]
    assert shown["description"] == published["description"]
    assert shown["support"] == published["support"]
    assert shown["owner_account"]["handle"] == f"alice@{HOST}"
    assert shown["followers_count"] == published["followersCount"]


def test_accounts_are_found_by_handle(ask: Ask) -> None:
    published = next(one for one in world()["accounts"] if one["name"] == "alice")
    shown = ask(f"accounts/alice@{HOST}/")
    assert (shown["display_name"], shown["description"]) == (published["displayName"], published["description"])


def test_an_actor_on_a_host_with_dots_is_found(ask: Ask) -> None:
    Instance.objects.filter(host=HOST).update(host="video.sub.example")
    assert ask("channels/cooking@video.sub.example/")["host"] == "video.sub.example"
    assert ask("accounts/alice@video.sub.example/")["host"] == "video.sub.example"
    assert ask("instances/video.sub.example/")["host"] == "video.sub.example"


def test_actors_tell_what_peertube_does_not(ask: Ask) -> None:
    own = [one for one in local("list") if one["channel"]["name"] == "bench145_side"]
    shown = next(one for one in everything(ask, "channels/") if one["name"] == "bench145_side")
    assert shown["videos_count"] == len(own)
    assert at(shown["last_published_at"]) == max(at(one["publishedAt"]) for one in own)
    Curation.objects.create(video=Video.objects.get(uuid=own[0]["uuid"]), hidden=True)
    assert ask(f"accounts/bench145@{HOST}/")["videos_count"] == len(own) - 1


def test_an_actor_without_videos_counts_none(ask: Ask) -> None:
    Video.objects.filter(channel__name="cooking").update(delisted_at=timezone.now())
    shown = ask(f"channels/cooking@{HOST}/")
    assert (shown["videos_count"], shown["last_published_at"]) == (0, None)


def test_an_instance_tells_of_itself_and_of_what_is_mirrored(ask: Ask) -> None:
    (listed,) = everything(ask, "instances/")
    assert (listed["host"], listed["url"], listed["version"]) == (HOST, f"http://{HOST}", "6.3.0")
    assert listed["videos_count"] == len(local("list"))
    assert listed["channels_count"] == Channel.objects.count()
    assert listed["accounts_count"] == Account.objects.count()
    assert listed["playlists_count"] == len(local("playlists"))
    details = ask(f"instances/{HOST}/")
    assert details["about"] == world()["config/about"]
    assert details["stats"] == world()["server/stats"]


def test_an_instance_keeps_how_it_is_worked_on_to_itself(ask: Ask) -> None:
    internal = {"lease_token", "lease_until", "next_due_at", "refresh_due_at", "failures", "state_reason", "id"}
    assert not internal & ask(f"instances/{HOST}/").keys()


def test_a_playlist_shows_its_facts(ask: Ask) -> None:
    published = next(one for one in local("playlists") if one["displayName"] == "Best of cooking")
    shown = ask(f"playlists/{published['uuid']}/")
    assert shown["description"] == published["description"]
    assert shown["videos_length"] == published["videosLength"]
    assert shown["owner_account"]["name"] == published["ownerAccount"]["name"]
    assert shown["video_channel"]["name"] == published["videoChannel"]["name"]
    assert shown["thumbnail_url"] == f"http://{HOST}{published['thumbnailPath']}"
    assert shown["watch_url"] == f"http://{HOST}/w/p/{published['shortUUID']}"


def test_elements_of_a_playlist_come_in_their_order(ask: Ask) -> None:
    uuid = next(one["uuid"] for one in local("playlists") if one["displayName"] == "Best of cooking")
    published = world()["elements"][uuid]
    shown = everything(ask, f"playlists/{uuid}/elements/")
    assert [one["position"] for one in shown] == [one["position"] for one in published]
    assert [one["type_id"] for one in shown] == [one["type"] for one in published]
    assert [one["start_timestamp"] for one in shown] == [one["startTimestamp"] for one in published]
    known = {one["uuid"] for one in local("list")}
    expected = [one["video"]["uuid"] if one["video"] and one["video"]["uuid"] in known else None for one in published]
    assert [one["video"] and one["video"]["uuid"] for one in shown] == expected
    listed = {one["uuid"]: one for one in everything(ask, "videos/")}
    assert all(listed[one["video"]["uuid"]] == one["video"] for one in shown if one["video"])


def test_fields_of_elements_can_be_chosen(ask: Ask) -> None:
    uuid = next(one["uuid"] for one in local("playlists") if one["displayName"] == "Best of cooking")
    whole = everything(ask, f"playlists/{uuid}/elements/")
    for wanted in (["position"], ["video_name"], ["video_uuid", "video"]):
        shown = everything(ask, f"playlists/{uuid}/elements/", fields=",".join(wanted))
        assert shown == [{name: one[name] for name in one if name in wanted} for one in whole]


COUNTERS = ["views", "viewers", "likes", "dislikes", "comments", "downloads"]
ACTORS = ["channel", "account"]


def test_details_begin_as_lists_do_and_what_moves_by_itself_stands_together(ask: Ask, full: Video) -> None:
    listed = next(one for one in everything(ask, "videos/") if one["uuid"] == str(full.uuid))
    details, keys = ask(f"videos/{full.uuid}/"), [*listed]
    assert [*details][: len(keys)] == keys
    assert {key: details[key] for key in keys} == listed
    for together in (COUNTERS, ACTORS):
        start = keys.index(together[0])
        assert keys[start : start + len(together)] == together


def test_the_sites_own_title_and_text_are_shown_instead(ask: Ask, full: Video) -> None:
    Curation.objects.create(video=full, title="Our title", text="Our text")
    listed = next(one for one in everything(ask, "videos/") if one["uuid"] == str(full.uuid))
    details = ask(f"videos/{full.uuid}/")
    assert (listed["name"], listed["truncated_description"]) == ("Our title", "Our text")
    assert (details["name"], details["description"]) == ("Our title", "Our text")


def test_curation_without_an_own_title_shows_the_source(ask: Ask, full: Video) -> None:
    Curation.objects.create(video=full, featured=True)
    assert ask(f"videos/{full.uuid}/")["name"] == full.name


def test_lists_that_belong_to_a_row_hold_its_own(ask: Ask) -> None:
    own = {one["uuid"] for one in local("list") if one["channel"]["name"] == "bench145_side"}
    assert set(uuids({"results": everything(ask, f"channels/bench145_side@{HOST}/videos/")})) == own
    assert set(uuids({"results": everything(ask, f"accounts/bench145@{HOST}/videos/")})) == own
    channels = everything(ask, f"accounts/bench145@{HOST}/channels/")
    assert "bench145_side" in {one["name"] for one in channels}
    assert {one["owner_account"]["name"] for one in channels} == {"bench145"}
    for path in (f"accounts/alice@{HOST}/playlists/", f"channels/cooking@{HOST}/playlists/"):
        shown = everything(ask, path)
        assert "Best of cooking" in {one["display_name"] for one in shown}
        assert {one["owner_account"]["name"] for one in shown} == {"alice"}


def test_videos_of_a_playlist_come_once_each(ask: Ask) -> None:
    playlist, element = element_of_two()
    PlaylistElement.objects.create(
        playlist=playlist, video=element.video, remote_id=999_999, position=9, video_uuid=element.video_uuid
    )
    expected = sorted(one["video"]["uuid"] for one in world()["elements"][str(playlist.uuid)])
    assert sorted(uuids({"results": everything(ask, f"playlists/{playlist.uuid}/videos/")})) == expected
    assert sorted(uuids({"results": everything(ask, "videos/", playlist=playlist.uuid)})) == expected


def test_captions_and_chapters_have_lists_of_their_own(ask: Ask, full: Video) -> None:
    published = {one["language"]["id"]: one for one in world()["captions"][str(full.uuid)]["data"]}
    captions = everything(ask, f"videos/{full.uuid}/captions/")
    assert [one["language_id"] for one in captions] == sorted(published)
    for one in captions:
        assert one["file_url"] == f"http://{HOST}{published[one['language_id']]['captionPath']}"
    assert everything(ask, f"videos/{full.uuid}/chapters/") == world()["chapters"][str(full.uuid)]["chapters"]


def test_a_uuid_that_two_instances_claim_stays_with_the_first(ask: Ask) -> None:
    (video,) = make_videos(1)
    other = Instance.objects.create(host="thief.example")
    stolen = remote({**world()["details"][richest()], "uuid": str(video.uuid), "name": "Stolen"}, VideoItem)
    ingest_videos(other, [stolen], KnownActors())
    assert Video.objects.filter(uuid=video.uuid).count() == 2
    assert ask(f"videos/{video.uuid}/")["name"] == video.name


def test_a_video_tells_what_its_own_lists_of_captions_and_chapters_tell(ask: Ask, full: Video) -> None:
    whole = ask(f"videos/{full.uuid}/")
    for kind in ("captions", "chapters"):
        assert whole[kind] == ask(f"videos/{full.uuid}/{kind}/")["results"] != []
