"""What is published: all that the app needs at run time, nothing of the tests or the site, and a page that leads on."""

import email
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from pathlib import Path

import pytest

import peertube_sync
from tests.support.building import build
from tests.support.paths import ROOT

METADATA = f"django_peertube_sync-{peertube_sync.__version__}.dist-info"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SOURCE = PROJECT["urls"]["Source"]


@pytest.fixture(scope="module")
def sdist_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A freshly built archive of the sources."""
    return build("sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> set[str]:
    """The names of the files in a freshly built wheel."""
    with zipfile.ZipFile(wheel_file) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel_file: Path) -> Message:
    """What an index shows of the wheel; its page is the payload."""
    with zipfile.ZipFile(wheel_file) as archive:
        return email.message_from_bytes(archive.read(f"{METADATA}/METADATA"))


def test_the_wheel_has_every_file_of_the_package(wheel):
    package = ROOT / "peertube_sync"
    files = {str(path.relative_to(ROOT)) for path in package.rglob("*") if path.is_file()}
    wanted = {name for name in files if "__pycache__" not in name}
    assert wanted <= wheel
    assert "peertube_sync/py.typed" in wheel
    assert "peertube_sync/migrations/0001_initial.py" in wheel


def test_the_wheel_has_nothing_else(wheel):
    assert {name.split("/")[0] for name in wheel} == {"peertube_sync", METADATA}
    assert f"{METADATA}/licenses/LICENSE" in wheel


def test_nothing_is_loaded_into_a_project_that_has_not_asked_for_it(wheel):
    assert f"{METADATA}/entry_points.txt" not in wheel


def test_the_sources_are_those_of_the_repository(sdist_file):
    with tarfile.open(sdist_file) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "docs/install.md", "tests/conftest.py"} <= names
    here = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*")}
    assert names - here == {"PKG-INFO"}
    assert {part for name in names for part in name.split("/")}.isdisjoint({".venv", "__pycache__", "db.sqlite3"})


def test_an_index_takes_both(wheel_file, sdist_file):
    line = [sys.executable, "-m", "twine", "check", "--strict", str(wheel_file), str(sdist_file)]
    checked = subprocess.run(line, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_page_of_an_index_leads_to_files_of_the_repository(metadata):
    page = str(metadata.get_payload())
    links = re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", page)
    assert len(links) == len(re.findall(r"\]\(", (ROOT / "README.md").read_text()))
    for is_picture, link in links:
        assert re.match(r"https://|#", link), link
        if link.startswith(SOURCE):
            way, _, path = link.removeprefix(f"{SOURCE}/").partition("/main/")
            assert way == ("raw" if is_picture else "blob")
            assert (ROOT / path.partition("#")[0]).is_file(), link
    assert any(is_picture for is_picture, _link in links)


def test_an_index_shows_where_the_project_is(metadata):
    urls = dict(line.split(", ", 1) for line in metadata.get_all("Project-URL", []))
    assert urls.keys() == {"Documentation", "Source", "Issues", "Changelog"}
    assert all(url.startswith(SOURCE) for url in urls.values())


def test_classifiers_are_the_languages_and_systems_that_there_are(metadata):
    classifiers = set(metadata.get_all("Classifier", []))
    folders = (ROOT / "peertube_sync" / "locale").iterdir()
    names = {"de": "German", "fr": "French", "es": "Spanish", "en": "English"}
    spoken = {names[folder.name] for folder in folders if folder.is_dir()} | {"English"}
    assert {line.rpartition(" ")[2] for line in classifiers if line.startswith("Natural")} == spoken
    assert "Framework :: Wagtail :: 7" in classifiers
