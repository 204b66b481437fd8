"""What `pip install` brings: how many packages with each extra, and that the app alone does its work on SQLite."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.building import build
from tests.support.paths import ROOT

pytestmark = pytest.mark.fresh

EXTRAS = ("", "celery", "pictures", "metrics", "wagtail", "cms")
ROOM = {"wagtail": 3, "cms": 3}
"""By how many packages those may differ of which requirements.txt pins only a part."""
LEFT_OUT = ("celery", "kombu", "redis", "tqdm", "PIL")
FOLDERS = ("admin", "api", "budget", "compat", "doorbell", "site", "sync")
TOOLS = {
    *("pytest", "pytest-django", "pytest-randomly", "pytest-xdist"),
    *("feedparser", "hypothesis", "psutil", "schemathesis", "time-machine"),
    *("dj-database-url", "environs", "gunicorn", "whitenoise", "prometheus-client"),
}
"""What tests are made with, and what the settings of project/ import, by which they run."""


def install(directory: Path, *wanted: str) -> Path:
    """Return the Python of a new virtual environment that has `wanted`, in the versions of requirements.txt."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(directory)], check=True)
    python = directory / "bin" / "python"
    pinned = ["--constraint", str(ROOT / "requirements.txt")]
    quickly = ["--quiet", "--no-compile"]  # most of what is installed is never imported
    done = subprocess.run(
        [*pip(python), "install", *quickly, *pinned, *wanted], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return python


def pip(python: Path) -> list[str]:
    """Return how this environment's pip is called for another one, so that none has to be installed there."""
    return [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]


def told() -> dict[str, int]:
    """Return the numbers of packages that docs/install.md tells, by extra."""
    page = (ROOT / "docs" / "install.md").read_text()
    rows = re.findall(r"^\| `(?:django-peertube-sync|\[(\w+)\])` \| (\d+) \|", page, re.MULTILINE)
    return {extra: int(number) for extra, number in rows}


@pytest.mark.parametrize("extra", EXTRAS)
def test_as_many_packages_are_installed_as_is_told(extra: str, wheel_file: Path, tmp_path: Path) -> None:
    python = install(tmp_path / "environment", f"{wheel_file}[{extra}]" if extra else str(wheel_file))
    line = [*pip(python), "list", "--format", "json"]
    listed = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    names = sorted(package["name"] for package in listed)
    assert abs(len(names) - told()[extra]) <= ROOM.get(extra, 0), names


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_who_builds_the_same_sources_gets_the_same_file(kind: str, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    line = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(other)]
    subprocess.run(line, check=True)
    for path in other.rglob("*"):
        os.utime(path, (0, 0), follow_symlinks=False)
    dated = {"SOURCE_DATE_EPOCH": "1700000000"}
    built = [
        build(kind, tmp_path / "first", other, **dated),
        build(kind, tmp_path / "second", Path(shutil.copytree(other, tmp_path / "moved")), **dated, TZ="Asia/Tokyo"),
    ]
    assert len({hashlib.sha256(file.read_bytes()).hexdigest() for file in built}) == 1


@pytest.mark.long
def test_the_app_alone_passes_the_tests_on_sqlite(wheel_file: Path, tmp_path: Path) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    wanted = {Requirement(line).name: line for lines in extras.values() for line in lines}
    python = install(tmp_path / "environment", str(wheel_file), *(wanted[name] for name in sorted(TOOLS)))
    look = f"from importlib.util import find_spec; print([name for name in {LEFT_OUT} if find_spec(name)])"
    assert subprocess.run([str(python), "-c", look], capture_output=True, text=True, check=True).stdout == "[]\n"
    tests = [*(f"tests/{folder}" for folder in FOLDERS), "tests/test_conf.py", "tests/test_extras.py"]
    line = [str(python), "-m", "pytest", "--quiet", "--numprocesses", "2", "--dist", "worksteal", *tests]
    found = {**os.environ, "PYTHONPATH": str(ROOT)}  # by what tests start elsewhere, too
    done = subprocess.run(line, cwd=ROOT, env=found, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:]
    assert "django-peertube-sync[celery]" in done.stdout, "tests that need Celery say so when they are skipped"
