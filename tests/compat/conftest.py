"""The recorded catalogue mirrored in full, and ways to ask for it as PeerTube's clients do."""

import json
from collections.abc import Callable, Hashable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.test.utils import override_settings

from tests.budgets import at_once
from tests.snapshot import Snapshot, made_once

if TYPE_CHECKING:
    from peertube_sync.client.peertube import PeerTube

RECORDINGS = Path(__file__).parents[1] / "recordings"
UNLIMITED = 1_000_000
FILE_PATHS = ("thumbnailPath", "previewPath", "captionPath", "path")
"""Keys of answers with the path of a file."""


@pytest.fixture(autouse=True)
def _unlimited() -> Iterator[None]:
    from django.conf import settings

    with override_settings(PEERTUBE_SYNC={**settings.PEERTUBE_SYNC, "COMPAT_RATE_LIMIT": UNLIMITED}):
        yield


@pytest.fixture
def mirror(db: None, kept: dict[Hashable, Snapshot]) -> None:
    """The recorded catalogue with all details, captions and chapters."""
    from peertube_sync.ingest.search import index_due
    from tests.api.catalogue import HOST

    made_once(kept, "everything", HOST, mirror_all)
    index_due()


def mirror_all() -> None:
    from peertube_sync.client import types
    from peertube_sync.ingest.captions import Timed, ingest_captions
    from peertube_sync.ingest.details import ingest_details
    from peertube_sync.models import Video
    from tests.api.catalogue import ROTATION, mirror_lists, remote, world

    instance = mirror_lists()
    kinds = ("categories", "licences", "languages", "privacies")
    instance.constants = {kind: world()[f"videos/{kind}"] for kind in kinds}
    instance.save()
    pks = {str(uuid): pk for uuid, pk in Video.objects.values_list("uuid", "pk")}
    ingest_details(instance, [remote(world()["details"][uuid], types.VideoDetails) for uuid in pks], timedelta(days=7))
    captions = {uuid: [remote(one, types.Caption) for one in world()["captions"][uuid]["data"]] for uuid in pks}
    chapters = {uuid: remote(world()["chapters"][uuid], types.Chapters).chapters for uuid in pks}
    ingest_captions([Timed(pk, captions[uuid], chapters[uuid]) for uuid, pk in pks.items()], ROTATION)


@pytest.fixture
def get(client: Client) -> Callable[..., Any]:
    """Ask below `/api/v1/`; the answer has to be of `status`, and is JSON."""

    def ask(path: str, *, status: int = 200, **query: Any) -> Any:
        answer = client.get(path if path.startswith("/") else f"/api/v1/{path}", query)
        assert answer.status_code == status, answer.content
        return answer.json()

    return ask


@pytest.fixture
def post(client: Client) -> Callable[..., Any]:
    """Post JSON below `/api/v1/`; the answer has to be of `status`, and is JSON."""

    def ask(path: str, body: Any, *, status: int = 200) -> Any:
        answer = client.post(path if path.startswith("/") else f"/api/v1/{path}", body, "application/json")
        assert answer.status_code == status, answer.content
        return answer.json()

    return ask


def reader(address: str) -> "PeerTube":
    """Our own client for the server at `address`, at full speed."""
    from peertube_sync.client.peertube import PeerTube
    from peertube_sync.client.transport import Transport

    host = urlsplit(address).netloc
    return PeerTube(Transport(address, host, at_once(), "tests/1", allow_private=True), "6.3.0")


def home_path(path: str) -> str:
    """Return the path at its home of the file that a path of an answer leads to here, as every client sees it."""
    answer = Client(HTTP_ORIGIN="https://player.example").get(path)
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (302, "*"), path
    return urlsplit(answer["Location"]).path


def is_path(name: str, value: Any) -> bool:
    """Tell whether this key of an answer has the path of a file; refusals name a parameter by `path`."""
    return name in FILE_PATHS and isinstance(value, str) and value.startswith("/")


def paths_at_home(value: Any) -> Any:
    """Return an answer with the paths of files as its home tells them."""
    if isinstance(value, list):
        return [paths_at_home(one) for one in value]
    if isinstance(value, dict):
        return {name: home_path(one) if is_path(name, one) else paths_at_home(one) for name, one in value.items()}
    return value


def recording(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return found


@pytest.fixture
def catalogue(db: None, kept: dict[Hashable, Snapshot]) -> None:
    """The recorded catalogue as its lists show it."""
    from peertube_sync.ingest.search import index_due
    from tests.api.catalogue import HOST, mirror_lists

    made_once(kept, "lists", HOST, mirror_lists)
    index_due()
