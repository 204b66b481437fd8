"""The videos that the public may see: the one door through which pages, feeds, tags and both APIs take them.

It knows what the site wants of sensitive videos, so that none of these has to remember it. Of all modules here it
alone reads the settings.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django.db.models import QuerySet

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


def prepared(make: Callable[..., QuerySet[Any, Any]]) -> Callable[..., QuerySet[Any, Any]]:
    """Keep the querysets that `make` returns: to put one together takes longer than the database needs for it.

    They are kept by the policy too, which is in them.
    """
    kept = lru_cache(maxsize=256)(lambda _policy, *given: make(*given))

    @wraps(make)
    def prepare(*given: Any) -> QuerySet[Any, Any]:
        found: QuerySet[Any, Any] = kept(get_settings().nsfw_policy, *given)
        return found

    return prepare


def _as_wanted(rows: VideoQuerySet) -> VideoQuerySet:
    return rows.filter(nsfw=False) if get_settings().nsfw_policy == "hide" else rows
