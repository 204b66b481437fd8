"""The video sitemap: an index, and parts by ranges of primary keys, which cost the same wherever they are.

Sensitive videos aren't in it, as their pages ask not to be found, and nothing is where SEARCH_ENGINES is "none".
A part has thousands of videos. So it is made of just the columns that it shows, without templates and without reading
Markdown; and who has it already is told so as soon as these are read.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID
from xml.sax.saxutils import escape

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from peertube_sync.catalogue import visibility
from peertube_sync.client.short_uuid import shorten
from peertube_sync.conf import get_settings
from peertube_sync.faces.addresses import safe
from peertube_sync.faces.conditional import of_facts
from peertube_sync.faces.pages import NAMESPACE
from peertube_sync.faces.xml import writable
from peertube_sync.models.base import Row
from peertube_sync.models.picture_shapes import VIDEO as VIDEO_PICTURE
from peertube_sync.models.reading import CUT_TEXT, HOME, TITLE, embed_address, own_or, picture_for
from peertube_sync.models.video import VideoQuerySet
from peertube_sync.pictures import addresses
from peertube_sync.pictures.told import path, told
from peertube_sync.site.addresses import absolute
from peertube_sync.site.markdown import excerpt
from peertube_sync.site.pictures import THUMBNAIL
from peertube_sync.site.source_presenters import title_or_untitled

PART = 5_000
"""Primary keys in a part; a sitemap may have 50,000 pages, but one of videos soon weighs more than it may."""
LONGEST_VIDEO = 28_800
"""Seconds; sitemaps take no longer duration."""
PICTURE, *PICTURE_COLUMNS = told(
    VIDEO_PICTURE,
    path(THUMBNAIL),
    lambda scheme, host, images, at: safe(picture_for(THUMBNAIL, scheme, host, images, at)),
    *(*HOME, "thumbnails", "thumbnail_path"),
)
COLUMNS = (
    *dict.fromkeys((*HOME, *TITLE, *CUT_TEXT, "uuid", "embed_path", *PICTURE_COLUMNS)),
    *("duration", "views", "is_live", "published_at", "updated_at"),
)
XML = "application/xml; charset=utf-8"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
MAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
VIDEO = 'xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"'
SOME = UUID(int=0)
"""Stands for any video where an address is put together."""


def index(request: HttpRequest) -> HttpResponseBase:
    """List the parts that have videos; a query for each, which finds where the next one begins. Raises Http404."""
    addresses = []
    keys, least = _findable_videos().order_by("pk").values_list("pk", flat=True), 0
    while (first := keys.filter(pk__gte=least).first()) is not None:
        number = first // PART
        addresses.append(request.build_absolute_uri(reverse(f"{NAMESPACE}:sitemap-part", args=[number])))
        least = (number + 1) * PART
    entries = (f"\n  <sitemap><loc>{escape(address)}</loc></sitemap>" for address in addresses)
    index = ("<sitemapindex ", MAP, ">", *entries, "\n</sitemapindex>\n")
    return of_facts(request, addresses).unless_known(request, lambda: _xml_answer(index))


def part(request: HttpRequest, part: int) -> HttpResponseBase:
    """List the videos of a part. Raises Http404 for one that has none."""
    if part > 2**63 // PART - 1:
        raise Http404
    rows = _findable_videos().filter(pk__gte=part * PART, pk__lt=(part + 1) * PART).order_by("pk").values(*COLUMNS)
    videos = list(rows)
    if not videos:
        raise Http404
    stamp = of_facts(request, (addresses.depend_on(), videos))
    return stamp.unless_known(request, lambda: _xml_answer(_part_in_xml(request, videos)))


def _findable_videos() -> VideoQuerySet:
    """Return the videos that search engines are led to. Raises Http404 where they are led to no page of this site."""
    if get_settings().search_engines == "none":
        raise Http404
    return visibility.listed().filter(nsfw=False)


def _part_in_xml(request: HttpRequest, videos: Sequence[Row]) -> Iterator[str]:
    page = request.build_absolute_uri(reverse(f"{NAMESPACE}:video", args=[shorten(SOME)]))
    before, _some, after = page.rpartition(shorten(SOME))
    yield f"<urlset {MAP} {VIDEO}>"
    for row in videos:
        changed = row["updated_at"].isoformat(timespec="seconds")
        yield f"\n  <url><loc>{escape(before + shorten(row['uuid']) + after)}</loc><lastmod>{changed}</lastmod>"
        picture = PICTURE(*(row[column] for column in PICTURE_COLUMNS))
        yield from _video(row, absolute(page, picture))
        yield "</url>"
    yield "\n</urlset>\n"


def _video(row: Row, picture: str) -> Iterator[str]:
    """Yield what is told of a video that has a `picture` to show."""
    home = row["instance__scheme"], row["instance__host"]
    player = safe(embed_address(*home, row["embed_path"], row["uuid"]))
    if not (picture and player):
        return
    title = title_or_untitled(*(row[column] for column in TITLE))
    yield "<video:video>"
    yield _element("thumbnail_loc", picture)
    yield _element("title", title)
    yield _element("description", excerpt(own_or(*(row[column] for column in CUT_TEXT)) or "") or title)
    yield _element("player_loc", player)
    if 1 <= row["duration"] <= LONGEST_VIDEO:
        yield _element("duration", str(row["duration"]))
    yield _element("view_count", str(row["views"]))
    yield _element("publication_date", row["published_at"].isoformat(timespec="seconds"))
    yield _element("family_friendly", "yes")
    yield _element("live", "yes" if row["is_live"] else "no")
    yield "\n  </video:video>"


def _element(name: str, text: str) -> str:
    return f"\n    <video:{name}>{escape(writable(text))}</video:{name}>"


def _xml_answer(parts: Iterator[str] | Sequence[str]) -> HttpResponse:
    return HttpResponse(HEAD + "".join(parts), content_type=XML)
