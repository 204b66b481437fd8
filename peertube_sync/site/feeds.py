"""Feeds of any selection: RSS, Atom and JSON Feed take the parameters of the videos page, `page_size` up to 100.

Each page of a feed names the next one (RFC 5005; `next_url` in JSON), so a feed is as long as its reader wants.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.syndication.views import Feed
from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed
from django.utils.html import escape

from peertube_sync.catalogue.keyset import KeysetPage
from peertube_sync.faces.conditional import of_facts
from peertube_sync.faces.cors import readable_anywhere
from peertube_sync.faces.pages import page
from peertube_sync.faces.video_files import File, files, streams
from peertube_sync.faces.xml import writable
from peertube_sync.models import Video
from peertube_sync.site.addresses import absolute
from peertube_sync.site.feed_subjects import Subject, subject_of
from peertube_sync.site.look import look_of
from peertube_sync.site.presenters import VideoPresenter
from peertube_sync.site.selection import BadSelection, Selection, without

LENGTH = 20
MEDIA = {"xmlns:media": "http://search.yahoo.com/mrss/"}


@dataclass(frozen=True)
class AskedFeed:
    """The selection that a request asks for, and the videos found."""

    request: HttpRequest
    selection: Selection
    found: KeysetPage

    @cached_property
    def subject(self) -> Subject:
        return subject_of(self.selection, self.found.rows)

    @property
    def title(self) -> str:
        """Return what the videos are narrowed to, else the site's name."""
        return writable(self.subject.title or look_of(self.request).name)

    @property
    def here(self) -> str:
        """Return the address of this page of the feed."""
        return self.request.build_absolute_uri()

    @property
    def home(self) -> str:
        """Return the address where people see these videos."""
        if self.subject.page:
            return self.request.build_absolute_uri(self.subject.page)
        query = without(self.selection.query, "cursor", "page_size")
        return self.request.build_absolute_uri(page("videos") + query.removesuffix("?"))

    @property
    def next(self) -> str:
        """Return the address of the next page of the feed, "" after the last one."""
        if not self.found.next:
            return ""
        return self.request.build_absolute_uri(without(self.selection.query, cursor=self.found.next))

    @cached_property
    def videos(self) -> "list[Item]":
        """Return the videos of this page; one query for their files."""
        keys = [row.pk for row in self.found.rows]
        published = Video.objects.filter(pk__in=keys).values_list("pk", "files", "streaming_playlists")
        best = {pk: next(iter([*files(whole, cut), *streams(cut)]), None) for pk, whole, cut in published}
        presented = [VideoPresenter(row) for row in self.found.rows]
        address = self.request.build_absolute_uri
        root = address("/")
        return [
            Item(video, address(video.page), absolute(root, video.open_thumbnail), best.get(video.row.pk))
            for video in presented
        ]

    def facts(self) -> Iterator[object]:
        """Yield all that the feed is made of."""
        yield from (self.title, self.subject.text, self.home, self.next)
        for item in self.videos:
            video, row = item.video, item.video.row
            yield (row.uuid, video.title, video.short_text, item.picture, video.source, item.address)
            yield (row.published_at, row.updated_at, row.category_label, row.language_id)
            yield (video.channel.name, video.channel.source, item.file and (item.file.address, item.file.length))


@dataclass(frozen=True)
class Item:
    """A video, the address of its page, that of its picture, "" where none is shown, and the best file that plays it.

    None as long as no file is known.
    """

    video: VideoPresenter
    address: str
    picture: str
    file: File | None


def ask(request: HttpRequest) -> AskedFeed:
    """Return what `request` asks for. Raises BadRequest."""
    selection = Selection(request.GET, page_size=LENGTH)
    try:
        return AskedFeed(request, selection, selection.page())
    except BadSelection as error:
        raise BadRequest(str(error)) from error


class Rss(Rss201rev2Feed):
    """RSS 2.0 with thumbnails and further pages."""

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), **MEDIA}

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        _add_next(handler, "atom:link", self.feed["next"])

    def add_item_elements(self, handler: Any, item: Any) -> None:
        super().add_item_elements(handler, item)
        _add_thumbnail(handler, item["thumbnail"])


