"""Feeds at PeerTube's addresses, read back as their readers do, beside what a PeerTube recorded."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from django.test import Client

from peertube_sync.models import Account, Channel, Video
from peertube_sync.models.reading import watch_address
from tests.support.catalogue import HOST, richest, world

Read = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("mirror")
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
MEDIA = "{http://search.yahoo.com/mrss/}"
ENDINGS = ("xml", "rss", "rss2", "atom", "atom1", "json", "json1")
TYPES = {
    "xml": "application/xml",
    "rss": "application/rss+xml",
    "rss2": "application/rss+xml",
    **dict.fromkeys(("atom", "atom1"), "application/atom+xml"),
    **dict.fromkeys(("json", "json1"), "application/json"),
}


@pytest.fixture
def read(client: Client) -> Read:
    """Read a feed of RSS or Atom."""

    def get(path: str, **query: object) -> Any:
        answer = client.get(f"/feeds/{path}", query)
        assert answer.status_code == 200, answer.content
        feed = feedparser.parse(answer.content)
        assert not feed.bozo, feed.bozo_exception
        return feed

    return get


@pytest.fixture
def episode(client: Client) -> ElementTree.Element:
    """The recorded video with everything, in the podcast of its channel."""
    found = tree(client, "podcast/videos.xml", videoChannelName="cooking").findall("channel/item")
    assert len(found) == 1
    return found[0]


def tree(client: Client, path: str, **query: object) -> ElementTree.Element:
    answer = client.get(f"/feeds/{path}", query)
    assert answer.status_code == 200, answer.content
    return ElementTree.fromstring(answer.content)


def details() -> Any:
    return world()["details"][richest()]


def newest(**narrowed: Any) -> list[str]:
    found = Video.objects.listed().filter(nsfw=False, **narrowed).order_by("-published_at", "-pk")[:20]
    return [watch_address("http", HOST, one.uuid) for one in found]


def addresses(client: Client, ending: str, **query: object) -> list[str]:
    answer = client.get(f"/feeds/videos.{ending}", query)
    assert (answer.status_code, answer["Content-Type"]) == (200, f"{TYPES[ending]}; charset=utf-8")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "X-RateLimit-Limit" in answer
    if ending.startswith("json"):
        return [one["url"] for one in answer.json()["items"]]
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    return [one.link for one in feed.entries]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_feed_holds_the_newest_videos(client: Client, ending: str) -> None:
    assert addresses(client, ending) == newest()
    assert len(newest()) == 20


@pytest.mark.parametrize("ending", ["xml", "atom", "json"])
def test_a_feed_is_of_a_channel_or_an_account(client: Client, ending: str) -> None:
    channel, account = Channel.objects.get(name="cooking"), Account.objects.get(name="alice")
    mine = newest(channel=channel)
    for asked in (
        {"videoChannelName": "cooking"},
        {"videoChannelName": f"cooking@{HOST}"},
        {"videoChannelId": channel.pk},
        {"accountName": "alice"},
        {"accountName": f"alice@{HOST}"},
        {"accountId": account.pk},
        {"accountId": account.pk, "videoChannelId": channel.pk},
    ):
        assert addresses(client, ending, **asked) == mine
    other = Account.objects.exclude(pk=account.pk).first()
    assert other
    assert addresses(client, ending, videoChannelId=channel.pk, accountId=other.pk) == []


@pytest.mark.parametrize("path", ["videos.xml", "videos.json", "podcast/videos.xml"])
def test_what_is_not_here_is_told_as_peertube_does(client: Client, path: str) -> None:
    for asked, what in (
        ({"accountName": "nope"}, "Account not found"),
        ({"accountId": "999999"}, "Account not found"),
        ({"videoChannelName": f"nope@{HOST}"}, "Video channel not found"),
        ({"videoChannelId": "999999"}, "Video channel not found"),
    ):
        answer = client.get(f"/feeds/{path}", asked)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json; charset=utf-8")
        assert answer.json()["detail"] == what
    for asked in ({"videoChannelId": "x"}, {"accountId": "-1"}, {"videoChannelName": "cooking", "sort": "bogus"}):
        assert client.get(f"/feeds/{path}", asked).status_code == 400
    assert client.get("/feeds/podcast/videos.xml").status_code == 400
    assert client.get("/feeds/videos").status_code == 404


def test_what_is_for_adults_is_told_when_asked_for(client: Client) -> None:
    Video.objects.filter(uuid=richest()).update(nsfw=True)
    assert addresses(client, "xml", videoChannelName="cooking") == []
    assert len(addresses(client, "xml", videoChannelName="cooking", nsfw="both")) == 1
    Video.objects.filter(uuid=richest()).update(privacy_id=3)
    assert addresses(client, "xml", videoChannelName="cooking", nsfw="both") == []


def test_pictures_that_are_blurred_here_are_in_no_feed(client: Client, settings: Any) -> None:
    Video.objects.filter(uuid=richest()).update(nsfw=True)
    picture = details()["previewPath"]
    asked = {"videoChannelName": "cooking", "nsfw": "both"}
    paths = ("/feeds/videos.xml", "/feeds/videos.atom", "/feeds/videos.json", "/feeds/podcast/videos.xml")
    assert all(picture in client.get(path, asked).content.decode() for path in paths)
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "blur"}
    assert not any(picture in client.get(path, asked).content.decode() for path in paths)


def test_rss_has_what_plays_a_video(read: Read) -> None:
    feed = read("videos.xml", videoChannelName="cooking")
    assert (feed.version, feed.feed.title) == ("rss20", "Cooking with Alice")
    assert feed.feed.link == f"http://{HOST}/c/cooking/videos"
    assert feed.feed.links[-1].href == "http://testserver/feeds/videos.xml?videoChannelName=cooking"
    (entry,) = feed.entries
    file = max(details()["files"], key=lambda one: one["resolution"]["id"])
    assert (entry.title, entry.id) == (details()["name"], entry.link)
    assert [(one.href, one.length, one.type) for one in entry.enclosures] == [
        (file["fileUrl"], str(file["size"]), "video/mp4")
    ]
    assert entry.media_player["url"] == entry.link
    assert entry.media_thumbnail[0]["url"] == f"http://{HOST}{details()['previewPath']}"
    assert {file["fileUrl"]} <= {one["url"] for one in entry.media_content}
    assert (entry.media_content[0]["height"], entry.media_content[0]["duration"]) == (
        str(file["resolution"]["id"]),
        str(details()["duration"]),
    )
    assert {one.term for one in entry.tags} == {details()["category"]["label"], *details()["tags"]}
    published = Video.objects.get(uuid=richest()).published_at
    assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == published.replace(microsecond=0)
    assert entry.author == details()["channel"]["displayName"]


def test_rss_has_captions_and_the_player(client: Client) -> None:
    item = tree(client, "videos.rss", videoChannelName="cooking").find("channel/item")
    assert item is not None
    shown = {one.get("lang"): one.get("href") for one in item.findall(f"{MEDIA}subTitle")}
    assert shown == {
        one["language"]["id"]: f"http://{HOST}{one['captionPath']}" for one in world()["captions"][richest()]["data"]
    }
    embed = item.find(f"{MEDIA}embed")
    assert embed is not None
    assert embed.get("url") == f"http://{HOST}{details()['embedPath']}"


def test_atom_and_json_have_what_plays_a_video(read: Read, client: Client) -> None:
    playlist = details()["streamingPlaylists"][0]
    files = {one["fileUrl"] for one in (*details()["files"], *playlist["files"])} | {playlist["playlistUrl"]}
    (entry,) = read("videos.atom", accountName="alice").entries
    assert {one.href for one in entry.enclosures} == files
    told = client.get("/feeds/videos.json", {"accountName": "alice"}).json()
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert {one["url"] for one in told["items"][0]["attachments"]} == files
    assert told["items"][0]["title"] == details()["name"]
    assert "<script>" not in told["items"][0]["content_html"]
    assert "&lt;script&gt;" in told["items"][0]["content_html"]


def test_a_podcast_has_all_that_players_want(client: Client) -> None:
    channel = tree(client, "podcast/videos.xml", videoChannelId=Channel.objects.get(name="cooking").pk).find("channel")
    assert channel is not None
    assert channel.findtext("title") == "Cooking with Alice"
    assert channel.findtext("language") == "en"
    assert channel.findtext(f"{PODCAST}medium") == "video"
    assert len(channel.findtext(f"{PODCAST}guid") or "") == 36
    assert channel.findtext(f"{ITUNES}author") == details()["account"]["displayName"]
    assert channel.findtext(f"{ITUNES}explicit") == "false"
    image = channel.find(f"{ITUNES}image")
    widest = max(details()["channel"]["avatars"], key=lambda one: one["width"])
    assert image is not None
    assert image.get("href") == f"http://{HOST}{widest['path']}"


def test_a_podcast_has_what_directories_want_whatever_is_told(client: Client) -> None:
    category = f"{ITUNES}category"
    channel = tree(client, "podcast/videos.xml", videoChannelName="cooking").find("channel")
    assert channel is not None
    assert [one.get("text") for one in channel.findall(category)] == ["Technology"]
    Video.objects.update(category_label=None, language_id=None)
    Channel.objects.update(avatars=[])
    channel = tree(client, "podcast/videos.xml", videoChannelName="cooking").find("channel")
    assert channel is not None
    assert [one.get("text") for one in channel.findall(category)] == ["TV & Film"]
    assert channel.findtext("language") == "en"
    assert [one.get("href") for one in channel.findall(f"{ITUNES}image")] == [
        f"http://{HOST}{details()['previewPath']}"
    ]


def test_an_episode_has_its_best_file_and_the_others_beside(episode: ElementTree.Element) -> None:
    file, playlist = details()["files"][0], details()["streamingPlaylists"][0]
    enclosures = episode.findall("enclosure")
    assert [(one.get("url"), one.get("length")) for one in enclosures] == [(file["fileUrl"], str(file["size"]))]
    others = {
        source.get("uri"): other.get("type")
        for other in episode.findall(f"{PODCAST}alternateEnclosure")
        for source in other.findall(f"{PODCAST}source")
        if not source.get("contentType")
    }
    assert others[file["fileUrl"]] == "video/mp4"
    assert others[playlist["playlistUrl"]] == "application/x-mpegURL"


def test_an_episode_has_its_words_and_chapters(episode: ElementTree.Element, client: Client) -> None:
    captions = {one.get("language"): one.get("url") for one in episode.findall(f"{PODCAST}transcript")}
    assert captions == {
        one["language"]["id"]: f"http://{HOST}{one['captionPath']}" for one in world()["captions"][richest()]["data"]
    }
    chapters = episode.find(f"{PODCAST}chapters")
    assert chapters is not None
    answer = client.get((chapters.get("url") or "").removeprefix("http://testserver"))
    assert answer["Content-Type"] == f"{chapters.get('type')}; charset=utf-8"
    assert answer.json() == {
        "version": "1.2.0",
        "chapters": [
            {"startTime": one["timecode"], "title": one["title"]} for one in world()["chapters"][richest()]["chapters"]
        ],
    }
    assert episode.findtext(f"{ITUNES}duration") == str(details()["duration"])
    assert episode.findtext("title") == episode.findtext(f"{ITUNES}title") == details()["name"]
    assert episode.findtext("guid") == episode.findtext("link")


def test_of_streams_alone_the_best_file_of_them_is_played(client: Client) -> None:
    Video.objects.filter(uuid=richest()).update(files=[])
    item = tree(client, "podcast/videos.xml", videoChannelName="cooking").find("channel/item")
    assert item is not None
    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert enclosure.get("url") == details()["streamingPlaylists"][0]["files"][0]["fileUrl"]


def test_a_podcast_has_no_episode_that_nothing_plays(client: Client) -> None:
    Video.objects.filter(uuid=richest()).update(files=None, streaming_playlists=None)
    assert tree(client, "podcast/videos.xml", videoChannelName="cooking").findall("channel/item") == []
    assert len(addresses(client, "xml", videoChannelName="cooking")) == 1


HOSTILE = "javascript:alert(1)"


def test_what_is_hostile_becomes_no_address_and_no_markup(client: Client) -> None:
    file = {"file_url": HOSTILE, "size": "many", "resolution": None, "fps": [], "torrent_url": HOSTILE}
    Video.objects.filter(uuid=richest()).update(
        name="\x08<script>&]]>\ufffe",
        description="<script>alert(1)</script>\x0b",
        files=[file, {**file, "file_url": f"http://{HOST}/1.webm"}],
        streaming_playlists=[{"playlist_url": HOSTILE, "files": [file]}],
        url=HOSTILE,
    )
    for path in ("videos.xml", "videos.atom", "podcast/videos.xml"):
        answer = client.get(f"/feeds/{path}", {"videoChannelName": "cooking"})
        feed = feedparser.parse(answer.content)
        assert not feed.bozo
        assert "javascript:" not in answer.content.decode()
        assert "<script" not in answer.content.decode()
        assert [one.href for one in feed.entries[0].enclosures] == [f"http://{HOST}/1.webm"]
        assert feed.entries[0].enclosures[0].type == "video/webm"
    told = client.get("/feeds/videos.json", {"videoChannelName": "cooking"}).json()["items"][0]
    assert [one["url"] for one in told["attachments"]] == [f"http://{HOST}/1.webm"]
    assert "<script" not in told["content_html"]


def test_a_feed_that_is_known_is_not_sent_again(client: Client) -> None:
    for path in ("/feeds/videos.xml", "/feeds/podcast/videos.xml?videoChannelName=cooking"):
        first = client.get(path)
        assert client.get(path).content == first.content
        assert client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304


def test_comments_are_read_at_the_home(client: Client) -> None:
    answer = client.get("/feeds/video-comments.xml", {"videoId": richest()})
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"http://{HOST}/feeds/video-comments.xml?videoId={richest()}",
    )
    for ending in ENDINGS:
        answer = client.get(f"/feeds/video-comments.{ending}")
        assert (answer.status_code, answer["Content-Type"]) == (200, f"{TYPES[ending]}; charset=utf-8")
        assert not feedparser.parse(answer.content).entries
    assert client.get("/feeds/video-comments.xml", {"videoId": "//evil.example"}).status_code == 400


def test_nodeinfo_tells_of_feeds(client: Client) -> None:
    assert client.get("/nodeinfo/2.0.json").json()["services"]["outbound"] == ["atom1.0", "rss2.0"]


def test_a_feed_costs_as_many_queries_whatever_it_holds(client: Client, django_assert_max_num_queries: Any) -> None:
    for path, most in (("videos.xml", 3), ("videos.json", 3), ("podcast/videos.xml?videoChannelName=cooking", 4)):
        with django_assert_max_num_queries(most):
            client.get(f"/feeds/{path}")
