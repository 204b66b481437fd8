"""`peertube_optout WHAT…`: never ask or show an instance, account or channel again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line, counted
from peertube_sync.models import Action, OptOut
from peertube_sync.sync.operations.optout import count_concerned, host_and_name, opt_out, undo_opt_out


class Command(base.Command):
    """Opt out, or take that back."""

    help = (
        "Respect the wish of an instance (video.example), account or channel (@name@video.example) not to be mirrored: "
        "what is here of it goes at once, and it is never asked again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take any number of hosts and handles."""
        parser.add_argument("what", nargs="+", metavar="WHAT", help="host, handle or address")
        parser.add_argument("--undo", action="store_true", help="take the opt-out back")
        parser.add_argument("--note", default="", help="who asked, and when")
        base.add_yes_argument(parser)
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            chosen = [host_and_name(what) for what in options["what"]]
        except InvalidTarget as error:
            raise CommandError(str(error)) from error
        if options["undo"]:
            rows = [row for host, name in chosen for row in OptOut.objects.of([host], name)]
            undone = [undo_opt_out(host, name) for host, name in chosen]
            action, hidden = Action.OPT_OUT_UNDONE, [0] * len(chosen)
            words = ["may be mirrored again" if was_out else "had not opted out" for was_out in undone]
        else:
            self.agree(lambda: _question_of_opt_out(chosen), yes=options["yes"])
            action, hidden = Action.OPTED_OUT, [opt_out(host, name, options["note"]) for host, name in chosen]
            words = [f"has opted out: {counted(many, 'video is', 'videos are')} gone from here" for many in hidden]
            rows = [OptOut.objects.of([host], name)[0] for host, name in chosen]
        self.log(action, rows)
        done = [
            {"host": host, "name": name, "videos": many, "text": f"{_as_target(host, name)} {what}"}
            for (host, name), many, what in zip(chosen, hidden, words, strict=True)
        ]
        self.stdout.write(as_line(done) if options["json"] else "\n".join(str(outcome["text"]) for outcome in done))


def _question_of_opt_out(chosen: list[tuple[str, str]]) -> str:
    held = sum(count_concerned(host, name) for host, name in chosen)
    names = ", ".join(_as_target(host, name) for host, name in chosen)
    return f"This takes all that is here of {names} away for good, with {counted(held, 'video')}."


def _as_target(host: str, name: str) -> str:
    return f"@{name}@{host}" if name else host
