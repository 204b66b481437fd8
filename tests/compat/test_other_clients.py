"""Clients that others wrote read the catalogue over HTTP: one generated from PeerTube's OpenAPI file, and yt-dlp."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from django.test import Client

from tests.support.catalogue import HOST, mirror_all, richest, world

pytestmark = pytest.mark.one_database
KNOWN = "framatube.org"
"""yt-dlp takes pages of hosts that it knows for PeerTube's; here this one's addresses lead to the test's server."""


@pytest.fixture
def url(transactional_db: None, live_server: Any) -> str:
    """The address of a site with the recorded catalogue."""
    from peertube_sync.ingest.search_documents import index_due

    mirror_all()
    index_due()
    return str(live_server.url)


def public() -> set[str]:
    return {row["uuid"] for row in world()["list"] if row["isLocal"] and not row["nsfw"]}


def told(question: ModuleType, *given: str, url: str, **named: Any) -> Any:
    """Return what the generated client made of an answer, which has to be 200."""
    from peertube.client import Client

    with Client(base_url=url) as client:
        answer = question.sync_detailed(*given, client=client, **named)
    assert answer.status_code == 200, answer.content
    return answer.parsed


def test_a_client_generated_from_the_openapi_file_reads_lists_and_searches(url: str) -> None:
    pytest.importorskip("peertube")
    from peertube.api.accounts import get_account_videos
    from peertube.api.search import search_playlists, search_videos
    from peertube.api.video import get_video_channel_videos, get_videos
    from peertube.api.video_playlists import get_api_v_1_video_channels_channel_handle_video_playlists as of_channel
    from peertube.api.video_playlists import get_playlists

    videos = told(get_videos, url=url, count=100)
    assert (videos.total, {str(one.uuid) for one in videos.data}) == (len(public()), public())
    first = next(one for one in videos.data if str(one.uuid) == richest())
    assert (first.name, first.channel.host) == (world()["details"][richest()]["name"], HOST)
    for question, handle in ((get_account_videos, "alice"), (get_video_channel_videos, "cooking")):
        assert {str(one.uuid) for one in told(question, handle, url=url).data} == {richest()}
    assert {str(one.uuid) for one in told(search_videos, url=url, search="full metadata").data} == {richest()}
    playlists = told(get_playlists, url=url, count=100)
    found = told(search_playlists, url=url, search="best of").data
    assert [one.display_name for one in found] == ["Best of cooking"]
    assert found[0].uuid in {one.uuid for one in playlists.data}
    assert told(of_channel, "cooking", url=url).data[0].uuid == found[0].uuid


def test_a_client_generated_from_the_openapi_file_reads_single_rows_and_documents(url: str) -> None:
    pytest.importorskip("peertube")
    from peertube.api.accounts import get_account
    from peertube.api.config import get_about, get_config
    from peertube.api.stats import get_instance_stats
    from peertube.api.video import get_languages, get_video, get_video_desc
    from peertube.api.video_captions import get_video_captions
    from peertube.api.video_channels import get_video_channel, get_video_channels

    # Where the file has no shape, or one that isn't PeerTube's, the client gives JSON as it came.
    details = world()["details"][richest()]
    video = told(get_video, richest(), url=url)
    assert {name: video[name] for name in ("name", "description", "support")} == {
        name: details[name] for name in ("name", "description", "support")
    }
    assert (sorted(video["tags"]), len(video["files"])) == (sorted(details["tags"]), len(details["files"]))
    assert told(get_video_desc, richest(), url=url) == {"description": details["description"]}
    captions = world()["captions"][richest()]["data"]
    assert [one.language.id for one in told(get_video_captions, richest(), url=url).data] == sorted(
        one["language"]["id"] for one in captions
    )
    assert told(get_account, "alice", url=url)["host"] == HOST
    assert told(get_video_channel, "cooking", url=url)["ownerAccount"]["name"] == "alice"
    assert "cooking" in {one["name"] for one in told(get_video_channels, url=url, count=100)["data"]}
    assert told(get_config, url=url).server_version == "6.3.0"
    assert told(get_about, url=url).instance.name
    assert told(get_instance_stats, url=url).total_local_videos >= len(public())
    assert told(get_languages, url=url) == world()["videos/languages"]


@pytest.fixture
def extract(url: str) -> Callable[[str], Any]:
    """Let yt-dlp tell what it finds at an address of the host that stands for this site."""
    youtube_dl = pytest.importorskip("yt_dlp")
    from yt_dlp.networking import Request
    from yt_dlp.networking.exceptions import TransportError

    class YoutubeDL(youtube_dl.YoutubeDL):  # type: ignore[misc,name-defined]
        def urlopen(self, request: Any) -> Any:
            address = request if isinstance(request, str) else request.url
            if not address.startswith(f"https://{KNOWN}/"):
                raise TransportError(f"{address} is elsewhere")
            return super().urlopen(Request(address.replace(f"https://{KNOWN}", url)))

    def ask(address: str) -> Any:
        options = {
            "quiet": True,
            "no_warnings": True,
            "extract_flat": "in_playlist",
            "cachedir": False,
            "proxy": "",
            "writesubtitles": True,
        }
        with YoutubeDL(options) as program:
            return program.extract_info(address, download=False, process=True)

    return ask


def test_yt_dlp_reads_a_video_with_its_captions(extract: Callable[[str], Any]) -> None:
    found, details = extract(f"https://{KNOWN}/w/{richest()}"), world()["details"][richest()]
    assert (found["title"], found["description"]) == (details["name"], details["description"])
    assert (found["channel"], found["uploader"]) == (
        details["channel"]["displayName"],
        details["account"]["displayName"],
    )
    assert (found["duration"], sorted(found["tags"])) == (details["duration"], sorted(details["tags"]))
    assert {one["fileUrl"] for one in details["files"]} <= {one["url"] for one in found["formats"]}
    captions = world()["captions"][richest()]["data"]
    assert set(found["subtitles"]) == {one["language"]["id"] for one in captions}
    subtitles = [one["url"] for told in found["subtitles"].values() for one in told]
    for address in [found["webpage_url"], *(one["url"] for one in found["thumbnails"]), *subtitles]:
        assert Client().get(address.removeprefix(f"https://{KNOWN}")).status_code == 302, address


def test_yt_dlp_reads_a_channel_an_account_and_a_playlist(extract: Callable[[str], Any]) -> None:
    name = world()["details"][richest()]["name"]
    for address in ("c/cooking/videos", "a/alice/videos"):
        assert [one["title"] for one in extract(f"https://{KNOWN}/{address}")["entries"]] == [name]
    row = next(one for one in world()["playlists"] if one["displayName"] == "Best of cooking")
    found = extract(f"https://{KNOWN}/w/p/{row['shortUUID']}")
    assert (found["title"], found["channel"]) == (row["displayName"], row["ownerAccount"]["name"])
    assert name in {one.get("title") for one in found["entries"]}
