"""Churn: a catalogue that changes in every way it can, between the pages that a mirror reads of it.

A seed decides what changes and when: after each slice, which ends after its first page or question. When the
changes end, one complete sweep and one rotation have to make the copy equal, whatever it went through.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from django.core.management import call_command
from django.utils import timezone

from peertube_sync.models import Playlist, RunKind, RunState, SourceState, Video
from peertube_sync.sync.audit.instance import audit
from peertube_sync.sync.schedule import make_due
from peertube_sync.sync.walks.missing import decide
from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.convergence.changes import Changer
from tests.proofs.convergence.truth import untrue
from tests.support.mirror import Mirror

INSTANT = 1e-9
"""A slice of this many seconds ends after its first page or question."""
SHOWN = 20
"""Of the differences of one seed."""
WALKS = 4
"""So many walks through the lists, most of them complete ones, see the changes."""
QUESTIONS = 30
"""About so many about single videos follow each of them."""
GREAT = 10
"""One channel has this part of all videos, and is deleted at once when half of the changes are made."""


@dataclass
class Outcome:
    """What one seed came to: `differences` is empty where the copy is equal in the end."""

    seed: int
    videos: int
    changes: int
    kinds: Counter[str]
    channel_deleted: int
    slices: int
    sweeps: int
    requests: int
    seconds: float
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {len(self.differences)} differences, {self.videos} videos after"
            f" {self.changes} changes ({len(self.kinds)} kinds) and one deletion of {self.channel_deleted},"
            f" during {self.slices} slices and {self.sweeps} sweeps;"
            f" {self.requests} requests, {self.seconds:.0f} s"
        )


def main(given: argparse.Namespace) -> int:
    """Churn once per seed, print a line for each and a summary; returns 1 when anything differs."""
    bad = 0
    for seed in range(given.first, given.first + given.seeds):
        call_command("flush", interactive=False, verbosity=0)
        outcome = churn(seed, given.videos, given.changes)
        bad += bool(outcome.differences)
        sys.stdout.write("".join(f"{line}\n" for line in (outcome, *outcome.differences[:SHOWN])))
        sys.stdout.flush()
    sys.stdout.write(f"{given.seeds - bad} of {given.seeds} seeds without a difference\n")
    return int(bad > 0)


def churn(seed: int, videos: int, changes: int) -> Outcome:
    """Mirror a catalogue of `videos` while it changes, let it rest, and compare."""
    began = time.monotonic()
    catalogue = Catalogue.generate(videos=videos, seed=seed)
    with Sandbox(catalogue, limit=None) as sandbox:
        mirror = Mirror(sandbox)
        mirror.add()
        changer = Changer(catalogue, Random(seed))
        changer.gather(videos // GREAT)
        slices, deleted = _churn(mirror, changer, videos, changes)
        sweeps = mirror.source.runs.filter(kind=RunKind.SWEEP, state=RunState.DONE).count()
        errors = _settle(mirror)
        return Outcome(
            seed=seed,
            videos=len(mirror.listed()),
            changes=changer.done.total(),
            kinds=changer.done,
            channel_deleted=deleted,
            slices=slices,
            sweeps=sweeps,
            requests=len(sandbox.log),
            seconds=time.monotonic() - began,
            differences=[*errors, *untrue(catalogue, mirror.instance), *_verified(mirror)],
        )


def _churn(mirror: Mirror, changer: Changer, videos: int, changes: int) -> tuple[int, int]:
    """Let each walk see its part of the changes, a few after each slice.

    Returns how many slices that took, and how many videos went at once with their channel.
    """
    random, slices, deleted = changer.random, 0, 0
    at_once = changes // WALKS // (videos // 100 + QUESTIONS) + 1
    for walk in range(1, WALKS + 1):
        make_due(mirror.instance.sources.all(), full=walk == WALKS or random.random() < 0.8)
        for _ in _slices(mirror, random.randrange(2 * QUESTIONS)):
            slices += 1
            for _ in range(min(random.randrange(2 * at_once + 1), changes * walk // WALKS - changer.done.total())):
                changer.change()
            if changer.done.total() >= changes // 2:
                deleted += changer.delete_great()
    while changer.done.total() < changes:
        changer.change()
    return slices, deleted


def _verified(mirror: Mirror) -> list[str]:
    """Ask the source again, as `peertube_verify HOST --all` does."""
    result = audit(mirror.instance, mirror.settings(), sample=None)
    return [*map(str, result.differences), *filter(None, [result.error])]


def _slices(mirror: Mirror, questions: int) -> Iterator[None]:
    """Read the lists to their end, then ask so many questions about single videos; yield after each slice."""
    while mirror.slice(details=False, slice_seconds=INSTANT).more:
        yield
    for _ in range(questions):
        mirror.slice(slice_seconds=INSTANT)
        yield


def _settle(mirror: Mirror) -> list[str]:
    """One more sweep and one rotation; a person, if asked, says that what is gone is gone."""
    errors = mirror.sync(full=True, details=False).errors
    if mirror.source.state == SourceState.SUSPICIOUS:
        decide(mirror.instance, accept=True)
        errors = mirror.sync(details=False).errors
    mirror.everything_due()
    Video.objects.exclude(removed_at=None).exclude(details_due_at=None).update(details_due_at=timezone.now())
    Playlist.objects.filter(removed_at=None).update(elements_due_at=timezone.now())
    return [*errors, *mirror.sync().errors]
