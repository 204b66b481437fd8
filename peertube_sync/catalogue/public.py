"""The videos that the public may see: the one door through which pages, feeds, tags and both APIs take them.

It knows what the site wants of sensitive videos, so that none of these has to remember it. Of all modules here it
alone reads the settings.
"""

from peertube_sync.conf import get_settings
from peertube_sync.models import Video
from peertube_sync.models.video import VideoQuerySet


def available() -> VideoQuerySet:
    """Return the videos that may be asked for one by one."""
    return _as_wanted(Video.objects.available())


def listed() -> VideoQuerySet:
    """Return the videos that lists show."""
    return _as_wanted(Video.objects.listed())


def blurs() -> bool:
    """Tell whether pictures of sensitive videos are blurred until somebody wants to see them."""
    return get_settings().nsfw_policy == "blur"


def _as_wanted(rows: VideoQuerySet) -> VideoQuerySet:
    return rows.filter(nsfw=False) if get_settings().nsfw_policy == "hide" else rows
