"""The files below deploy/, without any of what reads them: systemd and Docker look themselves where they are."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
HOME = "/srv/peertube-sync"
SERVICE_KEYS = {
    *("build", "command", "depends_on", "env_file", "environment", "healthcheck", "image", "init", "ports"),
    *("restart", "shm_size", "stop_grace_period", "volumes"),
}
PUBLIC_IMAGE = re.compile(r"[a-z]+(:[\w.-]+)?")
"""A name without the host of a registry, and without anybody's namespace."""
PROCESSES = {"site": "web", "worker": "worker", "beat": "beat"}
"""The services of the compose file, and the units and lines of the Procfile with the same process."""


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters="=", comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser


def examples() -> set[str]:
    """The variables of the example of an environment."""
    return set(re.findall(r"^(\w+)=", (DEPLOY / "site.env.example").read_text(), re.MULTILINE))


def process(line: str) -> list[str]:
    """Return a command without what differs from machine to machine: its path, and where the site listens."""
    words = shlex.split(line.replace(f"{HOME}/.venv/bin/", ""))
    return ["ADDRESS" if before == "--bind" else word for before, word in zip(["", *words], words, strict=False)]


def test_compose_has_all_services_and_no_word_that_docker_does_not_know() -> None:
    services = compose()["services"]
    assert services.keys() == {*PROCESSES, "migrate", "db", "redis"}
    for name, service in services.items():
        assert service.keys() <= SERVICE_KEYS, name
        assert {*service.get("depends_on", {})} <= services.keys(), name
        assert PUBLIC_IMAGE.fullmatch(service["image"].replace("peertube-sync", "ours")), name
    mounted = {one.split(":")[0] for service in services.values() for one in service.get("volumes", ())}
    assert mounted == set(compose()["volumes"])


def test_nothing_but_the_site_can_be_reached_and_that_from_its_machine_alone() -> None:
    published = {name: service["ports"] for name, service in compose()["services"].items() if "ports" in service}
    assert published == {"site": ["127.0.0.1:8000:8000"]}


def test_whoever_is_waited_for_says_when_it_is_ready() -> None:
    services = compose()["services"]
    for service in services.values():
        for name, how in service.get("depends_on", {}).items():
            ready = "healthcheck" in services[name]
            assert how["condition"] == ("service_healthy" if ready else "service_completed_successfully")


def test_what_compose_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    assert asked == {"POSTGRES_PASSWORD"}
    assert asked | {*compose()["services"]["site"]["environment"]} <= examples() | {"FORWARDED_ALLOW_IPS"}


def test_every_variable_of_the_example_is_read_by_somebody() -> None:
    read = {*re.findall(r'"([A-Z_]+)"', (ROOT / "project" / "settings.py").read_text()), "POSTGRES_PASSWORD"}
    theirs = {name for name in examples() if not name.startswith("PEERTUBE_SYNC_")}
    assert theirs - read == {"WEB_CONCURRENCY"}  # gunicorn's


def test_the_image_has_what_its_dockerfile_copies() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    copied = {word for line in re.findall(r"^COPY (.*) \S+$", dockerfile, re.MULTILINE) for word in line.split()}
    assert all((ROOT / one).exists() for one in copied)
    sent = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert copied == {line.removeprefix("!") for line in sent if line.startswith("!")}
    (image,) = re.findall(r"^FROM (\S+)$", dockerfile, re.MULTILINE)
    assert PUBLIC_IMAGE.fullmatch(image)


@pytest.mark.parametrize(("service", "name"), PROCESSES.items())
def test_a_process_is_the_same_everywhere(service: str, name: str) -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    there = process(compose()["services"][service]["command"])
    assert process(lines[name]) == there
    assert process(unit(DEPLOY / "systemd" / f"peertube-sync-{name}.service")["Service"]["ExecStart"]) == there
    told = re.findall(r"^\.venv/bin/(.*)$", (ROOT / "docs" / "deploying.md").read_text(), re.MULTILINE)
    assert there in [process(line) for line in told]


def test_the_image_starts_the_site_by_itself() -> None:
    (words,) = re.findall(r"^CMD (.*)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert process(shlex.join(yaml.safe_load(words))) == process(compose()["services"]["site"]["command"])


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_runs_as_nobody_special_and_belongs_to_the_target(path: Path) -> None:
    read = unit(path)
    assert read["Service"]["User"] == "peertube-sync"
    assert read["Service"]["EnvironmentFile"] == "/etc/peertube-sync/site.env"
    assert (read["Unit"]["PartOf"], read["Install"]["WantedBy"]) == ("peertube-sync.target", "peertube-sync.target")


def test_systemd_finds_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze on the PATH")
    stand_in = tmp_path / "bin" / "true"
    stand_in.parent.mkdir()
    stand_in.symlink_to("/bin/true")
    for path in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"^User=.*$", "User=root", path.read_text(), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(re.sub(rf"{HOME}/\.venv/bin/\w+", str(stand_in), text))
    looked = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.glob("*.[st]*"))],
        capture_output=True,
        text=True,
        check=False,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )
    ours = [line for line in looked.stderr.splitlines() if "peertube-sync" in line]
    assert ours == []


def test_docker_finds_nothing_to_say_about_the_compose_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no docker with compose on the PATH")
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    shutil.copy(DEPLOY / "site.env.example", tmp_path / "deploy" / "site.env")
    config = [docker, "compose", "--file", str(tmp_path / "deploy" / "compose.yaml"), "config", "--quiet"]
    environment = {"POSTGRES_PASSWORD": "x", "PATH": "/usr/bin:/bin"}
    told = subprocess.run(config, capture_output=True, text=True, env=environment, check=False)
    assert (told.returncode, told.stderr) == (0, "")
