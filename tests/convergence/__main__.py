"""The long proofs, each in a database of its own: `python -m tests.convergence churn --seeds 10`."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from tests.servers import start_postgres

NOT_DURABLE_BUT_HONEST = "fsync = off\n"
"""A killed server loses nothing that it called committed; only a machine that loses its power would."""


def main() -> int:
    given = _parser().parse_args()
    if given.proof == "walk":
        django.setup()
        return int(import_module("tests.convergence.memory").walk(given))
    proof = f"tests.convergence.{given.proof}"
    with (
        tempfile.TemporaryDirectory(prefix="peertube-sync-") as given.directory,
        _site(Path(given.directory), given.database) as given.server,
    ):
        return int(import_module(proof).main(given))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.convergence", description=__doc__)
    proofs = parser.add_subparsers(dest="proof", required=True)
    churn = proofs.add_parser("churn", help="a catalogue that changes while it is read")
    churn.add_argument("--seeds", type=int, default=10, help="how many runs, from seed 1 on")
    churn.add_argument("--first", type=int, default=1, help="the first seed")
    churn.add_argument("--videos", type=int, default=5000)
    churn.add_argument("--changes", type=int, default=2000)
    churn.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    chaos = proofs.add_parser("chaos", help="workers, database and broker that crash")
    chaos.add_argument("--kills", type=int, default=100)
    chaos.add_argument("--restarts", type=int, default=5, help="of PostgreSQL, and of Redis")
    chaos.add_argument("--videos", type=int, default=3000)
    chaos.add_argument("--seed", type=int, default=1)
    chaos.set_defaults(database="postgres")
    memory = proofs.add_parser("memory", help="a second sweep writes nothing and needs no more memory")
    memory.add_argument("--videos", type=int, nargs="+", default=[10_000, 100_000])
    memory.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    proofs.add_parser("walk", help="one walk of `memory`, in the site of its process")
    return parser


@contextmanager
def _site(directory: Path, database: str) -> Iterator[Any]:
    """Make an empty site in `directory`, its settings in the environment; gives the PostgreSQL server, if any."""
    server = start_postgres(directory, NOT_DURABLE_BUT_HONEST) if database == "postgres" else None
    os.environ.pop("REDIS_URL", None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DEBUG": "0",
        "SECRET_KEY": "of a site that lives for one proof",
        "DATABASE_URL": server.get_uri() if server else f"sqlite:///{directory / 'site.sqlite3'}",
        "PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS": "1",
        "PEERTUBE_SYNC_RATE_LIMIT_SHARE": "1.0",
    }
    django.setup()
    call_command("migrate", verbosity=0)
    try:
        yield server
    finally:
        django.db.connections.close_all()
        if server:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
