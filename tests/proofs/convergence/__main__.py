"""The long proofs, each in a database of its own: `python -m tests.proofs.convergence churn --seeds 10`."""

import argparse
import logging
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import django

from tests.proofs.site import site


def main() -> int:
    given = _parser().parse_args()
    logging.getLogger("peertube_sync").setLevel(logging.WARNING)  # thousands of slices would hide what is shown
    if given.proof == "walk":
        django.setup()
        return int(import_module("tests.proofs.convergence.memory").walk(given))
    proof = f"tests.proofs.convergence.{given.proof}"
    with (
        tempfile.TemporaryDirectory(prefix="peertube-sync-") as given.directory,
        site(Path(given.directory), given.database) as given.server,
    ):
        return int(import_module(proof).main(given))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.convergence", description=__doc__)
    proofs = parser.add_subparsers(dest="proof", required=True)
    churn = proofs.add_parser("churn", help="a catalogue that changes while it is read")
    churn.add_argument("--seeds", type=int, default=10, help="how many runs, from seed 1 on")
    churn.add_argument("--first", type=int, default=1, help="the first seed")
    churn.add_argument("--videos", type=int, default=5000)
    churn.add_argument("--changes", type=int, default=2000)
    churn.add_argument("--bell", action="store_true", help="changes ring, too, as far as they get through")
    chaos = proofs.add_parser("chaos", help="workers, database and broker that crash")
    chaos.add_argument("--kills", type=int, default=100)
    chaos.add_argument("--restarts", type=int, default=5, help="of PostgreSQL, and of Redis")
    chaos.add_argument("--videos", type=int, default=3000)
    chaos.set_defaults(database="postgres")
    refresh = proofs.add_parser("refresh", help="a login whose refresh is killed at any moment")
    refresh.add_argument("--kills", type=int, default=50)
    memory = proofs.add_parser("memory", help="a second sweep writes nothing and needs no more memory")
    memory.add_argument("--videos", type=int, nargs="+", default=[10_000, 100_000])
    removals = proofs.add_parser("removals", help="a large instance that opts out is hidden at once, and removed")
    removals.add_argument("--videos", type=int, default=200_000)
    removals.add_argument("--kills", type=int, default=20)
    removals.set_defaults(database="postgres")
    pictures = proofs.add_parser("pictures", help="a process that fetches pictures, killed at any moment")
    pictures.add_argument("--kills", type=int, default=50)
    proofs.add_parser("cold", help="twenty visitors of a page without pictures").set_defaults(database="postgres")
    room = proofs.add_parser("room", help="the room of pictures, while they change and visitors look")
    room.add_argument("--videos", type=int, default=200)
    room.add_argument("--turns", type=int, default=400)
    bell = proofs.add_parser("bell", help="changes at a pace, and how soon they are here when they ring")
    bell.add_argument("--by", choices=("watch", "celery"), default="watch", help="who looks at what rang")
    bell.add_argument("--changes", type=int, default=500)
    bell.add_argument("--rate", type=float, default=1.0, help="changes a second")
    bell.add_argument("--videos", type=int, default=800)
    bell.add_argument(
        "--limit", type=int, default=0, help="requests that the source allows in ten seconds; 0: any number"
    )
    bell.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    idle = proofs.add_parser("idle", help="what an instance is asked in four weeks without changes, its bell proven")
    idle.add_argument("--videos", type=int, default=5000)
    flood = proofs.add_parser("flood", help="junk and views by the thousand at the doorbell")
    flood.add_argument("--videos", type=int, default=300)
    flood.set_defaults(database="postgres")
    visitors = proofs.add_parser("visitors", help="many visitors at once whose videos aren't read yet")
    visitors.add_argument("--visitors", type=int, default=200)
    visitors.set_defaults(database="postgres")
    questions = proofs.add_parser("questions", help="hostile questions to a site with many videos")
    questions.add_argument("--videos", type=int, default=20_000)
    for proof in (churn, refresh, memory, pictures, room, idle, questions):
        proof.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    for proof in (chaos, refresh, removals, pictures, bell, idle, room):
        proof.add_argument("--seed", type=int, default=1)
    proofs.add_parser("walk", help="one walk of `memory`, in the site of its process")
    return parser


if __name__ == "__main__":
    sys.exit(main())
