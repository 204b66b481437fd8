"""Questions of clients beside the catalogue: who follows whom, what needs an account, what only homes know."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from peertube_sync.models import Instance, Video
from tests.support.catalogue import HOST, richest, world
from tests.support.recorded import recording

Get = Callable[..., Any]


def test_who_is_asked_whether_it_is_there_says_so(client: Client, db: None) -> None:
    answer = client.get("/api/v1/ping")
    assert (answer.content, answer["Content-Type"]) == (b"pong", "text/html; charset=utf-8")
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_crawlers_find_the_instances_among_those_that_are_followed(catalogue: None, get: Get) -> None:
    found = get("server/following", start=0, count=15)
    recorded = world()["server/following"]["data"][0]
    assert (found["total"], [one["following"]["host"] for one in found["data"]]) == (1, [HOST])
    assert found["data"][0].keys() == recorded.keys()
    assert found["data"][0]["following"].keys() == recorded["following"].keys()
    assert found["data"][0]["follower"].keys() == recorded["follower"].keys()
    assert found["data"][0]["follower"]["followingCount"] == 1
    assert found["data"][0]["follower"]["url"] == "http://testserver/"
    assert found["data"][0]["following"]["url"] == f"http://{HOST}/accounts/peertube"
    numbers = [found["data"][0][one]["id"] for one in ("follower", "following")]
    assert (min(numbers), len(set(numbers))) == (1, 2)
    assert get("server/stats")["totalInstanceFollowing"] == 1
    for asked in ({"state": "pending"}, {"actorType": "Person"}, {"search": "nowhere"}):
        assert get("server/following", **asked) == {"total": 0, "data": []}
    get("server/following", status=400, sort="-score")


def test_nobody_follows(catalogue: None, get: Get) -> None:
    assert get("server/followers", start=0, count=15, sort="-score") == {"total": 0, "data": []}
    get("server/followers", status=400, count=101)


LOGIN = (
    *("users/me", "users/me/videos", "users/me/subscriptions/videos", "users/me/video-quota-used", "users", "users/1"),
    *("config/custom", "video-channels/cooking/followers", "accounts/alice/followers", "accounts/alice/ratings"),
    *(f"videos/{richest()}/{what}" for what in ("source", "token", "rate", "passwords", "stats/overall", "comments/1")),
    *("abuses", "jobs/failed", "plugins", "server/blocklist/accounts"),
)
TO_WRITE = {
    "post": [
        "video-channels",
        "video-playlists",
        "videos/upload",
        "videos/live",
        f"videos/{richest()}/comment-threads",
    ],
    "put": ["video-channels/cooking", f"videos/{richest()}", f"videos/{richest()}/captions/fr"],
    "delete": ["video-channels/cooking", f"videos/{richest()}"],
}


@pytest.mark.parametrize("path", LOGIN)
def test_what_needs_an_account_is_refused_so_that_clients_understand(client: Client, db: None, path: str) -> None:
    for method in (client.get, client.post, client.put, client.delete):
        answer = method(f"/api/v1/{path}")
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json; charset=utf-8")
        told = {"status": 401, "code": "unauthorized_request", "detail": "Token is invalid"}
        assert told.items() <= answer.json().items()
        assert answer.json()["type"].endswith("#section/Errors/unauthorized_request")


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, paths in TO_WRITE.items() for path in paths])
def test_writing_needs_an_account_though_reading_does_not(client: Client, db: None, method: str, path: str) -> None:
    answer = getattr(client, method)(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized_request")


def test_what_no_peertube_does_is_refused_without_a_word(client: Client, db: None) -> None:
    for method, path in (("patch", "videos"), ("post", "config"), ("delete", "videos")):
        answer = getattr(client, method)(f"/api/v1/{path}")
        assert (answer.status_code, answer.content) == (400, b"")


def test_a_client_that_has_a_password_is_told_that_it_is_none_of_ours(client: Client, db: None) -> None:
    answer = client.post("/api/v1/users/token", {"client_id": "x", "grant_type": "password", "password": "secret"})
    told = {"status": 400, "code": "invalid_client", "detail": "Invalid client: client is invalid"}
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json; charset=utf-8")
    assert told.items() <= answer.json().items()


def test_nobody_is_asked_for_a_password(client: Client, db: None) -> None:
    answer = client.get("/api/v1/oauth-clients/local")
    assert answer.status_code == 403
    assert answer.json()["detail"] == "Getting client tokens for host testserver is forbidden"
    assert "client_secret" not in answer.json()
    for path in ("users/token", "users/register", "users/revoke-token"):
        assert client.post(f"/api/v1/{path}", {"password": "secret"}).status_code == 400


def test_storyboards_are_none_and_of_what_is_here_alone(mirror: None, get: Get) -> None:
    assert get(f"videos/{richest()}/storyboards") == {"storyboards": []}
    get("videos/00000000-0000-4000-8000-000000000000/storyboards", status=404)


def test_comments_are_read_at_the_home(mirror: None, client: Client) -> None:
    home = f"http://{HOST}/api/v1/videos/{richest()}/comment-threads"
    video = Video.objects.get(uuid=richest())
    for name in (video.uuid, video.short_uuid, video.pk):
        answer = client.get(f"/api/v1/videos/{name}/comment-threads")
        assert (answer.status_code, answer["Location"]) == (302, home)
        assert answer["Access-Control-Allow-Origin"] == "*"
    asked = client.get(
        f"/api/v1/videos/{video.uuid}/comment-threads?start=5&count=2&sort=-totalReplies&next=//evil.example"
    )
    assert asked["Location"] == f"{home}?start=5&count=2&sort=-totalReplies"
    assert client.get(f"/api/v1/videos/{video.uuid}/comment-threads/12")["Location"] == f"{home}/12"


@pytest.mark.parametrize("thread", ["x", "..", "%2e%2e", "1%2f2", "1@evil.example", "%0d%0aSet-Cookie:x", "٣"])
def test_no_address_leads_to_anything_but_comments_of_a_video(mirror: None, client: Client, thread: str) -> None:
    assert client.get(f"/api/v1/videos/{richest()}/comment-threads/{thread}").status_code in (400, 404)


def test_comments_of_what_is_not_shown_lead_nowhere(mirror: None, client: Client) -> None:
    Video.objects.filter(uuid=richest()).update(privacy_id=3)
    assert client.get(f"/api/v1/videos/{richest()}/comment-threads").status_code == 404


def test_the_configuration_has_all_that_a_newer_peertube_tells(db: None, get: Get) -> None:
    told, recorded = get("config"), recording("8.2.1", "config")["body"]
    assert recorded.keys() <= told.keys()
    for name in ("client", "defaults", "instance", "theme", "live", "transcoding", "views", "storyboards"):
        assert recorded[name].keys() <= told[name].keys()


def test_statistics_have_all_that_a_peertube_tells(catalogue: None, get: Get) -> None:
    told = get("server/stats")
    assert recording("6.3.0", "server-stats")["body"].keys() <= told.keys()
    assert "totalActivityPubDownloadMessagesErrors" in told
    assert (told["totalDailyActiveUsers"], told["totalAdmins"], told["totalAbuses"]) == (0, 0, 0)
    assert told["averageAbuseResponseTimeMs"] is None


def test_statistics_never_count_what_nobody_has_told(catalogue: None, get: Get, settings: Any) -> None:
    stats = world()["server/stats"]
    assert not Video.objects.exclude(comments=None).exists()
    told = get("server/stats")
    assert told["totalLocalVideoComments"] == stats["totalLocalVideoComments"]
    assert told["totalLocalVideoFilesSize"] == stats["totalLocalVideoFilesSize"]
    assert "totalLocalVideoDownloads" not in told


def test_statistics_count_what_videos_tell(catalogue: None, get: Get) -> None:
    Video.objects.filter(uuid=richest()).update(comments=3, downloads=4)
    told = get("server/stats")
    assert (told["totalLocalVideoComments"], told["totalLocalVideoDownloads"]) == (3, 4)


def test_what_no_instance_tells_is_told_of_none(catalogue: None, get: Get) -> None:
    Instance.objects.update(stats={})
    told, usage = get("server/stats"), get("/nodeinfo/2.0.json")["usage"]
    assert not {"totalLocalVideoComments", "totalLocalVideoFilesSize"} & told.keys()
    assert "localComments" not in usage
    row = get("instances")["data"][0]
    assert (row["totalUsers"], row["totalInstanceFollowers"]) == (None, None)


def test_nodeinfo_names_only_what_is_spoken(catalogue: None, get: Get) -> None:
    assert get("/nodeinfo/2.0.json")["protocols"] == []
