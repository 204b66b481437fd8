"""What only the home of a row knows: who asks is led there, to an address that is put together here."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse

from peertube_sync.models.reading import HOME, home_url
from peertube_sync.peertube_api import redirects
from peertube_sync.peertube_api.parameters import DIGITS, Query
from peertube_sync.peertube_api.problems import not_found
from peertube_sync.peertube_api.views import find_video

ASKED = ("start", "count", "sort")
"""What PeerTube knows of a question for comments."""


def comment_threads(query: Query, name: str, thread: str = "") -> HttpResponse:
    """Lead to the comments of a video, or one `thread` of them, at its home."""
    row = find_video(name, (*HOME, "uuid"))
    if thread and not (thread.isascii() and thread.isdecimal() and len(thread) <= 2 * DIGITS):
        raise not_found("Video comment")
    path = f"/api/v1/videos/{row['uuid']}/comment-threads" + (f"/{thread}" if thread else "")
    return _at_home(query, row, path, {name: query.text(name) for name in ASKED if query.text(name)})


def comments_feed(query: Query, name: str, ending: str) -> HttpResponse:
    """Lead to the feed of a video's comments at its home."""
    row = find_video(name, (*HOME, "uuid"))
    return _at_home(query, row, f"/feeds/video-comments.{ending}", {"videoId": str(row["uuid"])})


def _at_home(query: Query, row: Any, path: str, asked: dict[str, str]) -> HttpResponse:
    query_string = f"?{urlencode(asked)}" if asked else ""
    return redirects.home(query, f"{home_url(*(row[column] for column in HOME))}{path}{query_string}")
