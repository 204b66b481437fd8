"""A recorded catalogue, and a site that mirrors it: both over real HTTP, for clients that others wrote to read."""

import http.client
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.support.paths import ROOT
from tests.support.snapshot import Kept, made_once
from tests.support.worlds import WORLDS

MANY = 60
"""Videos that are looked at one by one; of the catalogues in the repository, which are smaller, all are."""
UNLIMITED = 1_000_000


@dataclass(frozen=True)
class Answer:
    """An answer as it came, no redirect followed."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Pair:
    """A PeerTube, and a site that mirrors all of it."""

    sandbox: Sandbox
    site: str

    @property
    def home(self) -> str:
        """The address of the PeerTube."""
        return self.sandbox.url

    def videos(self, most: int = MANY) -> list[dict[str, Any]]:
        """Return videos of the home, as its list shows them: `most` of all, evenly spread over it."""
        rows = self.sandbox.catalogue.local_videos(self.sandbox.host)
        return rows[:: max(1, len(rows) // most)][:most]

    def all(self, kind: str, root: str = "") -> list[dict[str, Any]]:
        """Return all rows that a list at home has (`video-channels`), or at another `root`."""
        found: list[dict[str, Any]] = []
        while page := ask(root or self.home, f"/api/v1/{kind}", start=len(found), count=100)["data"]:
            found += page
        return found

    def own(self, kind: str) -> list[dict[str, Any]]:
        """Return what is at home there, of all rows that the list shows."""
        return [row for row in self.all(kind) if row.get("host", self.sandbox.host) == self.sandbox.host]


def fetch(address: str, **headers: str) -> Answer:
    """Ask for an address, and follow nothing."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request("GET", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def ask(root: str, path: str, **query: Any) -> Any:
    """Return the JSON at a path, which has to be there."""
    answer = fetch(f"{root}{path}{f'?{urlencode(query)}' if query else ''}")
    assert answer.status == 200, (path, answer.status, answer.body[:500])
    return json.loads(answer.body)


@pytest.fixture(autouse=True)
def _unlimited(settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "COMPAT_RATE_LIMIT": UNLIMITED}


@pytest.fixture(scope="session")
def node() -> Path:
    """The folder with the packages of `node/package.json`, kept between runs; needs node and, once, the network."""
    if not shutil.which("npm"):
        pytest.skip("needs node and npm (on Debian and Ubuntu: apt install npm)")
    wanted, folder = Path(__file__).with_name("node") / "package.json", ROOT / "build" / "clients"
    installed = folder / "installed.json"
    if not installed.exists() or installed.read_bytes() != wanted.read_bytes():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(wanted, folder)
        quietly = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
        done = subprocess.run(["npm", "install", *quietly], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"npm can't install PeerTube's types and a compiler: {done.stderr.strip()[-300:]}")
        shutil.copy(wanted, installed)
    return folder


@pytest.fixture(scope="session", params=WORLDS)
def path(request: pytest.FixtureRequest) -> Path:
    """The file of a recorded catalogue."""
    found: Path = request.param
    return found


@pytest.fixture(scope="session")
def sandbox(path: Path) -> Iterator[Sandbox]:
    """The PeerTube whose catalogue was recorded."""
    with Sandbox(Catalogue.load(path), limit=None) as running:
        yield running


@pytest.fixture
def pair(
    transactional_db: None,
    live_server: Any,
    sandbox: Sandbox,
    kept: Kept,
) -> Pair:
    """The PeerTube, and a site that has mirrored it from end to end."""
    from peertube_sync.ingest.search_documents import index_due
    from tests.support.mirror import Mirror

    def sync() -> None:
        mirror = Mirror(sandbox)
        mirror.add()
        assert mirror.sync(full=True).errors == []

    made_once(kept, sandbox.host, sandbox.host, sync)
    index_due()
    return Pair(sandbox, str(live_server.url))


Follow = Callable[[str], Answer]


@pytest.fixture
def follow(pair: Pair) -> Follow:
    """Ask for an address of the two, and follow it from one to the other; whoever leads elsewhere is told."""
    known = {urlsplit(one).netloc for one in (pair.home, pair.site)}

    def end(address: str) -> Answer:
        for _ in range(5):
            answer = fetch(address)
            if answer.status not in (301, 302):
                return answer
            where = answer.headers["Location"]
            address = f"{pair.site}{where}" if where.startswith("/") else where
            assert urlsplit(address).netloc in known, f"led to {address}"
        raise AssertionError(f"no end of redirects: {address}")

    return end
