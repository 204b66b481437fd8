"""Projects with a content management system: the tests of each run by themselves (`--host`), since settings are one."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what needs other settings."""
    here = Path(__file__).parent
    if collection_path == here or here not in collection_path.parents:
        return None
    return collection_path.relative_to(here).parts[0] not in {config.getoption("--host"), "conftest.py"} or None
