"""The sandbox's rate limiter, its caches and its connections."""

from __future__ import annotations

import http.client
import time
from html import escape

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.support.paths import RECORDINGS
from tests.testing.asking import ask

VIDEOS = "/api/v1/videos"


@pytest.fixture
def limited(catalogue: Catalogue):
    with Sandbox(catalogue, limit=3, window=30.0) as sandbox:
        yield sandbox


def test_counts_down_and_refuses_until_the_window_ends(limited: Sandbox) -> None:
    replies = [ask(limited, VIDEOS, count=1) for _ in range(5)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429, 429]
    assert [reply.headers["x-ratelimit-remaining"] for reply in replies] == ["2", "1", "0", "0", "0"]
    assert {reply.headers["x-ratelimit-limit"] for reply in replies} == {"3"}
    assert 0 < int(replies[0].headers["x-ratelimit-reset"]) - time.time() <= 31
    assert "retry-after" not in replies[2].headers
    assert 28 <= int(replies[3].headers["retry-after"]) <= 30


def test_refusals_and_unchanged_answers_count_too(limited: Sandbox) -> None:
    etag = ask(limited, f"{VIDEOS}/categories").headers["etag"]
    unchanged = ask(limited, f"{VIDEOS}/categories", headers={"If-None-Match": etag})
    refused = ask(limited, VIDEOS, count=101)
    assert (unchanged.status, unchanged.body, refused.status) == (304, b"", 400)
    assert refused.headers["x-ratelimit-remaining"] == "0"


def test_static_files_pings_and_unknown_paths_do_not_count(limited: Sandbox) -> None:
    row = limited.catalogue.local_videos()[0]
    for target in (row["thumbnailPath"], row["previewPath"], "/api/v1/ping", "/api/v1/nope"):
        assert "x-ratelimit-limit" not in ask(limited, target).headers
    assert ask(limited, VIDEOS).headers["x-ratelimit-remaining"] == "2"


def test_a_new_window_begins_with_the_first_hit_after_the_old_one(catalogue: Catalogue) -> None:
    with Sandbox(catalogue, limit=1, window=1e-6) as sandbox:
        assert [ask(sandbox, VIDEOS, count=0).status for _ in range(3)] == [200, 200, 200]


def test_the_limit_can_be_set_while_serving(limited: Sandbox) -> None:
    limited.limit = 1
    assert [ask(limited, VIDEOS, count=0).status for _ in range(2)] == [200, 429]
    limited.limit = None
    lifted = ask(limited, VIDEOS, count=0)
    assert lifted.status == 200
    assert int(lifted.headers["x-ratelimit-limit"]) >= 1_000_000


@pytest.mark.parametrize("target", ["/api/v1/server/stats", "/nodeinfo/2.0.json"])
def test_cached_routes_replay_the_limiter_of_their_birth(catalogue: Catalogue, target: str) -> None:
    with Sandbox(catalogue, limit=50) as sandbox:
        first = ask(sandbox, target)
        ask(sandbox, VIDEOS)
        catalogue.add_video()
        again = ask(sandbox, target)
        later = ask(sandbox, VIDEOS)
    assert again.data == first.data
    assert [r.headers["x-ratelimit-remaining"] for r in (first, again, later)] == ["49", "49", "46"]


def test_the_order_of_avatars_varies_and_the_avatars_do_not(catalogue: Catalogue) -> None:
    handle = next(c.name for c in catalogue.channels.values() if len(c.avatars) > 1 and not c.origin)
    with Sandbox(catalogue, limit=None) as sandbox:
        answers = [ask(sandbox, f"/api/v1/video-channels/{handle}").data["avatars"] for _ in range(4)]
    assert any(answer != answers[0] for answer in answers)
    assert len({tuple(sorted(image["path"] for image in answer)) for answer in answers}) == 1


