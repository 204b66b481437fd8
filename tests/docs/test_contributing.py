"""What CONTRIBUTING.md and the files for contributors say, held against the Makefile, noxfile.py and pyproject.toml."""

import re
import shlex
import subprocess
import sys
import tomllib
from typing import Any

import pytest
import yaml

from tests.support.markdown import CONTRIBUTING, blocks
from tests.support.paths import ROOT

COMMANDS = [command.line for block in blocks(CONTRIBUTING) if block.language == "console" for command in block.commands]
RELEASE = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["ci"]
CLASSIFIERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]


def supported(what: str) -> set[str]:
    """Return the versions that the package says it works with, e.g. of "Programming Language :: Python"."""
    return {match[1] for line in CLASSIFIERS if (match := re.fullmatch(rf"{what} :: (\d+\.\d+)", line))}


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("make ")])
def test_targets_are_there(line: str) -> None:
    done = subprocess.run([*shlex.split(line), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [line for line in COMMANDS if "pytest" in line])
def test_tests_that_are_named_are_found(line: str) -> None:
    command = [sys.executable, *shlex.split(line)[1:], "--collect-only", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_command_is_of_a_known_kind() -> None:
    assert [line for line in COMMANDS if not line.startswith(("make ", ".venv/bin/python -m pytest "))] == []


def test_the_workflow_runs_all_on_each_version() -> None:
    matrix = WORKFLOW["strategy"]["matrix"]
    assert set(matrix["python"]) == supported("Programming Language :: Python")
    assert set(matrix["django"]) == supported("Framework :: Django")
    assert ".ci/run" in [step.get("run") for step in WORKFLOW["steps"]]


def test_a_tag_publishes_what_was_built_once_all_has_passed() -> None:
    jobs, triggers = RELEASE["jobs"], RELEASE[True]  # YAML 1.1 reads "on" as a truth
    assert triggers == {"push": {"tags": ["v*"]}}
    assert set(jobs["publish"]["needs"]) == {"ci", "build"}
    assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml"
    build = "\n".join(step.get("run", "") for step in jobs["build"]["steps"])
    assert "SOURCE_DATE_EPOCH" in build
    assert "twine check --strict dist/*" in build
    assert "__version__" in build


def test_only_the_job_that_publishes_may_prove_who_it_is() -> None:
    assert RELEASE["permissions"] == {"contents": "read"}
    may = {name: job["permissions"] for name, job in RELEASE["jobs"].items() if "permissions" in job}
    assert may == {"publish": {"id-token": "write"}}
    assert "password" not in yaml.safe_dump(RELEASE)


def test_hooks_are_checks_of_make_lint() -> None:
    makefile = (ROOT / "Makefile").read_text()
    hooks: list[dict[str, Any]] = [
        hook
        for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
        for hook in repo["hooks"]
    ]
    tools = {hook["entry"].rpartition("/")[2].split()[0] for hook in hooks}
    lint = makefile.split("\nlint:")[1].split("\n\n")[0]
    assert tools == set(re.findall(r"\$\(BIN\)/([\w-]+)", lint)) & tools
    assert tools >= {"ruff", "mypy"}


def test_reports_tell_what_peertube_explain_says() -> None:
    forms = [yaml.safe_load(path.read_text()) for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")]
    assert forms
    for form in forms:
        assert "peertube_explain" in yaml.safe_dump(form["body"]), form["name"]
