"""`peertube_removals [HOST]`: look at suspicious losses, and decide."""

from argparse import ArgumentParser
from typing import Any, TypedDict

from django.core.management.base import CommandError

from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line, counted
from peertube_sync.models import Action, Instance, SourceState, Video
from peertube_sync.sync.walks.missing import decide

EXAMPLES_SHOWN = 5


class Command(base.Command):
    """Show what would vanish where that is suspiciously much; let a person accept or reject it."""

    help = (
        "Show the instances where too much would vanish at once. --accept lets the next sync ask for each of the "
        "missing videos and remove those that are really gone; --reject takes it for a mistake of the server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a host and the decision."""
        parser.add_argument("host", nargs="?", metavar="HOST", help="only this instance")
        decision = parser.add_mutually_exclusive_group()
        decision.add_argument("--accept", action="store_true", help="the losses are real")
        decision.add_argument("--reject", action="store_true", help="the server is mistaken")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        found = Instance.objects.filter(sources__state=SourceState.SUSPICIOUS).distinct()
        if options["host"]:
            found = found.filter(host=options["host"])
        deciding = options["accept"] or options["reject"]
        if deciding and not options["host"]:
            raise CommandError("Name the HOST that you decide about; without --accept or --reject, all are listed.")
        if deciding and not found:
            raise CommandError(f"Nothing is suspicious at {options['host']}.")
        rows = [_losses_of(instance) for instance in found]
        if deciding:
            instance = found[0]
            decide(instance, accept=options["accept"])
            self.log(Action.LOSSES_ACCEPTED if options["accept"] else Action.LOSSES_REJECTED, [instance])
        if options["json"]:
            self.stdout.write(as_line(rows))
            return
        done = " (accepted: the next sync asks for each)" if options["accept"] else " (rejected)" if deciding else ""
        for row in rows:
            verb = "is" if row["missing"] == 1 else "are"
            missing = f"{row['missing']} of {counted(row['mirrored'], 'video')} {verb} missing"
            self.stdout.write(f"{row['host']}: {missing}{done}")
            self.stdout.writelines(f"  {name}\n" for name in row["examples"])
        if not rows:
            self.stdout.write("nothing suspicious")


class Losses(TypedDict):
    """What is missing at an instance, with names of some videos."""

    host: str
    missing: int
    mirrored: int
    examples: list[str]


def _losses_of(instance: Instance) -> Losses:
    rows = Video.objects.filter(instance=instance, removed_at=None)
    missing = rows.filter(missing_since__isnull=False)
    return {
        "host": instance.host,
        "missing": missing.count(),
        "mirrored": rows.count(),
        "examples": [f"{video.name} ({video.url})" for video in missing.only("name", "url")[:EXAMPLES_SHOWN]],
    }