def test_a_connection_is_kept_and_told_for_how_long(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(sandbox.host, timeout=5)
    connection.request("GET", VIDEOS)
    first = connection.getresponse()
    first.read()
    local = connection.sock.getsockname()
    connection.request("GET", VIDEOS)
    connection.getresponse().read()
    assert connection.sock.getsockname() == local
    assert first.headers["Keep-Alive"] == "timeout=5"
    connection.close()


def test_an_idle_connection_is_closed_by_the_server(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peertube_sync.testing.wire.Handler.timeout", 0.05)
    connection = http.client.HTTPConnection(sandbox.host, timeout=5)
    connection.request("GET", VIDEOS)
    connection.getresponse().read()
    assert connection.sock.recv(1) == b""
    connection.close()


def test_head_options_and_other_methods(sandbox: Sandbox) -> None:
    head = ask(sandbox, VIDEOS, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    assert ask(sandbox, VIDEOS, method="OPTIONS").status == 204
    assert ask(sandbox, VIDEOS, method="PATCH").status == 400


def test_calls_itself_what_it_is_called_or_what_it_was_told(catalogue: Catalogue) -> None:
    with Sandbox(catalogue, limit=None) as sandbox:
        asked = ask(sandbox, VIDEOS, isLocal="true", headers={"Host": "videos.test"}).data["data"][0]
    with Sandbox(catalogue, limit=None, host_name="always.test") as sandbox:
        told = ask(sandbox, VIDEOS, isLocal="true").data["data"][0]
        assert ask(sandbox, "/.well-known/nodeinfo").data["links"][0]["href"] == "http://always.test/nodeinfo/2.0.json"
    assert (asked["account"]["host"], told["account"]["host"]) == ("videos.test", "always.test")


def test_logs_every_request_with_its_query_and_headers(sandbox: Sandbox) -> None:
    ask(sandbox, VIDEOS, count=[0], tagsOneOf=["a", "b"], headers={"User-Agent": "tests"})
    entry = sandbox.log[-1]
    assert (entry.method, entry.path, entry.status) == ("GET", VIDEOS, 200)
    assert entry.query == {"count": ["0"], "tagsOneOf": ["a", "b"]}
    assert entry.headers["user-agent"] == "tests"
    assert entry.started <= entry.ended


def test_says_what_it_is_in_every_way_peertube_does(sandbox: Sandbox) -> None:
    front = ask(sandbox, "/", headers={"Accept": "text/html"})
    assert b'property="og:platform" content="PeerTube"' in front.body
    assert front.headers["x-powered-by"] == "PeerTube"
    assert ask(sandbox, "/nodeinfo/2.0.json").data["software"] == {"name": "peertube", "version": "6.3.0"}
    assert ask(sandbox, "/api/v1/config").data["serverVersion"] == "6.3.0"
    assert b"User-agent" in ask(sandbox, "/robots.txt").body


def test_captions_and_pages_are_real_ones(sandbox: Sandbox) -> None:
    uuid = sandbox.catalogue.add_video(name="Seen & <heard>")
    sandbox.catalogue.set_captions(uuid, ["fr"])
    details = sandbox.catalogue.details(uuid, sandbox.host)
    caption = ask(sandbox, f"/api/v1/videos/{uuid}/captions").data["data"][0]
    assert caption["language"] == {"id": "fr", "label": "French"}
    cues = ask(sandbox, caption["captionPath"])
    assert cues.body.startswith(b"WEBVTT\n\n00:00.000 --> 00:03.000\n")
    for page in (f"/w/{details['shortUUID']}", details["embedPath"]):
        assert b"Seen &amp; &lt;heard&gt;" in ask(sandbox, page).body
    (playlist, *_others) = ask(sandbox, "/api/v1/video-playlists").data["data"]
    player = ask(sandbox, playlist["embedPath"])
    assert escape(playlist["displayName"]).encode() in player.body
    assert "x-frame-options" not in player.headers
    assert ask(sandbox, "/video-playlists/embed/00000000-0000-4000-8000-000000000000").status == 404


def test_a_recorded_world_serves_the_files_it_names() -> None:
    catalogue = Catalogue.load(RECORDINGS / "world-tiny.json.gz")
    with Sandbox(catalogue, limit=None) as sandbox:
        row = next(video for video in catalogue.local_videos() if video["account"]["avatars"])
        for path in (row["thumbnailPath"], row["previewPath"], row["account"]["avatars"][0]["path"]):
            assert ask(sandbox, path).status == 200
