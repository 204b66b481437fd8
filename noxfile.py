"""`make matrix`: the suite on every supported Python of this machine, with Django 5.2 and the newest that it allows."""

import os
import subprocess
from pathlib import Path
from shutil import which

import nox

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
DJANGOS = ("5.2", "newest")

nox.options.error_on_missing_interpreters = True
nox.options.stop_on_first_error = False


def works(executable: Path) -> bool:
    """Tell whether a Python starts: a shim on the PATH may have nothing behind it."""
    return subprocess.run([executable, "-c", ""], capture_output=True, check=False).returncode == 0


def find(version: str) -> Path | None:
    """Find a Python on the PATH, or among those that pyenv has installed."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [*map(Path, filter(None, [which(name)])), *sorted(pyenv.glob(f"{version}.*/bin/{name}"), reverse=True)]
    return next(filter(works, candidates), None)


FOUND = {version: python for version in PYTHONS if (python := find(version))}
os.environ["PATH"] = os.pathsep.join([*(str(python.parent) for python in FOUND.values()), os.environ["PATH"]])


@nox.session(python=list(FOUND))
@nox.parametrize("django", DJANGOS)
def tests(session: nox.Session, django: str) -> None:
    """Run the suite on SQLite and PostgreSQL."""
    if django == "newest" and session.python == "3.11":
        session.skip("Django 6 needs Python 3.12; the newest for 3.11 is 5.2")
    wanted = "Django~=5.2.0" if django == "5.2" else "Django>=5.2"
    session.install("--quiet", "--editable", ".[dev]", wanted)
    session.run("python", "-c", "import django, sys; print('Python', sys.version, 'Django', django.__version__)")
    pytest = ("python", "-m", "pytest", "--numprocesses", "2", "--quiet")
    session.run(*pytest, *session.posargs)
    session.run(*pytest, "--database", "postgres", *session.posargs)
