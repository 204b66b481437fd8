"""`peertube_discover`: look for instances, and decide about those that were found."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet

from peertube_sync.conf import get_settings
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line
from peertube_sync.models import Action, Candidate, Instance
from peertube_sync.sync.operations.discover import approve, discover, reject


class Command(base.Command):
    """Ask who knows whom; or list, approve and reject candidates."""

    help = (
        "Ask an index of instances, and the instances mirrored here, for hosts that aren't known here. They wait for "
        "approval, unless DISCOVERY_ADDS is set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one thing to do; without any, look."""
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--list", action="store_true", help="show which candidates wait for approval")
        group.add_argument("--approve", nargs="+", metavar="HOST", help="mirror these candidates from now on")
        group.add_argument("--reject", nargs="+", metavar="HOST", help="never propose these candidates again")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        result: Any
        lines, nothing, errors = [], "", []
        if options["list"]:
            result = list(Candidate.objects.filter(rejected_at=None).values("host", "heard_from", "heard_at"))
            lines = [f"{row['host']}, told by {row['heard_from']} on {row['heard_at']:%Y-%m-%d}" for row in result]
            nothing = "nobody waits for approval"
        elif options["approve"]:
            sources = approve(_candidates_at(options["approve"]), get_settings())
            self.log(Action.APPROVED, sources)
            result = [source.instance.host for source in sources]
            lines = [f"{host} is due" for host in result]
        elif options["reject"]:
            chosen = _candidates_at(options["reject"])
            reject(chosen)
            self.log(Action.REJECTED, chosen)
            result = [candidate.host for candidate in chosen]
            lines = [f"{host} is not proposed again" for host in result]
        else:
            found = discover(get_settings())
            self.log(Action.ADDED, Instance.objects.filter(host__in=found.added))
            result, errors, nothing = found.as_dict(), found.errors, "nobody new"
            lines = [f"{host} waits for approval" for host in found.proposed]
            lines += [f"{host} is due" for host in found.added]
        self.stdout.write(as_line(result) if options["json"] else "\n".join(lines) or nothing)
        if errors:
            raise CommandError("\n".join(errors))


def _candidates_at(hosts: list[str]) -> "QuerySet[Candidate]":
    """Return the candidates called `hosts`; raises CommandError when one of them is none."""
    found = Candidate.objects.filter(host__in=hosts)
    if unknown := sorted({*hosts} - {candidate.host for candidate in found}):
        raise CommandError(f"no candidate: {', '.join(unknown)}; see peertube_discover --list")
    return found
