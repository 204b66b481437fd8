"""What the audit of dependencies makes of an answer, of half of one, and of none."""

from typing import Any

import pytest

from tests.support.dependency_audit import UNREACHABLE, verdict

GOOD = {"name": "django", "version": "5.2.19", "vulns": []}
BAD = {"name": "urllib3", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.0"], "aliases": []}]}
SKIPPED = {"name": "idna", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("dependencies", "status", "told"),
    [
        ([GOOD, SKIPPED], 0, "1 of 2 dependencies were audited; 0 known vulnerabilities"),
        ([GOOD, BAD], 1, "urllib3 1.0: CVE-1, fixed in 2.0"),
        ([SKIPPED], 0, UNREACHABLE),
        ([], 0, UNREACHABLE),
    ],
)
def test_findings_fail_and_ignorance_is_told(dependencies: list[dict[str, Any]], status: int, told: str) -> None:
    found, lines = verdict(dependencies)
    assert (found, told in list(lines)) == (status, True)
