"""Feeds as RSS, Atom, JSON Feed and podcasts, as PeerTube publishes them: what `feed_items` tells, in their words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed
from django.utils.html import escape, linebreaks

from peertube_sync.catalogue.answer_parts import encode
from peertube_sync.faces.video_files import File
from peertube_sync.faces.xml import writable

Item = Mapping[str, Any]
Element = tuple[str, Mapping[str, Any], "str | Sequence[Element]"]
"""An element of XML: its name, its attributes, and its text or the elements in it."""

NAMESPACES = {
    "xmlns:media": "http://search.yahoo.com/mrss/",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
}
OF_PODCASTS = {
    **NAMESPACES,
    "xmlns:podcast": "https://podcastindex.org/namespace/1.0",
    "xmlns:itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
}
PODCASTS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The UUID namespace from which the specification makes the `podcast:guid` of a feed."""
TORRENT = "application/x-bittorrent"
CHAPTERS = "application/json+chapters"
APPLES = {
    "Music": "Music",
    "Films": "TV & Film",
    "Vehicles": "Leisure",
    "Art": "Arts",
    "Sports": "Sports",
    "Travels": "Society & Culture",
    "Gaming": "Leisure",
    "People": "Society & Culture",
    "Comedy": "Comedy",
    "Entertainment": "TV & Film",
    "News & Politics": "News",
    "How To": "Education",
    "Education": "Education",
    "Activism": "Society & Culture",
    "Science & Technology": "Technology",
    "Animals": "Kids & Family",
    "Kids": "Kids & Family",
    "Food": "Arts",
}
"""The podcast category (one of Apple's) for each category of PeerTube."""
ANY_VIDEO = "TV & Film"
"""The podcast category if no video has one: directories take no podcast without a category."""


@dataclass(frozen=True)
class Feed:
    """A feed: `home` is where people see the same, `here` its own address, `root` that of this site."""

    title: str
    text: str
    home: str
    here: str
    root: str
    picture: str
    author: Mapping[str, Any] | None
    items: Sequence[Item]


class PeerTubeRss(Rss201rev2Feed):
    """RSS 2.0 with elements of other namespaces, which are given as `more` of the feed and of its items."""

    namespaces = NAMESPACES

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), **self.namespaces}

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        _add(handler, self.feed["more"])

    def add_item_elements(self, handler: Any, item: Any) -> None:
        super().add_item_elements(handler, item)
        _add(handler, item["more"])


class Podcast(PeerTubeRss):
    namespaces = OF_PODCASTS


class PeerTubeAtom(Atom1Feed):
    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:media": NAMESPACES["xmlns:media"]}

    def add_item_elements(self, handler: Any, item: Any) -> None:
        super().add_item_elements(handler, item)
        _add(handler, item["more"])


def rss(feed: Feed) -> bytes:
    """Write RSS, whose titles are text as PeerTube's are."""
    written = _begun(PeerTubeRss, feed, more=_image_of_feed(feed))
    for item in feed.items:
        _add_item(written, item, more=[*_texts_of_item(item), *_media(item)], enclosures=_enclosures(item))
    return _xml(written)


def atom(feed: Feed) -> bytes:
    written = _begun(PeerTubeAtom, feed)
    for item in feed.items:
        _add_item(written, item, more=_media_thumbnail(item), enclosures=_enclosures(item, most=None))
    return _xml(written)


def podcast(feed: Feed) -> bytes:
    """Write a podcast: whatever has a file to play."""
    language = _commonest("language", feed.items) or settings.LANGUAGE_CODE
    written = _begun(Podcast, feed, more=[*_image_of_feed(feed), *_of_podcast(feed)], language=language)
    for item in feed.items:
        if enclosures := _enclosures(item):
            _add_item(written, item, more=[*_texts_of_item(item), *_of_episode(feed, item)], enclosures=enclosures)
    return _xml(written)


def json(feed: Feed) -> bytes:
    """Write JSON Feed 1.1, with the author where version 1 has it too."""
    elements = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.here,
        "description": feed.text,
        "icon": feed.picture,
        "author": feed.author and _author(feed.author),
    }
    return encode({**_without_empty(elements), "items": [_json_feed_item(item) for item in feed.items]})


