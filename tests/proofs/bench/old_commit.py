"""The tree of the commit that is compared with: taken out of git, and what it does in a process of its own."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.support.paths import ROOT

OLD = os.environ.get("OLD", "766e7aa")
"""The commit to compare with."""


NEEDS = ("django-cors-headers",)
"""Packages of the old tree that this one does without."""


def taken_out(directory: Path) -> tuple[Path | None, str]:
    """Unpack the tree of the old commit; without it, return why there is none, as a sentence."""
    try:
        git = subprocess.run(["git", "archive", OLD], cwd=ROOT, capture_output=True, check=False)
    except FileNotFoundError:
        return None, " Not compared: there is no git on this machine."
    if git.returncode:
        return None, f" Not compared: git has no commit {OLD} here."
    with tarfile.open(fileobj=io.BytesIO(git.stdout)) as archive:
        archive.extractall(directory, filter="data")
    ran(directory, ["-m", "pip", "install", "--quiet", "--no-deps", "--target", str(directory), *NEEDS])
    said = ran(directory, ["-c", "import peertube_sync; print(peertube_sync.__file__)"])
    assert Path(said.strip()).is_relative_to(directory), f"would run {said.strip()}, not the old tree"
    return directory, ""


def ran(tree: Path, arguments: list[str], **environment: str) -> str:
    """Run Python with the packages of `tree`, and return what it says."""
    inherited = {**os.environ, "PYTHONPATH": str(tree), **environment}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=tree, env=inherited, stdout=subprocess.PIPE, text=True, check=True).stdout
