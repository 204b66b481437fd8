"""How often a source is looked at: by its own rhythm of publication. Plain arithmetic, no clock, no rows."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

RHYTHM_OF = 10
"""The rhythm is that of so many videos: a year ago, another one may have played."""
LOOKS = 20
"""Looks between two publications, so that a video is seen after a fortieth of the usual gap, on average."""
SLIGHT, WIDE = 0.1, 0.5
"""Jitter as a share of an interval: of what comes often, and of what is heavy and would come all at once."""


def head_interval(published: Sequence[datetime], now: datetime, shortest: timedelta, longest: timedelta) -> timedelta:
    """Return the time between two looks for new videos at a source.

    `published` are the times of its newest videos, newest first; NEWEST of them count. With t1 the newest, tk the
    oldest of these and k their number::

        silence  = max(now - t1, (now - tk) / k)
        interval = silence / LOOKS, at least `shortest`, at most `longest`

    So five videos a day are looked for every 14 minutes, one a day every 72 minutes, one a week every 8 hours;
    without a video for 20 days, or ever, it is a day. A time in the future counts as now.
    """
    ages = [max(now - at, timedelta()) for at in published[:RHYTHM_OF]]
    if not ages:
        return longest
    silence = max(ages[0], ages[-1] / len(ages))
    return max(shortest, min(longest, silence / LOOKS))


def jittered(interval: timedelta, share: float) -> timedelta:
    """Return `interval`, longer or shorter by up to `share` of it: what began together drifts apart."""
    return interval * random.uniform(1 - share, 1 + share)  # noqa: S311 - jitter, no secret
