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
PAGES = {
    "home": "/",
    "videos": "/videos/",
    "search": "/videos/?q=night",
    "typo": "/videos/?q=afternon",
    "named": "/videos/?q=harbour",
    "nothing": "/videos/?q=nowhere",
    "mistake": "/videos/?category=x",
    "missing": "/videos/nowhere/",
    "channels": "/channels/",
    "accounts": "/accounts/",
    "playlists": "/playlists/",
    "instances": "/instances/",
}
"""Pages that are there whatever there is to show."""


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
        """One address of every kind of page that there is, by its name."""
        return PAGES | self._of_a_video() | self._of_a_playlist() | self._of_the_instance()

    def _of_a_video(self) -> dict[str, str]:
        """Return the pages of BEST, else of the oldest video, and of whom it is."""
        queries: tuple[dict[str, str], ...] = ({"q": BEST}, {"ordering": "published_at"})
        found = next(filter(None, (self.ask("videos", **query, page_size=1)["results"] for query in queries)), [])
        if not found:
            return {}
        video = f"/videos/{found[0]['short_uuid']}/"
        channel = f"/channels/{found[0]['channel']['name']}@{self.host}/"
        account = f"/accounts/{found[0]['account']['name']}@{self.host}/"
        return {
            "video": video,
            "playing": f"{video}?play=1&start=30",
            "transcript": f"{video}transcript/",
            "channel": channel,
            "channel-playlists": f"{channel}playlists/",
            "channel-about": f"{channel}about/",
            "within": f"{channel}?q=tide&ordering=-views",
            "nothing-within": f"{channel}?q=nowhere",
            "account": account,
            "account-channels": f"{account}channels/",
        }

    def _of_a_playlist(self) -> dict[str, str]:
        found = self.ask("playlists", instance=self.host, page_size=1)["results"]
        return {"playlist": f"/playlists/{found[0]['short_uuid']}/"} if found else {}

    def _of_the_instance(self) -> dict[str, str]:
        instance = f"/instances/{self.host}/"
        return {
            "instance": instance,
            "instance-channels": f"{instance}channels/",
            "instance-about": f"{instance}about/",
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
