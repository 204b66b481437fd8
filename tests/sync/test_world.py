"""Recorded catalogues of a real PeerTube 6.3.0 and 8.2.1, mirrored from end to end and compared field by field."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command

from peertube_sync.models import Instance
from peertube_sync.testing import Catalogue, Sandbox
from tests.comparison import world_differences
from tests.worlds import WORLDS

RECORDED_HOST = "localhost:9000"


@pytest.fixture(params=WORLDS)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def sandbox(path: Path) -> Iterator[Sandbox]:
    with Sandbox(Catalogue.load(path), limit=None) as running:
        yield running


def world(path: Path, host: str) -> dict[str, Any]:
    text = gzip.decompress(path.read_bytes()).decode()
    for old, new in ((RECORDED_HOST, host), (quote(RECORDED_HOST), quote(host))):
        text = text.replace(old, new)
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.mark.django_db
def test_every_published_field_is_mirrored_and_a_second_sweep_changes_nothing(
    path: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("peertube_add", sandbox.url)
    capsys.readouterr()
    call_command("peertube_sync", "--json")
    first = json.loads(capsys.readouterr().out)
    published = world(path, sandbox.host)
    local = [item for item in published["list"] if item["isLocal"]]
    assert (first["videos"], first["created"], first["errors"]) == (len(local), len(local), [])
    assert "\n".join(world_differences(published, Instance.objects.get())) == ""

    call_command("peertube_sync", "--full", "--json")
    second = json.loads(capsys.readouterr().out)
    assert (second["created"], second["updated"], second["removed"], second["skipped"]) == (0, 0, 0, 0)
    assert second["unchanged"] == len(local)
