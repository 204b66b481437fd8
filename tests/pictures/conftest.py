"""A mirror whose pictures this site keeps, in a storage of its own, asked for as fast as the sandbox answers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as site
from django.test import override_settings

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
def pictured(bare: "Mirror") -> "Mirror":
    """A mirror with all its pictures."""
    assert bare.sync().errors == []
    return bare
