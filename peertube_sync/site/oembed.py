"""The oEmbed provider (oembed.com) for the addresses of our own video pages."""

from contextlib import suppress
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.translation import get_language_from_path, override

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.lookups import by_uuid, find_or_404
from peertube_sync.faces.addresses import is_ours
from peertube_sync.faces.cors import readable_anywhere
from peertube_sync.faces.pages import NAMESPACE
from peertube_sync.site.addresses import absolute
from peertube_sync.site.look import look_of
from peertube_sync.site.presenters import VideoPresenter

WIDTH, HEIGHT = 560, 315
PAGES = {(NAMESPACE, "video"), ("peertube_sync_compat", "w/<name>"), ("peertube_sync_compat", "videos/watch/<name>")}
"""What leads to a video's page: itself, and PeerTube's addresses of it, where a project has these."""


def oembed(request: HttpRequest) -> HttpResponse:
    """Tell how to embed the video of the page `url`, within `maxwidth` and `maxheight`; JSON is the one format."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse(status=501)
    video = VideoPresenter(find_or_404(queries.video_summaries(), by_uuid, _uuid_of_page(request)))
    if not video.embed:
        raise Http404
    return readable_anywhere(JsonResponse(_rich(request, video)))


def _uuid_of_page(request: HttpRequest) -> str:
    """Return what the address `url` names, if it leads to a page of ours. Raises Http404."""
    try:
        asked = urlsplit(request.GET.get("url", ""))
    except ValueError as error:
        raise Http404 from error
    prefix, path = get_script_prefix(), unquote(asked.path)
    if not is_ours(asked.netloc.lower(), request.get_host()) or not path.startswith(prefix):
        raise Http404
    path = path.removeprefix(prefix.removesuffix("/"))
    with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        for form in (path, f"{path}/"):  # Django leads from the one to the other
            with suppress(Resolver404):
                match = resolve(form)
                if (match.app_name, match.url_name) in PAGES:
                    return str(match.kwargs.get("uuid") or match.kwargs["name"]).partition(";")[0]
    raise Http404


def _rich(request: HttpRequest, video: VideoPresenter) -> dict[str, object]:
    width = min(WIDTH, _limit(request, "maxwidth"), _limit(request, "maxheight") * WIDTH // HEIGHT)
    height = width * HEIGHT // WIDTH
    frame = {"address": video.embed, "video": video, "width": width, "height": height}
    thumbnail = {
        "thumbnail_url": absolute(request.build_absolute_uri("/"), video.open_thumbnail),
        "thumbnail_width": width,
        "thumbnail_height": height,
    }
    return {
        "type": "video",
        "version": "1.0",
        "title": video.title,
        "author_name": video.channel.name,
        "author_url": request.build_absolute_uri(video.channel.page),
        "provider_name": look_of(request).name,
        "provider_url": request.build_absolute_uri(get_script_prefix()),
        "width": width,
        "height": height,
        "html": render_to_string("peertube_sync/parts/frame.html", frame).strip(),
        **(thumbnail if video.open_thumbnail else {}),
    }


def _limit(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return max(int(text), 2) if text.isascii() and text.isdecimal() and len(text) < 6 else WIDTH