class Atom(Atom1Feed):
    """Atom with thumbnails and further pages."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), **MEDIA}

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        _add_next(handler, "link", self.feed["next"])

    def add_item_elements(self, handler: Any, item: Any) -> None:
        super().add_item_elements(handler, item)
        _add_thumbnail(handler, item["thumbnail"])


def _add_next(handler: Any, name: str, address: str) -> None:
    if address:
        handler.addQuickElement(name, "", {"rel": "next", "href": address})


def _add_thumbnail(handler: Any, address: str) -> None:
    if address:
        handler.addQuickElement("media:thumbnail", "", {"url": writable(address)})


class RssFeed(Feed):  # type: ignore[type-arg]
    """A selection of videos as RSS."""

    feed_type = Rss

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """Answer; a reader that has the feed already gets 304 before it is made."""
        asked, make = ask(request), super().__call__
        return readable_anywhere(of_facts(request, asked.facts()).unless_known(request, lambda: make(request, asked)))

    def get_object(self, _request: HttpRequest, asked: AskedFeed) -> AskedFeed:
        return asked

    def title(self, asked: AskedFeed) -> str:
        """Return what the feed is called."""
        return asked.title

    def description(self, asked: AskedFeed) -> str:
        """Return what the channel, account or playlist says of itself, else the title: RSS wants something."""
        return writable(asked.subject.text) or asked.title

    def link(self, asked: AskedFeed) -> str:
        """Return where people see the videos."""
        return asked.home

    def feed_url(self, asked: AskedFeed) -> str:
        return asked.here

    def feed_extra_kwargs(self, asked: AskedFeed) -> dict[str, object]:
        return {"next": asked.next}

    def items(self, asked: AskedFeed) -> list[Item]:
        return asked.videos

    def item_title(self, item: Item) -> str:
        return writable(item.video.title)

    def item_description(self, item: Item) -> str:
        """Return the beginning of the text as HTML."""
        return writable(item.video.summary_html)

    def item_link(self, item: Item) -> str:
        return item.address

    def item_guid(self, item: Item) -> str:
        """Return what stays the same when the site moves."""
        return f"urn:uuid:{item.video.row.uuid}"

    item_guid_is_permalink = False

    def item_author_name(self, item: Item) -> str:
        return writable(item.video.channel.name)

    def item_pubdate(self, item: Item) -> datetime:
        """Return when it became public, which feeds are sorted by."""
        return item.video.row.published_at

    def item_updateddate(self, item: Item) -> datetime:
        """Return when it was last changed."""
        return item.video.row.updated_at

    def item_categories(self, item: Item) -> list[str]:
        return [writable(name) for name in _categories(item)]

    def item_enclosures(self, item: Item) -> list[Enclosure]:
        """Return the file that plays; its length is 0 where nobody tells."""
        return [Enclosure(writable(item.file.address), str(item.file.length), item.file.type)] if item.file else []

    def item_extra_kwargs(self, item: Item) -> dict[str, object]:
        return {"thumbnail": item.picture}


class AtomFeed(RssFeed):
    feed_type = Atom  # type: ignore[assignment]

    def subtitle(self, asked: AskedFeed) -> str:
        """Return what the channel, account or playlist says of itself."""
        return writable(asked.subject.text)


def _categories(item: Item) -> list[str]:
    """Return the category, if the video has one: PeerTube calls videos without one "Unknown"."""
    row = item.video.row
    return [row.category_label] if row.category_label and row.category_id is not None else []


def json_feed(request: HttpRequest) -> HttpResponseBase:
    """Answer with a selection of videos as JSON Feed 1.1."""
    asked = ask(request)
    return readable_anywhere(of_facts(request, asked.facts()).unless_known(request, lambda: _json_feed(asked)))


def _json_feed(asked: AskedFeed) -> JsonResponse:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": asked.title,
        "description": asked.subject.text,
        "home_page_url": asked.home,
        "feed_url": asked.here,
        "next_url": asked.next,
        "items": [_as_json(item) for item in asked.videos],
    }
    known = {name: value for name, value in feed.items() if value != ""}
    return JsonResponse(known, content_type="application/feed+json")


def _as_json(item: Item) -> dict[str, object]:
    video = item.video
    facts = {
        "id": f"urn:uuid:{video.row.uuid}",
        "url": item.address,
        "external_url": video.source,
        "title": video.title,
        "content_html": video.summary_html or escape(video.title),
        "image": item.picture,
        "date_published": video.row.published_at.isoformat(),
        "date_modified": video.row.updated_at.isoformat(),
        "authors": [{"name": video.channel.name, "url": video.channel.source}],
        "language": video.row.language_id,
        "tags": _categories(item),
        "attachments": [_attachment(item.file, video)] if item.file else [],
    }
    return {name: value for name, value in facts.items() if value not in ("", None, [])}


def _attachment(file: File, video: VideoPresenter) -> dict[str, object]:
    facts = {
        "url": file.address,
        "mime_type": file.type,
        "size_in_bytes": file.length,
        "duration_in_seconds": max(video.row.duration, 0),
    }
    return {name: value for name, value in facts.items() if value}
