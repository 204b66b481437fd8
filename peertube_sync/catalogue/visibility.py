"""The videos that may be shown: pages, feeds, tags and both APIs take them from here alone.

The site's policy about sensitive videos is applied here, so that none of these can forget it; no other module of this
package reads the settings. What isn't public is found here too, by callers that ask for `Side.PRIVATE`.
"""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache, wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from peertube_sync.conf import get_settings
from peertube_sync.models import Video
from peertube_sync.models.base import Tombstone
from peertube_sync.models.video import VideoQuerySet
from peertube_sync.models.words import as_fact

T = TypeVar("T")

PERMISSION = "peertube_sync.view_private_video"


class Side(Enum):
    """What everybody may see, or what only users with PERMISSION may: no answer has videos of both."""

    PUBLIC = "public"
    PRIVATE = "private"


def may_see_private(user: Any) -> bool:
    """Tell whether `user` may see what isn't public; None is nobody."""
    return user is not None and user.has_perm(PERMISSION)


def has_session(request: HttpRequest) -> bool:
    """Tell whether a cookie names a session. Looking at one would have caches keep an answer for each visitor.

    One with a NUL names none, and PostgreSQL couldn't even be asked for it.
    """
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return key is not None and "\0" not in key


def nsfw_policy() -> str:
    """Return what the site wants of sensitive videos: "show", "blur" or "hide"."""
    return get_settings().nsfw_policy


def blurs_nsfw() -> bool:
    """Tell whether pictures of sensitive videos are blurred until somebody wants to see them."""
    return get_settings().nsfw_policy == "blur"


def prepared_by_policy(make: Callable[..., T]) -> Callable[..., T]:
    """Keep what `make` returns, querysets or statements: to put one together takes longer than to run it.

    They are kept by the policy too, which is in them.
    """
    kept = lru_cache(maxsize=256)(lambda _policy, *arguments: make(*arguments))

    @wraps(make)
    def prepare(*arguments: Any) -> T:
        prepared: T = kept(get_settings().nsfw_policy, *arguments)
        if isinstance(prepared, QuerySet):
            return prepared.all()  # what is read isn't kept
        return prepared

    return prepare


@prepared_by_policy
def available(side: Side = Side.PUBLIC) -> VideoQuerySet:
    """Return the videos of a side that may be asked for one by one."""
    return _by_policy(Video.objects.available() if side is Side.PUBLIC else Video.objects.kept_back())


@prepared_by_policy
def listed(side: Side = Side.PUBLIC) -> VideoQuerySet:
    """Return the videos of a side that lists show."""
    return _by_policy(Video.objects.listed() if side is Side.PUBLIC else Video.objects.kept_back())


def was_taken_back(model: type[Any], named: Q) -> bool:
    """Tell whether everybody could see the row that is `named` here until its source deleted or withdrew it.

    That is all that is told of it. Of what this site itself withholds (hidden, sensitive, opted out) nothing is told.
    """
    if not issubclass(model, Tombstone):
        return False
    manager: Any = model._default_manager
    rows = taken_back() if model is Video else manager.taken_back()
    return bool(rows.filter(named).exists())


def taken_back() -> VideoQuerySet:
    """Return the videos that everybody could see here until their source deleted or withdrew them."""
    return _by_policy(Video.objects.taken_back())


def facts_of_policy() -> list[list[str]]:
    """Return what the policy makes true of every video that lists show."""
    return [[as_fact("nsfw", False)]] if get_settings().nsfw_policy == "hide" else []  # noqa: FBT003 - the value


def _by_policy(rows: VideoQuerySet) -> VideoQuerySet:
    return rows.filter(nsfw=False) if get_settings().nsfw_policy == "hide" else rows
