"""Churn: a catalogue that changes in every way it can, between the pages that a mirror reads of it.

A seed decides what changes and when: after each slice, which ends after its first page or question. When the
changes end, one complete sweep and one rotation have to make the copy equal, whatever it went through.

With the doorbell on, changes ring too, but not all: some deliveries are lost, others come twice, late, out of order or
forged; half-way the sandbox forgets its follower and changes its keys. The bell was proven before, so walks have to
find it doubtful, and it is followed again.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from peertube_sync.models import Follow, Playlist, Ring, RunKind, RunState, SourceState, Video
from peertube_sync.sync.audit.instance import audit
from peertube_sync.sync.schedule import GRACE, make_due
from peertube_sync.sync.walks.missing import decide
from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.convergence.changes import Changer
from tests.proofs.convergence.truth import untrue
from tests.support.mirror import Mirror
from tests.support.served import served_with_doorbell

INSTANT = 1e-9
"""A slice of this many seconds ends after its first page or question."""
SHOWN = 20
"""Of the differences of one seed."""
WALKS = 4
"""So many walks through the lists, most of them complete ones, see the changes."""
QUESTIONS = 30
"""About so many about single videos follow each of them."""
FAULTS: dict[str, Any] = {"lost": 0.1, "doubled": 0.05, "forged": 0.05, "late": 0.2, "unordered": True}
"""What happens to deliveries where the bell is on: shares, and seconds."""
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
    bell: str = ""
    doubts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {len(self.differences)} differences, {self.videos} videos after"
            f" {self.changes} changes ({len(self.kinds)} kinds) and one deletion of {self.channel_deleted},"
            f" during {self.slices} slices and {self.sweeps} sweeps;"
            f" {self.requests} requests, {self.seconds:.0f} s{self.bell}"
        )


def main(given: argparse.Namespace) -> int:
    """Churn once per seed, print a line for each and a summary; returns 1 when anything differs."""
    bad = 0
    for seed in range(given.first, given.first + given.seeds):
        call_command("flush", interactive=False, verbosity=0)
        with served_with_doorbell() if given.bell else nullcontext():
            outcome = churn(seed, given.videos, given.changes, bell=given.bell)
        bad += bool(outcome.differences) or (given.bell and not outcome.doubts)
        sys.stdout.write("".join(f"{line}\n" for line in (outcome, *outcome.differences[:SHOWN])))
        sys.stdout.flush()
    doubtful = ", their bells found doubtful where rings were lost" if given.bell else ""
    sys.stdout.write(f"{given.seeds - bad} of {given.seeds} seeds without a difference{doubtful}\n")
    return int(bad > 0)


def churn(seed: int, videos: int, changes: int, *, bell: bool = False) -> Outcome:
    """Mirror a catalogue of `videos` while it changes, let it rest, and compare; with a `bell` this site is served."""
    began = time.monotonic()
    catalogue = Catalogue.generate(videos=videos, seed=seed)
    with Sandbox(catalogue, limit=None) as sandbox:
        mirror = Mirror(sandbox)
        mirror.add()
        sandbox.federation.deliveries.bodies = False
        changer = Changer(catalogue, Random(seed))
        changer.gather(videos // GREAT)
        doubts: list[str] = []
        if bell:
            _prove(mirror)
            sandbox.federation.set_deliveries(**FAULTS)
        slices, deleted = _churn(mirror, changer, videos, changes, doubts)
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
            bell=_bell(sandbox, doubts) if bell else "",
            doubts=doubts,
        )


def _prove(mirror: Mirror) -> None:
    """Mirror all, be followed, and walk through it once more, so that the bell is relied on."""
    mirror.sync()
    mirror.sandbox.federation.deliveries.wait()
    mirror.sync(full=True)
    if not Follow.objects.proven().exists():
        message = "the bell isn't proven by a walk after the acceptance"
        raise AssertionError(message)


def _churn(mirror: Mirror, changer: Changer, videos: int, changes: int, doubts: list[str]) -> tuple[int, int]:
    """Let each walk see its part of the changes, a few after each slice.

    Returns how many slices that took, and how many videos went at once with their channel. Why a bell was found
    doubtful is added to `doubts`.
    """
    random, slices, deleted = changer.random, 0, 0
    at_once = changes // WALKS // (videos // 100 + QUESTIONS) + 1
    for walk in range(1, WALKS + 1):
        make_due(mirror.instance.sources.all(), full=walk == WALKS or random.random() < 0.8)
        for _ in _slices(mirror, random.randrange(2 * QUESTIONS)):
            slices += 1
            for _ in range(min(random.randrange(2 * at_once + 1), changes * walk // WALKS - changer.done.total())):
                changer.change()
            if changer.done.total() >= changes // 2 and changer.great:
                deleted += changer.delete_great()
                mirror.sandbox.federation.forget_followers()
                mirror.sandbox.federation.change_keys()
        doubts += _doubts_after(mirror)
    while changer.done.total() < changes:
        changer.change()
    return slices, deleted


def _doubts_after(mirror: Mirror) -> list[str]:
    """Let what was delivered late come, and the time go by for which a ring may be; return what is in doubt by then."""
    follow = Follow.objects.filter(host=mirror.sandbox.host)
    if not follow.exists():
        return []
    before = follow.get().doubted_at
    mirror.sandbox.federation.deliveries.wait()
    mirror.slice()
    Ring.objects.filter(missed_at__isnull=False).update(missed_at=F("missed_at") - GRACE)
    mirror.slice()
    mirror.sandbox.federation.deliveries.wait()
    after = follow.get()
    return [after.doubt] if after.doubted_at != before else []


def _bell(sandbox: Sandbox, doubts: list[str]) -> str:
    """Tell what was delivered, how many rings came of it, how often it was doubted, and how the follow stands."""
    log = sandbox.federation.deliveries.log
    good = sum(one.status == 202 for one in log if not one.forged)
    taken = sum(one.status == 202 for one in log if one.forged)
    follow = Follow.objects.get(host=sandbox.host)
    doubted = "".join(f"\n  doubted: {doubt}" for doubt in doubts)
    return (
        f"\n  {len(log)} deliveries arrived, {good} genuine ones and {taken} forged ones were answered with 202;"
        f" {Ring.objects.filter(instance__host=sandbox.host).count()} things rang;"
        f" the bell was doubtful {len(doubts)} times, and the follow is {follow.state}{doubted}"
    )


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
