"""Addresses of PeerTube videos in rich text and embed blocks: a video that is mirrored is shown click-to-play."""

from datetime import timedelta

from django.template.loader import render_to_string
from django.utils.timezone import now
from wagtail.embeds.exceptions import EmbedNotFoundException
from wagtail.embeds.finders.base import EmbedFinder

from peertube_sync.conf import get_settings
from peertube_sync.site.presenters import VideoPresenter
from peertube_sync.site.shown import show_video

SCHEMES = ("http://", "https://")


class PeerTubeFinder(EmbedFinder):
    """Finds mirrored videos by any address of theirs; all others are for the finders that follow."""

    def accept(self, url: str) -> bool:
        """Tell whether it is the address of a video that may be shown here."""
        return url.strip().lower().startswith(SCHEMES) and show_video(url)["video"] is not None

    def find_embed(self, url: str, max_width: int | None = None, max_height: int | None = None) -> dict[str, object]:
        """Return what Wagtail keeps of it, for PUBLIC_MAX_AGE seconds, so that what is hidden here soon is there.

        It has no size, which the player takes from the page.
        """
        shown = show_video(url)
        video = shown["video"]
        if not isinstance(video, VideoPresenter):
            raise EmbedNotFoundException
        return {
            "title": video.title,
            "author_name": video.channel.name,
            "provider_name": video.instance.name,
            "type": "video",
            "thumbnail_url": video.open_thumbnail,
            "width": None,
            "height": None,
            "html": render_to_string("peertube_sync/parts/player.html", shown),
            "cache_until": now() + timedelta(seconds=get_settings().public_max_age),
        }


embed_finder_class = PeerTubeFinder
