"""A process that fetches pictures is killed at any moment: no picture that is shown is broken, no file stays behind."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import Path
from random import Random

from django.conf import settings as site
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone
from PIL import Image

from peertube_sync.conf import get_settings
from peertube_sync.ingest.pictures.keeping import file_name
from peertube_sync.models import HostBudget, Instance, Picture
from peertube_sync.sync.slices import run_slice
from peertube_sync.testing import Catalogue, Sandbox
from tests.support.paths import ROOT

VIDEOS = 12
LONGEST = 0.6
"""Seconds after which a process is killed at the latest."""
VARIABLES = {
    "PEERTUBE_SYNC_PICTURES": "site",
    "PEERTUBE_SYNC_PICTURES_PER_SECOND": "10000",
    "PEERTUBE_SYNC_PICTURES_BYTES_PER_SECOND": "1000000000000",
}


@dataclass
class Outcome:
    """What the kills came to: how many pictures were `looked` at, which were `broken`, and the files of nobody."""

    looked: int = 0
    broken: list[str] = field(default_factory=list)
    left: int = 0
    orphans: list[str] = field(default_factory=list)


def prepare(sandbox: Sandbox) -> None:
    """Mirror a sandbox, without its pictures."""
    call_command("peertube_add", sandbox.host, stdout=StringIO())
    run_slice(Instance.objects.get(), get_settings())


def run(folder: Path, kills: int, random: Random, variables: Mapping[str, str]) -> Outcome:
    """Kill a fetching process `kills` times, look each time at all pictures, and clean up in the end."""
    outcome = Outcome()
    for kill in range(kills):
        _kill(random.uniform(0, LONGEST), kill, {**VARIABLES, **variables, "PICTURES_FOLDER": str(folder)})
        for picture in Picture.objects.exclude(file=""):
            outcome.looked += 1
            outcome.broken += _broken(folder, picture)
    outcome.left = len(_files(folder) - _named(folder))
    Picture.objects.update(claimed_until=timezone.now())  # as if the time were over for which a killed process has it
    place = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder)}}
    wanted = {**site.PEERTUBE_SYNC, "PICTURES": "site"}
    with override_settings(STORAGES={**site.STORAGES, "peertube_pictures": place}, PEERTUBE_SYNC=wanted):
        call_command("peertube_pictures", "--prune", stdout=StringIO())
    outcome.orphans = [str(path) for path in _files(folder) - _named(folder)]
    return outcome


def _kill(after: float, seed: int, variables: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "tests.proofs.convergence.picture_fetcher", str(seed)]
    HostBudget.objects.all().delete()
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        _wait_for_a_picture()
        time.sleep(after)
        process.kill()


def _wait_for_a_picture() -> None:
    """Let a slow machine get so far that there is something to be broken."""
    end = time.monotonic() + 30
    while not Picture.objects.exclude(file="").exists() and time.monotonic() < end:
        time.sleep(0.02)


def _broken(folder: Path, picture: Picture) -> list[str]:
    found = []
    for size in picture.sizes:
        try:
            Image.open(BytesIO((folder / file_name(picture.file, size)).read_bytes())).load()
        except OSError as error:
            found.append(f"{picture} {size}: {error}")
    return found


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def _named(folder: Path) -> set[Path]:
    kept = Picture.objects.exclude(file="")
    return {folder / file_name(picture.file, size) for picture in kept for size in picture.sizes}


def main(given: argparse.Namespace) -> int:
    """Run the proof in a site of its own; returns the exit status."""
    began, folder = time.monotonic(), Path(given.directory) / "pictures"
    with Sandbox(Catalogue.generate(videos=VIDEOS, seed=3), limit=None) as sandbox:
        prepare(sandbox)
        outcome = run(folder, given.kills, Random(given.seed), {})
    told = f"{given.kills} kills: {outcome.looked} pictures looked at, {len(outcome.broken)} broken; "
    told += f"{outcome.left} files of nobody, {len(outcome.orphans)} after --prune"
    sys.stdout.write(f"{told}, in {time.monotonic() - began:.0f} s\n")
    sys.stdout.writelines(f"{one}\n" for one in (*outcome.broken, *outcome.orphans))
    return int(bool(outcome.broken or outcome.orphans) or not outcome.looked)
