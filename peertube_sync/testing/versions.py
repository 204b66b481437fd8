"""What each release of PeerTube has: the tables of differences between versions, and the only place that has them.

The renderer writes the fullest form of every answer; `Version.shape` leaves out what the release doesn't have. What
isn't a key of an answer is a habit, and refusals have words of their own. Where only 6.3.0 and 8.2.1 were
seen, a change is dated 8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from peertube_sync.testing.problems import ProblemError

Release = tuple[int, ...]
Value = TypeVar("Value")

DEFAULT = "6.3.0"
_TEXT = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?")


class Span(NamedTuple):
    """The releases that have something: from `since` on, and before `until` if it went again."""

    since: Release = ()
    until: Release | None = None

    def holds(self, release: Release) -> bool:
        """Tell whether a release is one of them."""
        return self.since <= release and (self.until is None or release < self.until)


NEVER = Span(until=())

#: Keys that not every release has, by the shape that they are part of.
KEYS: dict[str, dict[str, Span]] = {
    "video": {
        "shortUUID": Span((3, 3)),
        "viewers": Span((4, 2)),
        "truncatedDescription": Span((5,)),
        "inputFileUpdatedAt": Span((6,)),
        "aspectRatio": Span((6, 1)),
        "commentsPolicy": Span((6, 2)),
        "comments": Span((7, 2)),
        "nsfwFlags": Span((7, 2)),
        "nsfwSummary": Span((7, 2)),
        "liveSchedules": Span((7, 3)),
        "thumbnails": Span((8, 1)),
        "embedPrivacyPolicy": Span((8, 1)),
        "downloads": Span((8, 2)),
        "descriptionPath": Span(until=(7,)),
        "commentsEnabled": Span(until=(8,)),
    },
    "own video": {"blockedOwner": Span((8,)), "blockedServer": Span((8,)), "tags": Span((8,))},
    "file": {"playlistUrl": Span((7, 1))},
    "caption": {
        "updatedAt": Span((5,)),
        "automaticallyGenerated": Span((6, 2)),
        "fileUrl": Span((7, 1)),
        "m3u8Url": Span((8,)),
    },
    "actor": {
        "avatar": Span(until=(6,)),
        "banner": Span(until=(6,)),
        "avatars": Span((4, 2)),
        "banners": Span((4, 2)),
        "publicEmail": Span((8,)),
    },
    # The owner of a channel in a list of channels, which 8.2.1 shows in short.
    "listed owner": {
        "followingCount": Span(until=(8,)),
        "followersCount": Span(until=(8,)),
        "createdAt": Span(until=(8,)),
        "updatedAt": Span(until=(8,)),
        "description": Span(until=(8,)),
        "userId": Span(until=(8,)),
    },
    "listed remote actor": {"hostRedundancyAllowed": Span(until=(8,))},
    "image": {"fileUrl": Span((7, 1)), "height": Span((7, 3))},
    # A picture of an actor in a list of videos.
    "listed image": {"fileUrl": Span((7, 1)), "height": NEVER},
    "playlist": {"shortUUID": Span((3, 3)), "videoChannelPosition": Span((7, 3)), "thumbnails": Span((8, 1))},
    "sorts of videos": {"comments": Span((7, 2)), "match": Span((8,)), "localVideoFilesSize": Span((8,))},
    "sorts of playlists": {"videoChannelPosition": Span((7, 3))},
    "videos/licences": {"8": Span((7, 3)), "9": Span((7, 3))},
    "config": {
        "federation": Span((7,)),
        "nsfwFlagsSettings": Span((7, 2)),
        "blocklist": Span((8,)),
        "fieldsConstraints": Span((8,)),
        "logo": Span((8,)),
        "webrtc": Span((8,)),
    },
    "instance": {
        "defaultLanguage": Span((8,)),
        "logo": Span((8,)),
        "serverCountry": Span((8,)),
        "social": Span((8,)),
        "support": Span((8,)),
    },
    "stats": {"totalLocalVideoDownloads": Span((8, 2))},
    "problem": {"error": Span(until=(8,))},
}

#: Whatever else a release does, or understands.
HABITS: dict[str, Span] = {
    "chapters": Span((6,)),
    "a route for descriptions": Span(until=(8,)),
    "whole descriptions in details": Span((5,)),
    "isLocal": Span((4,)),
    "filter": Span(until=(6,)),
    "host of listed videos": Span((7, 1)),
    "NSFW flags": Span((7, 2)),
    "short uuids in embed paths": Span((7, 1)),
    "previews among thumbnails": Span((8, 1)),
}


class Refusal(NamedTuple):
    """The words of a refusal, and the first release that uses them."""

    since: Release
    status: int
    detail: str
    code: str | None = None


_PASSWORD = "Please provide a password to access this password protected video"  # noqa: S105
_ALL_VIDEOS = "You are not allowed to see all videos"
_SIGN_IN = Refusal((8,), 401, "Authentication is required")

#: Refusals that were put into other words, the latest words last.
REFUSALS: dict[str, tuple[Refusal, ...]] = {
    "hidden video": (Refusal((), 401, "Not authenticated"), _SIGN_IN),
    "hidden parts": (Refusal((), 401, "Token is invalid", "unauthorized_request"), _SIGN_IN),
    "password": (
        Refusal((), 403, _PASSWORD, "video_requires_password"),
        Refusal((8,), 401, _PASSWORD, "video_requires_password"),
    ),
    "for moderators": (
        Refusal((), 401, f"{_ALL_VIDEOS}, specify a custom include or auto tags filter."),
        Refusal((8,), 401, f"{_ALL_VIDEOS}, specify a custom include, auto tags or state filter"),
    ),
}


@dataclass(frozen=True)
class Version:
    """A release by its number, such as "8.2.1". Raises ValueError for a text that doesn't begin with a number."""

    text: str = DEFAULT

    def __post_init__(self) -> None:
        if _TEXT.match(self.text) is None:
            raise ValueError(f"{self.text!r} is not a version of PeerTube; write one as 8.2.1")

    @cached_property
    def release(self) -> Release:
        """Return the numbers, which can be compared; () for a text that has none."""
        found = _TEXT.match(self.text)
        return tuple(int(part) for part in found.groups() if part) if found else ()

    def has(self, habit: str) -> bool:
        """Tell whether the release does or understands one of `HABITS`."""
        return HABITS[habit].holds(self.release)

    def knows(self, kind: str, key: str) -> bool:
        """Tell whether a shape has a key: for what isn't worth making only to be left out."""
        return key not in self._lacking[kind]

    def shape(self, kind: str, facts: Mapping[str, Value]) -> dict[str, Value]:
        """Return what the release has of an object in its fullest form; `kind` is a shape of `KEYS`."""
        lacking = self._lacking[kind]
        return {key: value for key, value in facts.items() if key not in lacking}

    def refusal(self, name: str) -> ProblemError:
        """Return one of `REFUSALS` in the words of the release."""
        words = [refusal for refusal in REFUSALS[name] if refusal.since <= self.release][-1]
        return ProblemError(words.status, words.detail, code=words.code)

    @cached_property
    def _lacking(self) -> dict[str, frozenset[str]]:
        return {
            kind: frozenset(key for key, span in keys.items() if not span.holds(self.release))
            for kind, keys in KEYS.items()
        }
