"""The video sitemap: an index, and parts by ranges of primary keys, which cost the same wherever they are."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from peertube_sync.catalogue import public, queries
from peertube_sync.site.addresses import NAMESPACE
from peertube_sync.site.shown import ShownVideo
from peertube_sync.site.xml import writable

PART = 5_000
"""Primary keys in a part; a sitemap may have 50,000 pages, but one of videos soon weighs more than it may."""

LONGEST_VIDEO = 28_800
"""Seconds; sitemaps take no longer duration."""


def index(request: HttpRequest) -> HttpResponse:
    """List the parts that have videos; a query for each, which finds where the next one begins."""
    addresses = [request.build_absolute_uri(reverse(f"{NAMESPACE}:sitemap-part", args=[number])) for number in _parts()]
    return render(request, "peertube_sync/sitemap_index.xml", {"parts": addresses}, content_type="application/xml")


def _parts() -> Iterator[int]:
    """Yield the numbers of the parts that have videos, hopping over what lies between."""
    keys, least = public.listed().order_by("pk").values_list("pk", flat=True), 0
    while (first := keys.filter(pk__gte=least).first()) is not None:
        yield first // PART
        least = (first // PART + 1) * PART


def part(request: HttpRequest, part: int) -> HttpResponse:
    """List the videos of a part. Raises Http404 for one that has none."""
    if part > 2**63 // PART - 1:
        raise Http404
    rows = queries.videos().filter(pk__gte=part * PART, pk__lt=(part + 1) * PART).order_by("pk")
    entries = [_entry(request, ShownVideo(row)) for row in rows]
    if not entries:
        raise Http404
    return render(request, "peertube_sync/sitemap.xml", {"entries": entries}, content_type="application/xml")


def _entry(request: HttpRequest, video: ShownVideo) -> dict[str, object]:
    title = writable(video.title)
    return {
        "address": request.build_absolute_uri(video.page),
        "thumbnail": writable(video.open_thumbnail),
        "player": writable(video.embed),
        "title": title,
        "text": writable(video.summary) or title,
        "duration": video.row.duration if 1 <= video.row.duration <= LONGEST_VIDEO else None,
        "video": video.row,
    }