def _json_feed_item(item: Item) -> Mapping[str, object]:
    author = _author(item["channel"])
    elements = {
        "id": item["address"],
        "url": item["address"],
        "title": item["title"],
        "summary": item["summary"],
        "content_html": _html(item["text"]) or escape(item["title"]),
        "image": item["picture"],
        "date_published": item["published_at"].isoformat(),
        "date_modified": item["updated_at"].isoformat(),
        "author": author,
        "authors": [author],
        "language": item["language"],
        "tags": [*filter(None, [item["category"]]), *item["tags"]],
        "attachments": [
            _without_empty(
                {
                    "url": file.address,
                    "mime_type": file.type,
                    "title": file.label,
                    "size_in_bytes": file.length or None,
                    "duration_in_seconds": item["duration"] or None,
                }
            )
            for file in _played(item)
        ],
    }
    return _without_empty(elements)


def _author(actor: Mapping[str, Any]) -> Mapping[str, object]:
    return _without_empty({"name": actor["title"], "url": actor["url"], "avatar": actor["avatar"]})


def _without_empty(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def _begun(kind: Any, feed: Feed, more: Iterable[Element] = (), **others: Any) -> object:
    return kind(
        title=writable(feed.title),
        link=writable(feed.home),
        description=writable(feed.text or feed.title),
        feed_url=feed.here,
        more=list(more),
        **others,
    )


def _add_item(written: Any, item: Item, *, more: Iterable[Element], enclosures: list[Enclosure]) -> None:
    written.add_item(
        title=writable(item["title"]),
        link=item["address"],
        description=_html(item["summary"]),
        author_name=writable(item["channel"]["title"]),
        author_link=item["channel"]["url"],
        pubdate=item["published_at"],
        updateddate=item["updated_at"],
        unique_id=item["address"],
        unique_id_is_permalink=True,
        categories=[writable(name) for name in (item["category"], *item["tags"]) if name],
        enclosures=enclosures,
        more=list(more),
    )


def _xml(written: Any) -> bytes:
    text: str = written.writeString("utf-8")
    return text.encode()


def _html(text: str | None) -> str:
    """Return a text as HTML that shows it as it is written: nothing within it becomes a tag."""
    return writable(linebreaks(text or "", autoescape=True))


def _played(item: Item) -> list[File]:
    """Return what plays a video, the best first."""
    return [*item["files"], *item["streams"]]


def _enclosures(item: Item, most: int | None = 1) -> list[Enclosure]:
    """Return the best files to play; RSS knows one."""
    return [Enclosure(writable(file.address), str(file.length), file.type) for file in _played(item)[:most]]


def _texts_of_item(item: Item) -> Iterator[Element]:
    if text := _html(item["text"]):
        yield "content:encoded", {}, text


def _image_of_feed(feed: Feed) -> Iterator[Element]:
    if feed.picture:
        yield "image", {}, [("url", {}, feed.picture), ("title", {}, feed.title), ("link", {}, feed.home)]


def _media_thumbnail(item: Item) -> list[Element]:
    return [("media:thumbnail", {"url": item["picture"]}, "")] if item["picture"] else []


def _media(item: Item) -> Iterator[Element]:
    """Yield what Media RSS has of a video."""
    yield "media:community", {}, [("media:statistics", {"views": item["views"]}, "")]
    if item["embed"]:
        yield "media:embed", {"url": item["embed"]}, ""
    yield "media:player", {"url": item["address"]}, ""
    contents = [
        {
            "url": file.address,
            "type": file.type,
            "medium": "video",
            "height": file.height or None,
            "fileSize": file.length or None,
            "framerate": file.rate or None,
            "duration": item["duration"] or None,
            "lang": item["language"],
            "isDefault": "false" if number else "true",
        }
        for number, file in enumerate(item["files"])
    ]
    yield "media:group", {}, [("media:content", attributes, "") for attributes in contents]
    yield from _media_thumbnail(item)
    yield "media:rating", {}, "adult" if item["nsfw"] else "nonadult"
    yield "media:title", {"type": "plain"}, item["title"]
    if item["summary"]:
        yield "media:description", {"type": "plain"}, item["summary"]
    for language, address in item["captions"]:
        yield "media:subTitle", {"type": "text/vtt", "lang": language, "href": address}, ""


def _of_podcast(feed: Feed) -> Iterator[Element]:
    yield "podcast:medium", {}, "video"
    yield "podcast:guid", {}, str(uuid5(PODCASTS, feed.here.partition("://")[2].rstrip("/")))
    author = feed.author or {"title": feed.title, "url": feed.home, "avatar": ""}
    yield from _person(author)
    yield "itunes:author", {}, author["title"]
    yield "itunes:owner", {}, [("itunes:name", {}, author["title"])]
    yield "itunes:explicit", {}, _explicit(any(item["nsfw"] for item in feed.items))
    yield "itunes:type", {}, "episodic"
    yield "itunes:category", {"text": APPLES.get(_commonest("category", feed.items), ANY_VIDEO)}, ""
    if picture := feed.picture or next(filter(None, (item["picture"] for item in feed.items)), ""):
        yield "itunes:image", {"href": picture}, ""


def _of_episode(feed: Feed, item: Item) -> Iterator[Element]:
    yield from _person(item["account"])
    yield "itunes:title", {}, item["title"]
    yield "itunes:author", {}, item["channel"]["title"]
    yield "itunes:explicit", {}, _explicit(item["nsfw"])
    if item["duration"]:
        yield "itunes:duration", {}, str(item["duration"])
    if item["picture"]:
        yield "itunes:image", {"href": item["picture"]}, ""
    for number, file in enumerate(_played(item)):
        yield _alternate(item, file, first=not number)
    for language, address in item["captions"]:
        yield "podcast:transcript", {"url": address, "type": "text/vtt", "language": language, "rel": "captions"}, ""
    if item["chapters"]:
        address = f"{feed.root}/feeds/podcast/chapters/{item['uuid']}.json"
        yield "podcast:chapters", {"url": address, "type": CHAPTERS}, ""
    if item["url"]:
        attributes = {"uri": item["url"], "protocol": "activitypub", "accountUrl": item["account"]["url"]}
        yield "podcast:socialInteract", attributes, ""


def _person(actor: Mapping[str, Any]) -> Iterator[Element]:
    if actor["title"]:
        yield "podcast:person", {"href": actor["url"], "img": actor["avatar"]}, actor["title"]


def _alternate(item: Item, file: File, *, first: bool) -> Element:
    sources: list[Element] = [("podcast:source", {"uri": file.address}, "")]
    if file.torrent:
        sources.append(("podcast:source", {"uri": file.torrent, "contentType": TORRENT}, ""))
    attributes = {
        "type": file.type,
        "length": file.length or None,
        "bitrate": 8 * file.length // item["duration"] if file.length and item["duration"] > 0 else None,
        "height": file.height or None,
        "lang": item["language"],
        "title": file.label,
        "default": "true" if first else "false",
    }
    return "podcast:alternateEnclosure", attributes, sources


def _explicit(nsfw: bool) -> str:  # noqa: FBT001 - a column
    return "true" if nsfw else "false"


def _commonest(name: str, items: Sequence[Item]) -> str:
    """Return what most of the items have in a place, "" where none has anything."""
    values = [str(item[name]) for item in items if item[name]]
    return max(sorted(set(values)), key=values.count, default="")


def _add(handler: Any, elements: Iterable[Element]) -> None:
    for name, attributes, inner in elements:
        written = {key: writable(str(value)) for key, value in attributes.items() if value not in ("", None)}
        if isinstance(inner, str):
            handler.addQuickElement(name, writable(inner), written)
        else:
            handler.startElement(name, written)
            _add(handler, inner)
            handler.endElement(name)


RSS, ATOM, JSON, XML = "application/rss+xml", "application/atom+xml", "application/json", "application/xml"
FORMATS = {
    "xml": (rss, XML),
    **dict.fromkeys(("rss", "rss2"), (rss, RSS)),
    **dict.fromkeys(("atom", "atom1"), (atom, ATOM)),
    **dict.fromkeys(("json", "json1"), (json, JSON)),
}
"""The function that writes a feed and the feed's media type, by the end of the feed's address."""


def respond(feed: Feed, write: Any, kind: str) -> HttpResponse:
    return HttpResponse(write(feed), content_type=f"{kind}; charset=utf-8")
