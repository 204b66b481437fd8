"""Every feed as its readers read it, and podcasts by the rules of those who list and play them.

There is no validator of podcasts among the packages of Python or node, so the rules are written down here: those of
"A Podcaster's Guide to RSS" by Apple, of PSP-1 by the Podcast Standards Project (both: what has to be there), and of
the podcast namespace (https://podcastindex.org/namespace/1.0).
"""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from xml.etree import ElementTree

import feedparser
import pytest

from tests.clients.conftest import Pair, ask, fetch

pytestmark = [pytest.mark.clients, pytest.mark.one_database]

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"
ENDINGS = ("xml", "rss", "rss2", "atom", "atom1")
CATEGORIES = {
    *("Arts", "Business", "Comedy", "Education", "Fiction", "Government", "Health & Fitness", "History"),
    *("Kids & Family", "Leisure", "Music", "News", "Religion & Spirituality", "Science", "Society & Culture"),
    *("Sports", "TV & Film", "Technology", "True Crime"),
}
"""Apple's categories; directories know no others."""
MEDIA = {"podcast", "music", "video", "film", "audiobook", "newsletter", "blog"}
ENCLOSED = {"video/mp4", "video/webm", "video/ogg", "audio/mpeg", "audio/mp4", "audio/ogg"}
TRANSCRIPTS = {"text/vtt", "text/plain", "text/html", "application/srt", "application/json"}
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,8})*")


def whose(pair: Pair) -> Iterator[str]:
    """Yield the questions for the feeds of all channels and accounts."""
    for kind, name in (("video-channels", "videoChannelName"), ("accounts", "accountName")):
        for row in pair.own(kind):
            yield f"{name}={row['name']}@{row['host']}"


def test_feedparser_reads_every_feed(pair: Pair) -> None:
    for question in ("", *whose(pair)):
        shown = {row["url"] for row in ask(pair.site, f"/feeds/videos.json?{question}").get("items", ())}
        for ending in ENDINGS:
            answer = fetch(f"{pair.site}/feeds/videos.{ending}?{question}")
            feed = feedparser.parse(answer.body)
            assert (answer.status, feed.bozo) == (200, False), f"{question} {ending}"
            assert {one.link for one in feed.entries} == shown
            assert all(one.title and one.id and one.published_parsed for one in feed.entries)


def test_every_podcast_keeps_the_rules(pair: Pair) -> None:
    episodes = 0
    for question in whose(pair):
        answer = fetch(f"{pair.site}/feeds/podcast/videos.xml?{question}")
        assert not feedparser.parse(answer.body).bozo, question
        channel = ElementTree.fromstring(answer.body).find("channel")
        assert channel is not None
        broken = [*broken_in_podcast(channel)]
        for item in channel.findall("item"):
            broken += broken_in_episode(item)
            episodes += 1
        assert broken == [], question
    assert episodes > 30


def broken_in_podcast(channel: ElementTree.Element) -> Iterator[str]:
    """Yield the rules for a podcast as a whole that this one breaks."""
    for name in ("title", "link", "description", "language", f"{ITUNES}explicit", f"{PODCAST}guid"):
        if len(channel.findall(name)) != 1 or not channel.findtext(name):
            yield f"one {name}"
    yield from required(channel, f"{ATOM}link", "self" in {one.get("rel") for one in channel.findall(f"{ATOM}link")})
    images = [one.get("href") for one in channel.findall(f"{ITUNES}image")]
    if channel.findall("item"):
        yield from required(channel, "itunes:image", len(images) == 1 and is_address(images[0]))
    told = {one.get("text") for one in channel.findall(f"{ITUNES}category")}
    yield from required(channel, f"itunes:category in {told}", bool(told) and told <= CATEGORIES)
    yield from required(channel, "itunes:explicit", channel.findtext(f"{ITUNES}explicit") in ("true", "false"))
    yield from required(channel, "itunes:type", channel.findtext(f"{ITUNES}type") in ("episodic", "serial"))
    yield from required(channel, "language", bool(LANGUAGE.fullmatch(channel.findtext("language") or "")))
    yield from required(channel, "podcast:medium", channel.findtext(f"{PODCAST}medium") in MEDIA)
    yield from required(channel, "podcast:guid", UUID(channel.findtext(f"{PODCAST}guid") or "").version == 5)
    guids = [one.findtext("guid") for one in channel.findall("item")]
    yield from required(channel, "each guid once", len(set(guids)) == len(guids))


def broken_in_episode(item: ElementTree.Element) -> Iterator[str]:
    """Yield the rules for an episode that this one breaks."""
    yield from required(item, "title", bool(item.findtext("title")))
    yield from required(item, "guid", bool(item.findtext("guid")))
    yield from required(item, "pubDate", parsedate_to_datetime(item.findtext("pubDate") or "").tzinfo is not None)
    enclosures = item.findall("enclosure")
    yield from required(item, "one enclosure", len(enclosures) == 1)
    for one in enclosures:
        told = one.attrib
        whole = is_address(told.get("url")) and told.get("length", "").isdecimal() and told.get("type") in ENCLOSED
        yield from required(item, f"enclosure {told}", whole)
    yield from required(item, "itunes:duration", (item.findtext(f"{ITUNES}duration") or "0").isdecimal())
    for one in item.findall(f"{PODCAST}transcript"):
        yield from required(item, "transcript", is_address(one.get("url")) and one.get("type") in TRANSCRIPTS)
    for one in item.findall(f"{PODCAST}chapters"):
        yield from required(
            item, "chapters", is_address(one.get("url")) and one.get("type") == "application/json+chapters"
        )
    for one in item.findall(f"{PODCAST}person"):
        yield from required(item, "person", 0 < len(one.text or "") <= 128)
    for one in item.findall(f"{PODCAST}socialInteract"):
        yield from required(item, "socialInteract", is_address(one.get("uri")) and bool(one.get("protocol")))
    yield from broken_in_alternates(item)


def broken_in_alternates(item: ElementTree.Element) -> Iterator[str]:
    alternates = item.findall(f"{PODCAST}alternateEnclosure")
    for one in alternates:
        sources = [source.get("uri") for source in one.findall(f"{PODCAST}source")]
        yield from required(
            item, "alternateEnclosure", bool(one.get("type") and sources) and all(map(is_address, sources))
        )
    standard = [one for one in alternates if one.get("default") == "true"]
    yield from required(item, "at most one default", len(standard) <= 1)


def required(element: ElementTree.Element, rule: str, kept: Any) -> list[str]:
    """Return the rule where it isn't kept."""
    return [] if kept else [f"{element.findtext('title')}: {rule}"]


def is_address(text: str | None) -> bool:
    return urlsplit(text or "").scheme in ("http", "https") and bool(urlsplit(text or "").netloc)
