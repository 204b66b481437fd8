"""What is shown and what isn't, pages and orders, the index of instances, limits and headers."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from peertube_sync.models import Account, Channel, Curation, Instance, InstanceState, Playlist, Video
from tests.support.catalogue import HOST, richest, world

Get = Callable[..., Any]


def names(answer: Any) -> list[str]:
    return [one["name"] for one in answer["data"]]


def everything_told(get: Get) -> str:
    """Return all that lists and searches say."""
    lists = ("videos", "search/videos", "video-channels", "accounts", "video-playlists", "search/video-playlists")
    told = [get(path, count=100, nsfw="both") for path in lists]
    told += [
        get(f"video-playlists/{uuid}/videos") for uuid in Playlist.objects.available().values_list("uuid", flat=True)
    ]
    told += [get(path, count=100, nsfw="both") for path in ("accounts/alice/videos", "video-channels/cooking/videos")]
    return str(told)


HIDE = {
    "tombstone": lambda video: Video.objects.filter(pk=video.pk).update(removed_at=timezone.now()),
    "private": lambda video: Video.objects.filter(pk=video.pk).update(privacy_id=3),
    "hidden by the site": lambda video: Curation.objects.create(video=video, hidden=True),
}


@pytest.mark.parametrize("how", HIDE)
def test_what_may_not_be_shown_is_nowhere(mirror: None, get: Get, how: str) -> None:
    video = Video.objects.get(uuid=richest())
    assert str(video.uuid) in everything_told(get)
    HIDE[how](video)
    told = everything_told(get)
    assert str(video.uuid) not in told
    assert video.name not in told
    for name in (video.uuid, video.short_uuid, video.pk):
        for below in ("", "/captions", "/chapters", "/description"):
            assert get(f"videos/{name}{below}", status=404)["detail"] == "Video not found"


def test_removed_actors_and_playlists_are_nowhere(mirror: None, get: Get) -> None:
    for model in (Account, Channel, Playlist):
        model.objects.update(removed_at=timezone.now())
    assert [get(path)["total"] for path in ("accounts", "video-channels", "video-playlists")] == [0, 0, 0]
    get("accounts/alice", status=404)
    get("video-channels/cooking/videos", status=404)
    get(f"video-playlists/{Playlist.objects.all()[0].uuid}", status=404)


def test_the_sites_own_title_and_text_are_shown(mirror: None, get: Get) -> None:
    video = Video.objects.get(uuid=richest())
    Curation.objects.create(video=video, title="Our title", text="Our text")
    details = get(f"videos/{video.uuid}")
    assert (details["name"], details["description"]) == ("Our title", "Our text")
    assert get(f"videos/{video.pk}/description") == {"description": "Our text"}


def test_pages_join_without_a_gap(catalogue: None, get: Get) -> None:
    pages = [get("videos", start=start, count=7, nsfw="both", sort="name")["data"] for start in range(0, 60, 7)]
    joined = [one["uuid"] for page in pages for one in page]
    assert sorted(joined) == sorted(map(str, Video.objects.values_list("uuid", flat=True)))


OTHERS = {"trending": "views", "match": "publishedAt", "localVideoFilesSize": "duration"}


@pytest.mark.parametrize(
    "column", ["name", "publishedAt", "createdAt", "duration", "views", "likes", "comments", *OTHERS]
)
def test_orders_are_those_of_peertube(catalogue: None, get: Get, column: str) -> None:
    for number, video in enumerate(Video.objects.order_by("?")):
        Video.objects.filter(pk=video.pk).update(comments=number % 7)
    key = OTHERS.get(column, column)
    rows = get("videos", sort=column, count=100, nsfw="both")["data"]
    values = [row[key] for row in rows]
    assert values == sorted(values)
    assert get("videos", sort=f"-{column}", count=100, nsfw="both")["data"] == rows[::-1]


def test_videos_whose_comments_nobody_counts_have_the_fewest(catalogue: None, get: Get) -> None:
    Video.objects.filter(uuid=richest()).update(comments=0)
    assert get("videos", sort="-comments")["data"][0]["uuid"] == richest()
    assert get("videos", sort="comments", count=100, nsfw="both")["data"][-1]["uuid"] == richest()


@pytest.mark.parametrize("path", ["videos", "search/videos", f"accounts/alice@{HOST}/videos"])
def test_flags_of_sensitive_videos_include_and_exclude(catalogue: None, get: Get, path: str) -> None:
    account = Video.objects.get(uuid=richest()).account_id
    first, second, third, plain, *others = Video.objects.exclude(uuid=richest()).order_by("pk")
    Video.objects.filter(pk__in=[one.pk for one in others]).delete()
    Video.objects.exclude(uuid=richest()).update(account=account, nsfw=True, nsfw_flags=0)
    for video, flags in ((first, 1), (second, 2), (third, 3)):
        Video.objects.filter(pk=video.pk).update(nsfw_flags=flags)
    names = {str(one.uuid): number for number, one in enumerate((first, second, third, plain), 1)} | {richest(): 0}

    def found(**asked: Any) -> list[int]:
        answer = get(path, **asked)
        assert answer["total"] == len(answer["data"])
        return sorted(names[one["uuid"]] for one in answer["data"])

    assert found() == [0]
    assert found(nsfwFlagsIncluded=1) == [0, 1, 3]
    assert found(nsfwFlagsIncluded=3) == [0, 1, 2, 3]
    assert found(nsfwFlagsIncluded=1, nsfwFlagsExcluded=2) == [0, 1]
    assert found(nsfw="both") == [0, 1, 2, 3, 4]
    assert found(nsfw="both", nsfwFlagsExcluded=1) == [0, 2, 4]
    assert found(nsfw="both", nsfwFlagsExcluded=3) == [0, 4]
    assert found(nsfw="both", nsfwFlagsExcluded=0) == [0, 1, 2, 3, 4]
    assert found(nsfw="true", nsfwFlagsExcluded=2) == [1, 4]
    for wrong in ({"nsfwFlagsIncluded": 3, "nsfwFlagsExcluded": 2}, {"nsfwFlagsExcluded": "violent"}):
        assert "nsfwFlagsExcluded" in get(path, status=400, **wrong)["invalid-params"]


def test_constants_below_0_are_nobodys(catalogue: None, get: Get) -> None:
    for name in ("categoryOneOf", "licenceOneOf"):
        assert get("videos", **{name: "-1"}) == {"total": 0, "data": []}
        assert get("videos", status=400, **{name: "--1"})["invalid-params"][name]["value"] == ["--1"]


@pytest.mark.parametrize(("start", "length"), [(10**6, 0), (2**31, 0), (10**20, 0), (10**22, 15)])
def test_any_start_is_taken(catalogue: None, get: Get, start: int, length: int) -> None:
    answer = get("videos", start=start, nsfw="both")
    assert (len(answer["data"]), answer["total"]) == (length, Video.objects.count())


@pytest.mark.parametrize("name", ["cooking", "COOKING", "@cooking"])
def test_a_name_alone_is_that_of_the_actor_that_was_here_first(catalogue: None, get: Get, name: str) -> None:
    assert get(f"video-channels/{name}")["host"] == HOST
    for number in range(5):
        other = Instance.objects.create(host=f"a{number}.example")
        for model in (Channel, Account):
            spelt = {Channel: "cooking", Account: "alice"}[model]
            model.objects.create(instance=other, name=spelt, display_name="Another", url=f"https://{other.host}/")
    assert get(f"video-channels/{name}")["host"] == HOST
    assert get(f"video-channels/{name}/videos")["total"] == 1
    assert (get("accounts/alice")["host"], get("accounts/alice/videos")["total"]) == (HOST, 1)
    assert get("video-channels/cooking@a3.example")["displayName"] == "Another"
    assert get(f"video-channels/cooking@{HOST}")["displayName"] == "Cooking with Alice"
    Channel.objects.filter(name="cooking", instance__host=HOST).update(removed_at=timezone.now())
    assert get(f"video-channels/{name}")["host"] == "a0.example"


@pytest.mark.parametrize("host", ["testserver", "TESTSERVER", "mirror.example"])
def test_a_handle_at_this_site_is_the_name_alone(catalogue: None, get: Get, client: Client, host: str) -> None:
    for path in (f"video-channels/cooking@{host}", f"accounts/alice@{host}", f"video-channels/@cooking@{host}"):
        assert get(path)["host"] == HOST
    assert get(f"video-channels/cooking@{host}/videos")["total"] == 1
    assert get("search/video-channels", search=f"cooking@{host}")["total"] == 1
    assert client.get("/feeds/videos.xml", {"videoChannelName": f"cooking@{host}"}).status_code == 200
    assert client.get(f"/c/cooking@{host}")["Location"] == f"/channels/cooking@{HOST}/"
    get("video-channels/cooking@elsewhere.example", status=404)


def test_a_slash_at_the_end_changes_nothing(catalogue: None, get: Get) -> None:
    for path in ("config", "videos", f"videos/{richest()}", "accounts/alice", "instances/hosts"):
        assert get(f"{path}/") == get(path)


def test_what_nobody_has_told_yet_is_there_all_the_same(catalogue: None, get: Get) -> None:
    Account.objects.update(created_at=None, updated_at=None, followers_count=None)
    account = get("accounts/alice")
    assert (type(account["createdAt"]), "followersCount" in account) == (str, False)
    details = get(f"videos/{richest()}")
    assert (details["tags"], details["files"], details["state"]["id"]) == ([], [], 1)
    assert details["description"] == details["truncatedDescription"]


def test_pictures_of_either_form_are_given_in_both(catalogue: None, get: Get) -> None:
    url = "https://store.example/thumbnails/1.jpg"
    shown = [{"width": 280, "height": 157, "aspect_ratio": "16:9", "file_url": url}]
    Video.objects.filter(uuid=richest()).update(thumbnails=shown, thumbnail_path=None, preview_path=None)
    row = get(f"videos/{richest()}")
    assert (row["thumbnailUrl"], row["previewUrl"], row["thumbnails"][0]["fileUrl"]) == (url, url, url)


def test_instances_are_listed_for_those_who_follow(catalogue: None, get: Get) -> None:
    down = Instance.objects.create(host="down.example", version="7.0.0", state=InstanceState.UNREACHABLE)
    Instance.objects.filter(pk=down.pk).update(added_at=datetime(2020, 1, 1, tzinfo=UTC))
    Instance.objects.filter(host=HOST).update(state=InstanceState.OK)
    new = Instance.objects.create(host="new.example")
    other = Instance.objects.create(host="mastodon.example", version="4", state=InstanceState.NOT_PEERTUBE)
    for one in (down, new, other):
        one.sources.create()
    assert get("instances/hosts", count=1000) == {"total": 2, "data": [{"host": HOST}, {"host": "down.example"}]}
    assert get("instances/hosts", healthy="true")["data"] == [{"host": HOST}]
    assert get("instances/hosts", since="2021-01-01T00:00:00.000Z")["data"] == [{"host": HOST}]
    row = get("instances", count=99999999, search="loopback")["data"][0]
    stats = world()["server/stats"]
    assert (row["name"], row["health"], row["totalLocalVideos"]) == (
        "Loopback PeerTube",
        100,
        stats["totalLocalVideos"],
    )
    assert (row["defaultNSFWPolicy"], row["languages"]) == ("do_not_list", ["en", "fr"])
    assert get("instances/stats")["totalVideos"] == stats["totalLocalVideos"]


def test_too_many_requests_are_told_as_peertube_does(catalogue: None, client: Client, settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "COMPAT_RATE_LIMIT": 2}
    answers = [client.get("/api/v1/config") for _ in range(10)]
    last = answers[-1]
    assert (last.status_code, last.content) == (429, b"Too many requests, please try again later.")
    assert last["Content-Type"].startswith("text/html")
    assert 1 <= int(last["Retry-After"]) <= 10
    assert 0 <= int(last["X-RateLimit-Reset"]) - time.time() <= 10
    assert (last["X-RateLimit-Limit"], last["X-RateLimit-Remaining"]) == ("2", "0")
    assert client.get("/api/v1/config", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_every_origin_may_ask(catalogue: None, client: Client) -> None:
    origin = {"HTTP_ORIGIN": "https://player.example"}
    assert client.get("/api/v1/videos", **origin)["Access-Control-Allow-Origin"] == "*"
    refused = client.get("/api/v1/videos/0", **origin)
    assert (refused.status_code, refused["Access-Control-Allow-Origin"]) == (404, "*")
    asked = client.options("/api/v1/search/videos", HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST", **origin)
    assert asked.status_code == 204
    assert "POST" in asked["Access-Control-Allow-Methods"]


def test_an_answer_that_is_known_is_not_sent_again(catalogue: None, client: Client) -> None:
    tag = client.get("/api/v1/videos")["ETag"]
    again = client.get("/api/v1/videos", HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert "X-RateLimit-Limit" in again


def test_the_site_is_called_as_its_people_say(catalogue: None, get: Get, settings: Any) -> None:
    assert get("config")["instance"]["name"] == "Videos"
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "SITE_NAME": "Vidéothèque"}
    assert get("config")["instance"]["name"] == "Vidéothèque"
    assert get("/nodeinfo/2.0.json")["metadata"]["nodeName"] == "Vidéothèque"
