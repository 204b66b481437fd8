"""A process that refreshes a login is killed at any moment: the login is good, or says that a person is needed."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from random import Random

from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone

from peertube_sync.client.secret import Secret
from peertube_sync.conf import get_settings
from peertube_sync.models import HostBudget, Instance, Login, Source
from peertube_sync.sync.operations.logins import log_in
from peertube_sync.sync.slices import run_slice
from peertube_sync.testing import Catalogue, Fault, Sandbox
from tests.support.paths import ROOT

PASSWORD = Secret("sesame")
LATENCY = 0.01
"""Seconds before every answer, so that most kills fall into a question."""
DRIP = 0.1
"""Seconds that new tokens are on their way, when the instance has forgotten the old ones: the moment that matters."""
LONGEST = 0.4
"""Seconds after which a process is killed at the latest."""


@dataclass
class Outcome:
    """What the kills came to: logins that were still `good`, that said a login was `needed`, and that did neither."""

    good: int = 0
    needed: int = 0
    broken: list[str] = field(default_factory=list)


def environment() -> dict[str, str]:
    """Return what a site needs to keep logins."""
    return {"PEERTUBE_SYNC_TOKEN_KEYS": Fernet.generate_key().decode()}


def prepare(sandbox: Sandbox) -> None:
    """Log the owner of a private video in, and make it a source."""
    channel = next(one for one in sandbox.catalogue.channels.values() if not one.origin)
    sandbox.catalogue.hide(sandbox.catalogue.add_video(channel.name, name="Only mine"), "private")
    sandbox.catalogue.add_user(channel.owner.name, PASSWORD.value)
    sandbox.limit = None
    log_in(sandbox.url, channel.owner.name, PASSWORD, get_settings())
    call_command("peertube_add", sandbox.host, "--own", stdout=StringIO())
    run_slice(Instance.objects.get(), get_settings())
    sandbox.faults.add(Fault("drip", "/users/token", times=None, delay=DRIP))


def run(sandbox: Sandbox, kills: int, random: Random, variables: Mapping[str, str]) -> Outcome:
    """Kill a refreshing process `kills` times, and look each time what became of the login."""
    outcome = Outcome()
    for _ in range(kills):
        _kill(random.uniform(0, LONGEST), variables)
        _judge(sandbox, outcome)
    return outcome


def _kill(after: float, variables: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "tests.proofs.convergence.refresher"]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(after)
        process.kill()


def _judge(sandbox: Sandbox, outcome: Outcome) -> None:
    """Do what the next worker would, and hold what the site says of the login against what the instance knows."""
    now = timezone.now()
    HostBudget.objects.all().delete()  # as if the time were over for which a killed process holds its turn
    Login.objects.update(access_until=now)
    Source.objects.update(sweep_due_at=now)
    Instance.objects.update(lease_until=None, lease_token=None)
    result = run_slice(Instance.objects.get(), get_settings())
    login, source = Login.objects.get(), Source.objects.get()
    works = not result.error and not source.last_error and bool(sandbox.catalogue.grants)
    if works and not login.needed and login.refreshing_since is None:
        outcome.good += 1
    elif login.needed and source.last_error == login.state:
        outcome.needed += 1
        log_in(sandbox.url, login.username, PASSWORD, get_settings())
    else:
        outcome.broken.append(f"{login.state}; {source.last_error}; {result.error}")


def main(given: argparse.Namespace) -> int:
    """Run the proof in a site of its own; returns the exit status."""
    began = time.monotonic()
    with Sandbox(Catalogue.generate(videos=3, seed=3), limit=None, latency=LATENCY) as sandbox:
        prepare(sandbox)
        outcome = run(sandbox, given.kills, Random(given.seed), {})
    told = f"{given.kills} kills: the login was good {outcome.good} times, and said that a person is needed "
    sys.stdout.write(f"{told}{outcome.needed} times, in {time.monotonic() - began:.0f} s\n")
    sys.stdout.writelines(f"neither: {one}\n" for one in outcome.broken)
    return int(bool(outcome.broken))
