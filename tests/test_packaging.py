"""The wheel: it has all that the app needs at run time, and nothing of the tests or the site."""

import zipfile
from pathlib import Path

import pytest

import peertube_sync
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> set[str]:
    """The names of the files in a freshly built wheel."""
    with zipfile.ZipFile(wheel_file) as archive:
        return set(archive.namelist())


def test_the_wheel_has_every_file_of_the_package(wheel):
    package = ROOT / "peertube_sync"
    files = {str(path.relative_to(ROOT)) for path in package.rglob("*") if path.is_file()}
    wanted = {name for name in files if "__pycache__" not in name}
    assert wanted <= wheel
    assert "peertube_sync/py.typed" in wheel
    assert "peertube_sync/migrations/0001_initial.py" in wheel


def test_the_wheel_has_nothing_else(wheel):
    metadata = f"django_peertube_sync-{peertube_sync.__version__}.dist-info"
    assert {name.split("/")[0] for name in wheel} == {"peertube_sync", metadata}
    assert f"{metadata}/licenses/LICENSE" in wheel
