"""What the specifications demand of documents: sitemaps.org 0.9, video sitemaps 1.1, JSON Feed 1.1."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
VIDEO = "{http://www.google.com/schemas/sitemap-video/1.1}"
MOST_PAGES = 50_000
VIDEO_PARTS = {
    "thumbnail_loc": "address",
    "title": "words",
    "description": "words",
    "content_loc": "address",
    "player_loc": "address",
    "duration": "seconds",
    "view_count": "number",
    "publication_date": "time",
    "family_friendly": "yes or no",
    "live": "yes or no",
}
"""What an entry of a video may have of what we know, in the order in which the schema has it, and as what."""
REQUIRED = ("thumbnail_loc", "title", "description")
LONGEST_TEXT = 2_048

FEED = {"version", "title", "home_page_url", "feed_url", "next_url", "items"}


def is_address(text: Any) -> bool:
    parts = urlsplit(text) if isinstance(text, str) else None
    return bool(parts and parts.scheme in {"http", "https"} and parts.netloc and not re.search(r"\s", parts.geturl()))


def is_time(text: Any) -> bool:
    """RFC 3339: a date and a time with its zone."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        return False


KINDS = {
    "address": is_address,
    "words": lambda text: bool(text) and len(text) <= LONGEST_TEXT,
    "seconds": lambda text: text.isdecimal() and 1 <= int(text) <= 28_800,
    "number": str.isdecimal,
    "time": is_time,
    "yes or no": {"yes", "no"}.__contains__,
}


def sitemap_problems(root: Element) -> Iterator[str]:
    """Yield what is wrong with a sitemap or an index of them."""
    entry = {f"{MAP}urlset": f"{MAP}url", f"{MAP}sitemapindex": f"{MAP}sitemap"}.get(root.tag)
    if not 1 <= len(root) <= MOST_PAGES or {one.tag for one in root} != {entry}:
        yield f"{root.tag} has {len(root)} entries"
    for one in root:
        if [part.tag for part in one][:1] != [f"{MAP}loc"] or not is_address(one[0].text):
            yield f"no address first: {[part.tag for part in one]}"
        changed = one.findtext(f"{MAP}lastmod")
        if changed and not is_time(changed):
            yield f"changed: {changed}"
        for video in one.iter(f"{VIDEO}video"):
            yield from _video_problems(video)


def _video_problems(video: Element) -> Iterator[str]:
    names = [part.tag.removeprefix(VIDEO) for part in video]
    if names != [name for name in VIDEO_PARTS if name in names]:
        yield f"unknown or out of order: {names}"
    if not set(REQUIRED) <= set(names) or not {"content_loc", "player_loc"} & set(names):
        yield f"something is missing: {names}"
    for part in video:
        if not KINDS[VIDEO_PARTS[part.tag.removeprefix(VIDEO)]](part.text or ""):
            yield f"{part.tag}: {part.text}"


def json_feed_problems(feed: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a JSON Feed."""
    if feed.get("version") != "https://jsonfeed.org/version/1.1" or not feed.get("title"):
        yield "no version or no title"
    if unknown := feed.keys() - FEED:
        yield f"unknown: {unknown}"
    for name in ("home_page_url", "feed_url", "next_url"):
        if name in feed and not is_address(feed[name]):
            yield f"{name}: {feed[name]}"
    if len({item.get("id") for item in feed["items"]}) != len(feed["items"]):
        yield "ids are not unique"
    for item in feed["items"]:
        yield from _item_problems(item)


ITEM_KINDS = {
    **dict.fromkeys(("url", "external_url", "image"), is_address),
    **dict.fromkeys(("date_published", "date_modified"), is_time),
    **dict.fromkeys(("id", "title", "content_html", "language"), lambda text: isinstance(text, str) and bool(text)),
    "authors": lambda authors: all(author.keys() & {"name", "url", "avatar"} for author in authors),
    "tags": lambda tags: all(isinstance(tag, str) for tag in tags),
    "attachments": lambda found: all(is_address(one["url"]) and "/" in one["mime_type"] for one in found),
}


def _item_problems(item: dict[str, Any]) -> Iterator[str]:
    if not {"id", "content_html"} <= item.keys() <= ITEM_KINDS.keys():
        yield f"something is missing, or unknown: {item.keys()}"
    for name in item.keys() & ITEM_KINDS.keys():
        if not ITEM_KINDS[name](item[name]):
            yield f"{name}: {item[name]}"


def sitemap_part() -> str:
    """Return the part with the videos that there are: their keys depend on what other tests have written before."""
    from peertube_sync.models import Video
    from peertube_sync.site.sitemaps import PART

    return f"/sitemap-{Video.objects.earliest('pk').pk // PART}.xml"
