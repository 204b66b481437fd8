"""A mirror whose pictures this site keeps, in a storage of its own, asked for as fast as the sandbox answers."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as site
from django.test import override_settings

from peertube_sync.testing import Catalogue
from tests.support.sandboxes import SEED, VIDEOS

if TYPE_CHECKING:
    from tests.support.mirror import Mirror

FAST = {"PICTURES_PER_SECOND": 10_000.0, "PICTURES_BYTES_PER_SECOND": 10**12}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where pictures are kept."""
    return tmp_path / "pictures"


@pytest.fixture
def configured(folder: Path) -> Iterator[Callable[..., Any]]:
    """Change settings of the app for a test; pictures are this site's, and their pace is no matter."""
    place = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder)}}

    def change(**changed: Any) -> override_settings:
        wanted = {**site.PEERTUBE_SYNC, "PICTURES": "site", **FAST, **changed}
        return override_settings(PEERTUBE_SYNC=wanted, STORAGES={**site.STORAGES, "peertube_pictures": place})

    with change():
        yield change


@pytest.fixture
def bare(make_synced: "Callable[..., Mirror]", configured: Callable[..., Any]) -> "Mirror":
    """A mirror whose pictures nobody has fetched yet."""
    with configured(PICTURES="source"):
        return make_synced()


@pytest.fixture
def pictured(make_kept: "Callable[..., Mirror]", configured: Callable[..., Any], folder: Path) -> "Mirror":
    """A mirror with all its pictures: making these takes longer than most tests, so rows and files are made once."""
    kept = Path(os.environ["TESTS_DIRECTORY"]) / "pictured"

    def make(mirror: "Mirror") -> None:
        with configured(PICTURES="source"):
            mirror.add()
            assert mirror.sync().errors == []
        assert mirror.sync().errors == []
        shutil.copytree(folder, kept)

    mirror = make_kept(("pictured",), lambda: Catalogue.generate(videos=VIDEOS, seed=SEED), make, log=True)
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    return mirror
