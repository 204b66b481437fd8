"""Fresh projects for the pages: one with the README's settings, and one that has mirrored a sandbox."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.docs.project import Project

VIDEOS = 40


@pytest.fixture(scope="session")
def words(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What stands for the words of the pages: a sandbox for video.example."""
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("about a fresh project, which has SQLite")
    with Sandbox(Catalogue.generate(videos=VIDEOS, seed=1), limit=None) as sandbox:
        yield {"https://video.example": sandbox.url, "video.example": sandbox.host}


@pytest.fixture(scope="session")
def packages(wheel_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory into which pip has installed the wheel; what it needs is that of the suite."""
    directory = tmp_path_factory.mktemp("packages")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(directory), str(wheel_file)], check=True, capture_output=True)
    return directory


@pytest.fixture(scope="session")
def fresh(words: dict[str, str], packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project as `startproject` leaves it."""
    return Project.start(tmp_path_factory.mktemp("fresh"), words, packages)


@pytest.fixture(scope="session")
def installed(fresh: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One with the README's settings and addresses, and tables."""
    project = fresh.copy(tmp_path_factory.mktemp("installed"))
    project.install()
    assert project.shell("python manage.py migrate").returncode == 0
    return project


@pytest.fixture(scope="session")
def alone(fresh: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One that has the app and its tables, and nothing else of the README."""
    project = fresh.copy(tmp_path_factory.mktemp("alone"))
    with (project.directory / "mysite" / "settings.py").open("a") as settings:
        settings.write('INSTALLED_APPS += ["peertube_sync"]\n')
    assert project.shell("python manage.py migrate").returncode == 0
    return project


@pytest.fixture(scope="session")
def mirrored(installed: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One that has mirrored the sandbox."""
    project = installed.copy(tmp_path_factory.mktemp("mirrored"))
    line = project.here("python manage.py peertube_add https://video.example && python manage.py peertube_sync")
    assert project.shell(line).returncode == 0
    return project


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    """A copy of the project that the test's parameter names."""
    original: Project = request.getfixturevalue(request.param)
    copy = original.copy(tmp_path)
    yield copy
    copy.stop()
