"""`{% load peertube %}`: mirrored videos on any page of a site, whether `peertube_sync.site` is mounted or not.

What may not be shown (hidden, gone, not public) and what isn't there shows nothing: a page never breaks by it.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import template

from peertube_sync.catalogue import queries
from peertube_sync.models import Video
from peertube_sync.site.presenters import present_videos
from peertube_sync.site.selection import FILTERS, NEWEST, ORDERINGS, BadSelection, Selection, query_of
from peertube_sync.site.shown import show_video

register = template.Library()

KEYWORDS = {*FILTERS, "q", "ordering"}


@register.inclusion_tag("peertube_sync/parts/assets.html")
def peertube_assets(*, pages: bool = False) -> dict[str, object]:
    """Show the style sheet and the script of the other tags; for the head of a page. `pages`: and that of our pages."""
    return {"pages": pages}


@register.inclusion_tag("peertube_sync/parts/video.html")
def peertube_video(which: Video | UUID | str) -> dict[str, object]:
    """Show a video with its title and channel: a row, its uuid in either form, or any address of it."""
    return show_video(which)


@register.inclusion_tag("peertube_sync/parts/player.html")
def peertube_embed(which: Video | UUID | str) -> dict[str, object]:
    """Show a video's picture, in the place of which it plays after a click, from where the address says."""
    return show_video(which)


@register.inclusion_tag("peertube_sync/parts/grid.html")
def peertube_latest(count: int = 12, **filters: Any) -> dict[str, object]:
    """Show up to `count` videos, the newest first; `filters` are those of the API, `q` and `ordering`.

    A filter whose value names nothing shows no videos. Raises TemplateSyntaxError for a filter that isn't one.
    """
    if unknown := filters.keys() - KEYWORDS:
        message = f"peertube_latest has no {', '.join(sorted(unknown))}. There are: {', '.join(sorted(KEYWORDS))}."
        raise template.TemplateSyntaxError(message)
    if filters.get("ordering", NEWEST) not in ORDERINGS:
        message = f"peertube_latest can't be sorted by {filters['ordering']!r}, but by: {', '.join(ORDERINGS)}."
        raise template.TemplateSyntaxError(message)
    try:
        return {"items": present_videos(Selection(query_of(**filters, page_size=count)).page().rows)}
    except BadSelection:
        return {"items": []}


@register.inclusion_tag("peertube_sync/parts/grid.html")
def peertube_grid(videos: Iterable[Video]) -> dict[str, object]:
    """Show those of `videos`, in their order, that may be shown; one query more."""
    keys = [video.pk for video in videos]
    rows = queries.videos().in_bulk(keys)
    return {"items": present_videos(rows[key] for key in keys if key in rows)}
