"""Feeds, the sitemap and oEmbed, read back as their readers do."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import feedparser
import pytest
import time_machine
from django.test import Client

from peertube_sync.models import Account, Channel, Curation, Playlist, Video
from peertube_sync.site.sitemaps import PART
from tests.support.catalogue import HOST
from tests.support.formats import MAP, VIDEO, json_feed_problems, sitemap_problems

Read = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("_fit_for_all")


@pytest.fixture
def _fit_for_all(full: Video) -> None:
    """Let none of the recorded videos be sensitive: those are in no sitemap."""
    Video.objects.update(nsfw=False)


@pytest.fixture
def read(client: Client) -> Read:
    """Read a feed of RSS or Atom."""

    def get(path: str, **query: object) -> Any:
        answer = client.get(path, query)
        assert answer.status_code == 200
        feed = feedparser.parse(answer.content)
        assert not feed.bozo, feed.bozo_exception
        return feed

    return get


def newest(number: int) -> list[Video]:
    return list(Video.objects.listed().order_by("-published_at", "-pk")[:number])


@pytest.mark.parametrize(("path", "version"), [("/feeds/rss/", "rss20"), ("/feeds/atom/", "atom10")])
def test_a_feed_holds_the_newest_videos(read: Read, path: str, version: str) -> None:
    feed = read(path, page_size=5)
    assert (feed.version, feed.feed.title, feed.feed.link) == (version, "Videos", "http://testserver/videos/")
    for entry, video in zip(feed.entries, newest(5), strict=True):
        assert (entry.title, entry.id) == (video.name, f"urn:uuid:{video.uuid}")
        assert entry.link == f"http://testserver/videos/{video.short_uuid}/"
        assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == video.published_at.replace(microsecond=0)
        assert entry.media_thumbnail[0]["url"] == f"http://{HOST}{video.thumbnail_path}"
        assert entry.author == video.channel.display_name


def test_a_json_feed_holds_the_same(client: Client) -> None:
    answer = client.get("/feeds/json/", {"page_size": 5})
    assert answer["Content-Type"] == "application/feed+json"
    assert [(one["title"], one["url"]) for one in answer.json()["items"]] == [
        (one.name, f"http://testserver/videos/{one.short_uuid}/") for one in newest(5)
    ]


@pytest.mark.parametrize("path", ["/feeds/rss/", "/feeds/atom/"])
def test_a_feed_is_as_long_as_its_reader_wants(read: Read, path: str) -> None:
    found: list[str] = []
    address = f"{path}?page_size=9"
    while address:
        feed = read(address)
        found += [entry.id for entry in feed.entries]
        address = "".join(link.href for link in feed.feed.links if link.rel == "next")
    assert found == [f"urn:uuid:{one.uuid}" for one in newest(100)]


def test_a_json_feed_goes_on_too(client: Client) -> None:
    first = client.get("/feeds/json/", {"page_size": 30}).json()
    second = client.get(first["next_url"]).json()
    assert len(first["items"]) + len(second["items"]) == Video.objects.listed().count()
    assert "next_url" not in second


def test_a_feed_takes_the_filters_of_the_videos_page(read: Read) -> None:
    video = newest(1)[0]
    feed = read("/feeds/rss/", channel=video.channel.handle, q=video.name)
    assert feed.feed.title == f"{video.name}, {video.channel.display_name}"
    assert [entry.title for entry in feed.entries] == [video.name]
    assert feed.feed.link.startswith("http://testserver/videos/?")


def test_a_feed_is_called_what_its_videos_are_of(read: Read, client: Client) -> None:
    playlist, video = Playlist.objects.get(display_name="Best of cooking"), newest(1)[0]
    Channel.objects.update(description="All about **bread**")
    channel = Channel.objects.get(pk=video.channel_id)
    account, home = Account.objects.get(pk=video.account_id), f"{video.account.name}@{HOST}"
    named = {
        ("playlist", str(playlist.uuid)): (playlist.display_name, f"/playlists/{playlist.short_uuid}/"),
        ("channel", channel.handle): (channel.display_name, f"/channels/{channel.handle}/"),
        ("account", home): (account.display_name, f"/accounts/{home}/"),
        ("instance", HOST): (channel.instance.name, f"/instances/{HOST}/"),
    }
    for (name, value), (title, page) in named.items():
        for path in ("/feeds/rss/", "/feeds/atom/"):
            feed = read(path, **{name: value}).feed
            assert (feed.title, feed.link) == (title, f"http://testserver{page}")
        told = client.get("/feeds/json/", {name: value}).json()
        assert (told["title"], told["home_page_url"]) == (title, f"http://testserver{page}")
    assert read("/feeds/rss/", channel=channel.handle).feed.description == "All about bread"
    assert read("/feeds/rss/", category="1", language="en").feed.title == "Music, English"
    assert read("/feeds/rss/", tag_all=["bread", "jam"]).feed.title == "bread, jam"
    assert read("/feeds/rss/", featured="true", has_captions="true").feed.title == "Featured, With captions"
    assert read("/feeds/rss/", channel=f"nobody@{HOST}").feed.title == f"nobody@{HOST}"


@pytest.mark.parametrize(
    "name", ["wi-fi & e-mail", "a < b", 'the "best"', "it's", "bread \U0001f956", "&amp; <b>x</b>"]
)
def test_titles_are_escaped_once(client: Client, name: str) -> None:
    video = newest(1)[0]
    Video.objects.filter(pk=video.pk).update(name=name)
    Channel.objects.filter(pk=video.channel_id).update(display_name=name)
    query = {"page_size": 1, "channel": video.channel.handle}
    root = ElementTree.fromstring(client.get("/feeds/rss/", query).content)
    assert [one.text for one in root.iter("title")] == [name, name]
    root = ElementTree.fromstring(client.get("/feeds/atom/", query).content)
    assert [one.text for one in root.iter("{http://www.w3.org/2005/Atom}title")] == [name, name]
    told = client.get("/feeds/json/", query).json()
    assert [told["title"], told["items"][0]["title"]] == [name, name]


def test_who_names_many_channels_costs_no_query_for_each(client: Client, django_assert_max_num_queries: Any) -> None:
    channel = newest(1)[0].channel
    with django_assert_max_num_queries(4):
        answer = client.get("/feeds/json/", {"channel": [*(f"nobody{n}@{HOST}" for n in range(90)), channel.handle]})
    assert answer.json()["title"] == channel.display_name


def test_a_feed_has_the_file_that_plays(read: Read, client: Client, full: Video) -> None:
    (best, *_others) = sorted(full.files, key=lambda file: -file["resolution"]["id"])
    for path in ("/feeds/rss/", "/feeds/atom/"):
        entries = {entry.id: entry for entry in read(path, page_size=100).entries}
        (enclosure,) = entries[f"urn:uuid:{full.uuid}"].enclosures
        assert (enclosure.href, enclosure.type) == (best["file_url"], "video/mp4")
        assert enclosure.length == str(best["size"])
        lacking = Video.objects.listed().filter(details_fetched_at=None).first()
        assert lacking is None or not entries[f"urn:uuid:{lacking.uuid}"].enclosures
    items = {item["id"]: item for item in client.get("/feeds/json/", {"page_size": 100}).json()["items"]}
    (attachment,) = items[f"urn:uuid:{full.uuid}"]["attachments"]
    assert (attachment["url"], attachment["size_in_bytes"]) == (best["file_url"], best["size"])


def test_a_video_without_a_category_has_none(read: Read, client: Client) -> None:
    video = newest(1)[0]
    for number, label, tags in ((None, "Unknown", []), (1, "Music", ["Music"])):
        Video.objects.filter(pk=video.pk).update(category_id=number, category_label=label)
        assert [one.term for one in read("/feeds/rss/", page_size=1).entries[0].get("tags", [])] == tags
        assert client.get("/feeds/json/", {"page_size": 1}).json()["items"][0].get("tags", []) == tags


@pytest.mark.parametrize("path", ["/feeds/rss/", "/feeds/atom/", "/feeds/json/"])
def test_a_feed_of_nonsense_is_a_bad_request(client: Client, path: str) -> None:
    assert client.get(path, {"language": "\0"}).status_code == 400


@pytest.mark.parametrize("path", ["/feeds/rss/", "/feeds/atom/", "/sitemap-{part}.xml"])
def test_words_that_xml_cannot_hold_break_nothing(client: Client, path: str) -> None:
    video = newest(1)[0]
    name = "\x01<b>]]>\ufffe"
    Video.objects.filter(pk=video.pk).update(name=name, truncated_description=name, category_label=name)
    answer = client.get(path.format(part=video.pk // PART))
    assert ElementTree.fromstring(answer.content).tag
    assert "<b>" not in answer.content.decode()


CONDITIONAL = ("/feeds/rss/", "/feeds/atom/", "/feeds/json/", "/sitemap.xml", "/sitemap-{part}.xml")


@pytest.mark.parametrize("path", CONDITIONAL)
def test_who_has_it_already_is_told_so_until_something_changes(client: Client, path: str) -> None:
    address = path.format(part=newest(1)[0].pk // PART)
    with time_machine.travel("2026-01-01T10:00:00Z", tick=False) as clock:
        first = client.get(address)
        clock.shift(100)
        for known in (
            {"if-none-match": first["ETag"]},
            {"if-modified-since": first["Last-Modified"]},
            {"if-none-match": f'"x", {first["ETag"].removeprefix("W/")}'},
        ):
            again = client.get(address, headers=known)
            assert (again.status_code, again.content) == (304, b""), known
            assert (again["ETag"], again["Last-Modified"]) == (first["ETag"], first["Last-Modified"])
        Curation.objects.create(video=newest(1)[0], hidden=True)
        if path == "/sitemap.xml":
            Video.objects.update(delisted_at="2026-01-01T00:00:00Z")
        changed = client.get(address, headers={"if-none-match": first["ETag"]})
        late = client.get(address, headers={"if-modified-since": first["Last-Modified"]})
        assert changed.status_code == late.status_code == 200
        assert changed.content != first.content


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Another"},
        {"truncated_description": "Another text"},
        {"thumbnail_path": "/another.jpg"},
        {"published_at": "2020-01-01T00:00:00Z"},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("path", CONDITIONAL[:3] + CONDITIONAL[4:])
def test_whatever_an_answer_shows_changes_its_tag(client: Client, path: str, change: dict[str, str]) -> None:
    address, first = path.format(part=newest(1)[0].pk // PART), newest(1)[0]
    before = client.get(address)
    Video.objects.filter(pk=first.pk).update(**change)
    after = client.get(address, headers={"if-none-match": before["ETag"]})
    assert (after.status_code, after.content == before.content) == (200, False)


@pytest.mark.parametrize("path", CONDITIONAL)
@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_feeds_and_sitemaps_can_only_be_read(client: Client, path: str, method: str) -> None:
    assert getattr(client, method)(path.format(part=0)).status_code == 405


@pytest.mark.parametrize(
    ("path", "number"), [("/feeds/rss/", 2), ("/feeds/atom/", 2), ("/feeds/json/", 2), ("/sitemap-{part}.xml", 1)]
)
def test_an_answer_costs_so_many_queries(
    client: Client, django_assert_num_queries: Any, path: str, number: int
) -> None:
    """Of a feed there is one for the videos, and one for the files of those on its page."""
    address = path.format(part=newest(1)[0].pk // PART)
    with django_assert_num_queries(number):
        assert client.get(address).status_code == 200


def test_the_sitemap_leads_to_every_video(client: Client) -> None:
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    parts = [one.text for one in index.iter(f"{MAP}loc")]
    entries = [one for part in parts for one in ElementTree.fromstring(client.get(part).content).iter(f"{MAP}url")]
    found = {entry.findtext(f"{MAP}loc"): entry.find(f"{VIDEO}video") for entry in entries}
    assert found.keys() == {f"http://testserver/videos/{one.short_uuid}/" for one in newest(100)}
    video = newest(1)[0]
    told = found[f"http://testserver/videos/{video.short_uuid}/"]
    assert told.findtext(f"{VIDEO}title") == video.name
    assert told.findtext(f"{VIDEO}player_loc") == f"http://{HOST}/videos/embed/{video.uuid}"
    assert told.findtext(f"{VIDEO}thumbnail_loc") == f"http://{HOST}{video.thumbnail_path}"
    assert told.findtext(f"{VIDEO}duration") == str(video.duration)


def test_sensitive_videos_are_in_no_sitemap(client: Client) -> None:
    sensitive, other = newest(2)
    Video.objects.filter(pk=sensitive.pk).update(nsfw=True)
    told = client.get(f"/sitemap-{sensitive.pk // PART}.xml").content.decode()
    assert (sensitive.short_uuid in told, other.short_uuid in told) == (False, True)


def test_sitemap_and_json_feed_keep_to_their_schemas(client: Client) -> None:
    Video.objects.filter(pk=newest(1)[0].pk).update(is_live=True, duration=0, truncated_description="")
    for path in ("/sitemap.xml", f"/sitemap-{newest(1)[0].pk // PART}.xml"):
        assert [*sitemap_problems(ElementTree.fromstring(client.get(path).content))] == []
    assert [*json_feed_problems(client.get("/feeds/json/", {"page_size": 7}).json())] == []


def test_the_index_of_the_sitemap_hops_over_what_is_not_there(client: Client, django_assert_num_queries: Any) -> None:
    far = newest(1)[0]
    part = far.pk // PART + 7
    far.pk, far.uuid, far.remote_id = part * PART + 3, uuid4(), 77
    far.save()
    with django_assert_num_queries(3):  # one for each part, and one that finds no more
        index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    assert [one.text for one in index.iter(f"{MAP}loc")][-1] == f"http://testserver/sitemap-{part}.xml"


@pytest.mark.parametrize("number", [99, 2**70])
def test_a_part_of_the_sitemap_without_videos_is_not_found(client: Client, number: int) -> None:
    assert client.get(f"/sitemap-{number}.xml").status_code == 404


def embed(client: Client, path: str, **query: object) -> Any:
    return client.get("/oembed/", {"url": f"http://testserver{path}", **query})


def test_oembed_tells_how_to_show_a_page_of_ours(client: Client) -> None:
    video = newest(1)[0]
    told = embed(client, f"/videos/{video.short_uuid}/?play=1", maxwidth=320).json()
    assert (told["type"], told["version"], told["title"]) == ("video", "1.0", video.name)
    assert (told["width"], told["height"]) == (320, 180)
    assert told["html"].startswith(f'<iframe src="http://{HOST}/videos/embed/{video.uuid}" title="')
    assert told["author_url"] == f"http://testserver/channels/{video.channel.handle}/"
    assert embed(client, f"/videos/{video.uuid}/", maxheight=90).json()["width"] == 160


@pytest.mark.parametrize("url", ["http://testserver/videos/", "http://elsewhere.example/videos/x/", "http://[", ""])
def test_oembed_knows_our_own_video_pages_only(client: Client, url: str) -> None:
    assert client.get("/oembed/", {"url": url}).status_code == 404


def test_oembed_speaks_json_only(client: Client) -> None:
    assert embed(client, f"/videos/{newest(1)[0].uuid}/", format="xml").status_code == 501
