"""An idle instance whose bell is proven: what it is asked in weeks that pass in moments, at the site's settings.

Nothing changes there, so all that it is asked is what walks and rotations cost. Time leaps from each thing that is due
to the next; only answers take their time.
"""

import argparse
import random
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import time_machine
from django.core.management import call_command
from django.utils import timezone

from peertube_sync.conf import get_settings
from peertube_sync.models import Follow, Video
from peertube_sync.testing import Catalogue, Sandbox
from tests.support.mirror import Mirror
from tests.support.served import served_with_doorbell

DAY = timedelta(days=1)
DAYS = 28
"""Four weeks: waits have a jitter of a fifth and more, and the heartbeat of the bell comes once in a week."""
RARE = {"sweep_interval": 7 * 24 * 3600, "rotation_interval": 10 * get_settings().rotation_interval}
"""Settings for those who look as rarely as a bell allows: a proven one makes eight rotations of one, so 80 of these."""
MOST = {"defaults": 250.0, "rare": 40.0}
"""Requests a day of an instance with 5,000 videos."""


@dataclass
class Outcome:
    """Requests of each day, and of all of them by what was asked."""

    days: list[int]
    asked: Counter[str]
    proven: bool

    @property
    def a_day(self) -> float:
        """How many there were on average."""
        return sum(self.days) / len(self.days)


def main(given: argparse.Namespace) -> int:
    """Let weeks pass at the defaults, and at the rare settings; returns 1 where it costs too much."""
    bad = 0
    for name, changed in (("defaults", {}), ("rare", RARE)):
        call_command("flush", interactive=False, verbosity=0)
        with served_with_doorbell():
            outcome = idle(given.videos, given.seed, changed)
        bad += outcome.a_day > MOST[name] or not outcome.proven
        asked = ", ".join(f"{number} {what}" for what, number in outcome.asked.most_common())
        sys.stdout.write(
            f"{name}: {given.videos} videos, {outcome.a_day:.1f} requests a day (at most {MOST[name]:.0f}), by day"
            f" {outcome.days}; {asked}; the bell is {'still' if outcome.proven else 'no longer'} proven\n"
        )
        sys.stdout.flush()
    return int(bad > 0)


def idle(videos: int, seed: int, changed: dict[str, int]) -> Outcome:
    """Mirror an instance, prove its bell, and let four weeks pass; the same seed draws the same jitter."""
    random.seed(seed)
    with Sandbox(Catalogue.generate(videos=videos, seed=seed), limit=None) as sandbox:
        mirror = Mirror(sandbox)
        mirror.add()
        assert mirror.sync(details=False).errors == []
        _as_read(timezone.now())
        assert mirror.sync(**changed).errors == []
        sandbox.federation.deliveries.wait()
        assert mirror.sync(full=True, **changed).errors == []
        assert Follow.objects.proven().exists()
        since, days = len(sandbox.log), []
        began = timezone.now()
        for number in range(1, DAYS + 1):
            asked = len(sandbox.log)
            _pass(mirror, began + number * DAY, changed)
            days.append(len(sandbox.log) - asked)
        asked_by_kind = Counter(_kind(path) for path in mirror.asked(since))
        return Outcome(days, asked_by_kind, Follow.objects.proven().exists())


def _as_read(now: datetime) -> None:
    """Take the details, captions and chapters of all videos for read, as they are after the first rotation."""
    read = {"details_fetched_at": now, "details_due_at": None}
    Video.objects.update(**read, captions_fetched_at=now, captions_due_at=now + DAY)


def _pass(mirror: Mirror, end: datetime, changed: dict[str, int]) -> None:
    """Do what becomes due until `end`, each at its time."""
    while (due := mirror.instance.next_due_at) and due < end:
        with time_machine.travel(max(due, timezone.now()) + timedelta(seconds=1), tick=True):
            while mirror.slice(**changed).more:
                pass
            mirror.sandbox.federation.deliveries.wait()


def _kind(path: str) -> str:
    """Return what was asked, without uuids, names and pages."""
    parts = path.partition("?")[0].split("/")
    return "/".join(part for part in parts if part in KINDS) or path


KINDS = frozenset(
    {"videos", "captions", "chapters", "config", "video-channels", "video-playlists", "accounts", "inbox", "search"}
)
