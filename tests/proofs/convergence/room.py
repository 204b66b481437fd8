"""The room that pictures have, while sources change them, rows go and visitors look at whatever they like.

Half of all pictures fit. After each turn the files on the disk are measured, whatever the rows say of them.
"""

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from django.conf import settings as site
from django.core.management import call_command
from django.test import override_settings

from peertube_sync.conf import get_settings
from peertube_sync.ingest.pictures.keeping import settle_stale
from peertube_sync.models import HostBudget, Instance, Picture, Video
from peertube_sync.sync.operations.pictures import fetch_missing
from peertube_sync.sync.pictures import want
from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.convergence.pictures import prepare

MOST = 1.05
"""So many times the room the files may have, at any moment that is looked at."""
LEAST = 1_000_000
"""Bytes that the setting takes."""
LOOKS = 4
"""Pictures that visitors look at in a turn."""
POINTS = 20
"""Of the curve that is shown."""


@dataclass
class Outcome:
    """The bytes of all files after each turn, as parts of the room, and how many pictures came in all."""

    curve: list[float] = field(default_factory=list)
    changed: int = 0
    hidden: int = 0

    def __str__(self) -> str:
        step = max(1, len(self.curve) // POINTS)
        points = " ".join(f"{100 * part:.0f}" for part in self.curve[::step])
        return (
            f"{len(self.curve)} turns, {self.changed} pictures changed at the source, {self.hidden} videos hidden:"
            f" at most {100 * max(self.curve):.1f} % of the room, at least {100 * min(self.curve):.1f} % once it was"
            f" full\n  the curve, in % of the room: {points}"
        )


def main(given: argparse.Namespace) -> int:
    """Let a site's pictures churn; returns 1 where their files ever had more room than they may."""
    with Sandbox(Catalogue.generate(videos=given.videos, seed=given.seed), limit=None) as sandbox:
        prepare(sandbox)
        outcome = churn(sandbox.catalogue, Path(given.directory) / "pictures", given.turns, Random(given.seed))
    sys.stdout.write(f"{given.videos} videos, {outcome}\n")
    return int(max(outcome.curve) > MOST)


def churn(catalogue: Catalogue, folder: Path, turns: int, random: Random) -> Outcome:
    """Fetch all pictures to see what they take, halve the room, and let so many turns go by."""
    place = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder)}}
    pace = {"PICTURES_PER_SECOND": 10_000.0, "PICTURES_BYTES_PER_SECOND": 10**12}
    wanted = {**site.PEERTUBE_SYNC, "PICTURES": "site", **pace}
    storages = {**site.STORAGES, "peertube_pictures": place}
    with override_settings(STORAGES=storages, PEERTUBE_SYNC=wanted):
        _fetch()
        room = max(LEAST, _size(folder) // 2)
    outcome = Outcome()
    with override_settings(STORAGES=storages, PEERTUBE_SYNC={**wanted, "PICTURES_BYTES": room}):
        call_command("peertube_pictures", "--prune", verbosity=0, stdout=sys.stderr)
        for _turn in range(turns):
            _change(catalogue, outcome, random)
            settle_stale()
            for video in random.sample(list(Video.objects.available()), LOOKS):
                want("video", video.pk, video.instance_id, "")
            _fetch()
            outcome.curve.append(_size(folder) / room)
    return outcome


def _change(catalogue: Catalogue, outcome: Outcome, random: Random) -> None:
    """Let the source show another picture of a video, and now and then hide one, or show one again."""
    video = random.choice(list(Video.objects.all()))
    if random.random() < 0.2:
        outcome.hidden += video.privacy_id == 1
        Video.objects.filter(pk=video.pk).update(privacy_id=3 if video.privacy_id == 1 else 1)
        return
    path = f"/lazy-static/previews/{random.getrandbits(64):x}.jpg"
    catalogue.edit_video(str(video.uuid), preview=path)
    Video.objects.filter(pk=video.pk).update(preview_path=path, thumbnails=[])
    outcome.changed += 1


def _fetch() -> None:
    HostBudget.objects.all().delete()
    Picture.objects.filter(claimed_until__isnull=False).update(claim="", claimed_until=None)
    fetch_missing(list(Instance.objects.all()), get_settings())


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
