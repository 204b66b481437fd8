"""How near to a rate limit several processes come together, and that they never cross it.

    python -m tests.proofs.bench.limits --store redis --processes 6
    python -m tests.proofs.bench.limits --store database --database postgres --kill-redis

Each asker is a process of its own, with the site's settings, and asks through the same client as every part of the
site. The judge is the sandbox's log. One request more than some whole windows allow is asked, as the time which that
takes at the least is known: those windows.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.bench import site_limits
from tests.proofs.bench.figures import Figures
from tests.proofs.bench.report import Section
from tests.support.paths import ROOT
from tests.support.servers import RedisServer, running_redis, start_postgres

ASKER = [sys.executable, "-m", "tests.proofs.bench.asker"]


def measure(
    sandbox: Sandbox,
    environment: Mapping[str, str],
    *,
    processes: int,
    requests: int,
    meanwhile: Callable[[], None] = lambda: None,
) -> Figures:
    """Let `processes` ask a sandbox with a limit `requests` times in all, at once; do `meanwhile` when they have begun.

    `environment` names a migrated database, and the store of the budget. Raises CalledProcessError when an asker fails.
    """
    shares = [requests // processes + (number < requests % processes) for number in range(processes)]
    with ExitStack() as stack:
        askers = [stack.enter_context(_asker(sandbox.url, share, environment)) for share in shares]
        for asker in askers:
            assert asker.stdout
            assert asker.stdout.readline() == "ready\n"
        for asker in askers:
            assert asker.stdin
            asker.stdin.close()
        meanwhile()
        for asker in askers:
            if asker.wait():
                raise subprocess.CalledProcessError(asker.returncode, asker.args)
    assert sandbox.limit
    return Figures.read(sandbox.log, sandbox.limit, sandbox.window)


def _asker(url: str, count: int, environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*ASKER, url, str(count)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "project.settings",
            "DEBUG": "1",
            "PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS": "1",
            "PEERTUBE_SYNC_RATE_LIMIT_SHARE": "1.0",
            **environment,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def section() -> Section:
    """Measure six askers, and a whole site, with either store; and what happens when Redis forgets everything."""
    measured = {
        "6 processes, budget in Redis": run(["--store", "redis"]),
        "6 processes, budget in PostgreSQL": run(["--database", "postgres"]),
        "6 processes, Redis crashes twice": run(["--store", "redis", "--kill-redis"]),
        "worker of 4, command and web, budget in Redis": site_limits.measure("redis"),
        "worker of 4, command and web, budget in PostgreSQL": site_limits.measure("database"),
    }
    return Section(
        "P3: how near to a limit",
        "One host that allows 50 requests in 10 s, asked by several processes at once at `RATE_LIMIT_SHARE` 1; from its"
        " own log. The least time is the length of the complete 10-second windows that this number of requests needs.",
        ("who asks", "requests", "seconds", "times the least", "429", "in flight together", "most in 10 s"),
        [
            (who, *map(str, (one.requests, one.seconds, one.over, one.refused, one.together, one.most)))
            for who, one in measured.items()
        ],
    )


def main() -> None:
    """Measure what the command line says."""
    sys.stdout.write(f"{json.dumps(asdict(run()))}\n")


def run(arguments: Sequence[str] | None = None) -> Figures:
    """Let askers ask a sandbox, as `arguments` say."""
    given = _parser().parse_args(arguments)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(running_redis(directory)) if given.store == "redis" else None
        environment = {
            "DATABASE_URL": _database(given.database, directory, stack),
            "PEERTUBE_SYNC_REDIS_URL": redis.url if redis else "",
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env={**os.environ, "DEBUG": "1", **environment},
            check=True,
        )
        catalogue = Catalogue.generate(videos=50, seed=1)
        sandbox = stack.enter_context(Sandbox(catalogue, limit=given.limit, window=given.window, latency=given.latency))
        return measure(
            sandbox,
            environment,
            processes=given.processes,
            requests=given.limit * given.windows + 1,
            meanwhile=(lambda: _crash(redis, given)) if redis and given.kill_redis else lambda: None,
        )


def _database(kind: str, directory: Path, stack: ExitStack) -> str:
    if kind == "sqlite":
        return f"sqlite:///{directory / 'bench.sqlite3'}"
    server = start_postgres(directory)
    stack.callback(server.cleanup)
    return str(server.get_uri())


def _crash(redis: RedisServer, given: argparse.Namespace) -> None:
    """Let Redis forget everything in the middle of a window, and once more while it is away for a while."""
    time.sleep(given.window * 1.5)
    redis.crash()
    time.sleep(given.window * 1.7)
    redis.stop(crash=True)
    time.sleep(given.window / 3)
    redis.start()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.bench.limits", description=__doc__)
    parser.add_argument("--store", choices=("redis", "database"), default="database")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--processes", type=int, default=6)
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--window", type=float, default=10.0)
    parser.add_argument("--windows", type=int, default=6)
    parser.add_argument("--latency", type=float, default=0.02)
    parser.add_argument("--kill-redis", action="store_true", help="crash Redis twice meanwhile")
    return parser


if __name__ == "__main__":
    main()
