"""The oEmbed provider (oembed.com) for the addresses of our own video pages."""

from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.lookups import by_uuid, find_or_404
from peertube_sync.conf import get_settings
from peertube_sync.site.addresses import NAMESPACE
from peertube_sync.site.presenters import VideoPresenter

WIDTH, HEIGHT = 560, 315


def oembed(request: HttpRequest) -> HttpResponse:
    """Tell how to embed the video of the page `url`, within `maxwidth` and `maxheight`; JSON is the one format."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse(status=501)
    video = VideoPresenter(find_or_404(queries.video_summaries(), by_uuid, _uuid(request)))
    if not video.embed:
        raise Http404
    answer = JsonResponse(_rich(request, video))
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _uuid(request: HttpRequest) -> str:
    """Return what the address `url` names, if it is one of ours. Raises Http404."""
    try:
        asked = urlsplit(request.GET.get("url", ""))
        match = resolve(asked.path)
    except (ValueError, Resolver404) as error:
        raise Http404 from error
    if asked.netloc != request.get_host() or (match.app_name, match.url_name) != (NAMESPACE, "video"):
        raise Http404
    return str(match.kwargs["uuid"])


def _rich(request: HttpRequest, video: VideoPresenter) -> dict[str, Any]:
    width = min(WIDTH, _limit(request, "maxwidth"), _limit(request, "maxheight") * WIDTH // HEIGHT)
    height = width * HEIGHT // WIDTH
    frame = {"address": video.embed, "video": video, "width": width, "height": height}
    thumbnail = {"thumbnail_url": video.open_thumbnail, "thumbnail_width": width, "thumbnail_height": height}
    return {
        "type": "video",
        "version": "1.0",
        "title": video.title,
        "author_name": video.channel.name,
        "author_url": request.build_absolute_uri(video.channel.page),
        "provider_name": get_settings().site_name,
        "provider_url": request.build_absolute_uri("/"),
        "width": width,
        "height": height,
        "html": render_to_string("peertube_sync/parts/frame.html", frame).strip(),
        **(thumbnail if video.open_thumbnail else {}),
    }


def _limit(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return max(int(text), 2) if text.isascii() and text.isdecimal() and len(text) < 6 else WIDTH
