"""What `python -m build` makes of the repository: a wheel, or an archive of its sources."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT


def build(kind: str, directory: Path, source: Path = ROOT, **environment: str) -> Path:
    """Build `source` into `directory`, a "wheel" or an "sdist", and return the file."""
    line = [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", str(directory), str(source)]
    subprocess.run(line, check=True, capture_output=True, env=os.environ | environment)
    (built,) = directory.iterdir()
    return built
