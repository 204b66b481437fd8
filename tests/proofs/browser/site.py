"""The small demo that browsers look at: started in a process of its own, known by its addresses alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import requests

from peertube_sync.testing import Catalogue, Sandbox
from tests.support.paths import ROOT

VIDEOS = 60
BEST = "How tide pools breathe"
TEXT = """Twice a day the sea leaves, and everything that stays behind holds its breath.

We filmed **six weeks** on the rocks below the old light, with a borrowed macro lens:

- limpets that go home
- anemones that fight for a hand's breadth of stone
- a blenny that watches back

Notes and sources: https://example.org/tide-pools"""
CHAPTERS = ((0, "Low water"), (95, "Who lives where"), (260, "The limpet's way home"), (540, "The tide returns"))


@dataclass(frozen=True)
class Site:
    """A running site at `url` that mirrors the instance `host`."""

    url: str
    host: str

    def ask(self, path: str, **query: object) -> Any:
        """Return what the API answers."""
        answer = requests.get(f"{self.url}/api/{path}/", query, timeout=30)
        answer.raise_for_status()
        return answer.json()

    @cached_property
    def pages(self) -> dict[str, str]:
        """One address of every kind of page, by its name."""
        (video,) = self.ask("videos", q=BEST, page_size=1)["results"]
        (playlist,) = self.ask("playlists", instance=self.host, page_size=1)["results"]
        channel = f"/channels/{video['channel']['name']}@{self.host}/"
        account = f"/accounts/{video['account']['name']}@{self.host}/"
        return {
            "home": "/",
            "videos": "/videos/",
            "search": "/videos/?q=night",
            "named": "/videos/?q=harbour",
            "nothing": "/videos/?q=nowhere",
            "mistake": "/videos/?category=x",
            "missing": "/videos/nowhere/",
            "video": f"/videos/{video['short_uuid']}/",
            "playing": f"/videos/{video['short_uuid']}/?play=1&start=30",
            "channels": "/channels/",
            "channel": channel,
            "channel-playlists": f"{channel}playlists/",
            "channel-about": f"{channel}about/",
            "within": f"{channel}?q=tide&ordering=-views",
            "nothing-within": f"{channel}?q=nowhere",
            "accounts": "/accounts/",
            "account": account,
            "account-channels": f"{account}channels/",
            "playlists": "/playlists/",
            "playlist": f"/playlists/{playlist['short_uuid']}/",
            "instances": "/instances/",
            "instance": f"/instances/{self.host}/",
            "instance-channels": f"/instances/{self.host}/channels/",
            "instance-about": f"/instances/{self.host}/about/",
        }


def peaceful_catalogue() -> Catalogue:
    """Return a catalogue with a live, and a video that has everything."""
    catalogue = Catalogue.generate(videos=VIDEOS, seed=1)
    newest = catalogue.local_videos()
    catalogue.start_live(newest[5]["uuid"])
    best = newest[0]["uuid"]
    catalogue.edit_video(best, name=BEST, description=TEXT, language="en", duration=754, nsfw=False)
    catalogue.set_tags(best, ("tide pools", "biology", "coast"))
    catalogue.set_captions(best, ("en", "fr", "de"))
    catalogue.set_chapters(best, CHAPTERS)
    return catalogue


@contextmanager
def running_site(directory: Path, catalogue: Catalogue | None = None, **environment: str) -> Iterator[Site]:
    """Run a site in `directory` that mirrors a sandbox of `catalogue`, else of a peaceful one, and goes on syncing."""
    with (
        Sandbox(catalogue or peaceful_catalogue(), limit=None) as sandbox,
        mirroring(directory, sandbox, **environment) as site,
    ):
        yield site


@contextmanager
def mirroring(directory: Path, sandbox: Sandbox, **environment: str) -> Iterator[Site]:
    """Run a site in `directory` that mirrors `sandbox`, with more of an `environment`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PEERTUBE_SYNC_")}
    with (
        (directory / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.proofs.browser.serve", str(directory), sandbox.url],
            cwd=ROOT,
            env={**inherited, "PICTURES_FOLDER": str(directory / "pictures"), **environment},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            assert address, (directory / "log").read_text()
            yield Site(address, sandbox.host)
        finally:
            process.terminate()
