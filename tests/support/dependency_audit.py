"""Ask the advisory service of pip-audit about the pinned dependencies: `python -m tests.support.dependency_audit`.

Fails for known vulnerabilities. Where the service can't be asked, nothing is known: that is said, and is no failure.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from tests.support.paths import ROOT

REQUIREMENTS = ROOT / "requirements.txt"
ASK = [sys.executable, "-m", "pip_audit", "--requirement", str(REQUIREMENTS), "--disable-pip", "--no-deps"]
UNREACHABLE = "NOT AUDITED: the advisory service cannot be asked from here. Run `make audit` where it can."


def verdict(dependencies: Iterable[dict[str, Any]]) -> tuple[int, Iterator[str]]:
    """Return the exit status, and the lines to print."""
    dependencies = list(dependencies)
    asked = [one for one in dependencies if "skip_reason" not in one]
    if not asked:
        return 0, iter([UNREACHABLE])
    bad = [(one, found) for one in asked for found in one["vulns"]]
    return int(bool(bad)), _lines(len(dependencies), len(asked), bad)


def _lines(known: int, asked: int, bad: list[tuple[dict[str, Any], dict[str, Any]]]) -> Iterator[str]:
    yield f"{asked} of {known} dependencies were audited; {len(bad)} known vulnerabilities"
    for one, found in bad:
        fixed = ", ".join(found["fix_versions"]) or "no version"
        yield f"{one['name']} {one['version']}: {found['id']}, fixed in {fixed}"


def main() -> int:
    """Audit, and tell."""
    command = [*ASK, "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        dependencies = json.loads(done.stdout)["dependencies"]
    except ValueError:
        sys.stderr.write(done.stderr[-500:])
        dependencies = []
    status, lines = verdict(dependencies)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return status


if __name__ == "__main__":
    sys.exit(main())
