"""`peertube_add WHAT…`: add sources by host, handle or any of PeerTube's addresses."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from peertube_sync.client.errors import PeerTubeError, with_name
from peertube_sync.conf import get_settings
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line, counted
from peertube_sync.management.rules import add_rule_arguments, rules_of
from peertube_sync.models import Action, Source, SourceState
from peertube_sync.sync.operations.add import AddPlan, add_source, plan_source
from peertube_sync.sync.operations.logins import add_own, login_at
from peertube_sync.sync.scope import broader_source

OWN = (
    "mirror what isn't public of the user who is logged in at WHAT, a host or name@host; it is shown only in the "
    "admin, to those with the permission"
)


class Command(base.Command):
    """Recognise each WHAT, ask its server, say what it will cost, and add it."""

    help = (
        "Add what is to be mirrored: a host (video.example), a channel or account (name@video.example), or the "
        "address of an instance, channel, account, playlist or video. Nothing is fetched yet: "
        "run peertube_sync, or let the workers do it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take any number of things to add."""
        parser.add_argument("what", nargs="+", metavar="WHAT", help="host, handle or address")
        parser.add_argument("--own", action="store_true", help=OWN)
        add_rule_arguments(parser)
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Add one after the other; what can't be added fails the command at its end."""
        rules = rules_of(options)
        results = [self._add(what, rules, options) for what in options["what"]]
        if options["json"]:
            self.stdout.write(as_line(results if len(results) > 1 else results[0]))
        if errors := [result["error"] for result in results if result["error"]]:
            raise CommandError("\n".join(errors))

    def _add(self, what: str, rules: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
        """Add a source that its server has told of, or what isn't public of whoever is logged in: nobody is asked."""
        try:
            if options["own"]:
                source, new = add_own(login_at(what), rules)
                facts: dict[str, object] = {"kind": source.kind, "host": source.instance.host, "name": source.name}
                text = f"{source}: videos that aren't public"
            else:
                planned = plan_source(what, get_settings(), rules)
                source, new = add_source(planned, rules)
                facts, text = planned.as_dict(), _described(planned, at_most=bool(source.rules))
        except PeerTubeError as error:
            return {"what": what, "added": False, "error": with_name(what, str(error))}
        except ValidationError as error:
            return {"what": what, "added": False, "error": with_name(what, " ".join(error.messages))}
        self.log(Action.ADDED, [source] if new else [])
        if not options["json"]:
            self.stdout.write(f"{text}\n  {_outcome(source, rules, new=new)}")
        return {"what": what, "added": new, "error": "", "state": source.state, **facts}


def _outcome(source: Source, rules: dict[str, Any], *, new: bool) -> str:
    if not new:
        kept = source.rules != rules and rules
        return "was added before" + ("; its rules are as they were, change them in the admin" if kept else "")
    if source.state != SourceState.SUSPENDED:
        return "added"
    broad = broader_source(source)
    suspended = f"added, but suspended: it lies inside {broad}, which does its work"
    if not (broad and source.rules):
        return suspended
    what = f"{broad.name}@{broad.instance.host}" if broad.name else broad.instance.host
    ways = f"remove it (manage.py peertube_remove {what}), or give it the rules, in the admin"
    return f"{suspended}\n  these rules do nothing while {what} is mirrored whole: {ways}"


def _described(planned: AddPlan, *, at_most: bool) -> str:
    at = f"{planned.name}@{planned.host}" if planned.name else planned.host
    first = f"{planned.kind.capitalize()} {at} - {planned.title!r}, PeerTube {planned.version or 'of unknown version'}"
    before, of_all = (" before the rules", " of all") if at_most else ("", "")
    size = f"about {planned.size / 1e6:.1f} MB of database"
    lines = (
        first,
        f"{counted(planned.videos, 'video')}{before}; {size}; at the allowed pace:",
        f"the list, which fills the pages with videos: {_cost(planned.list_requests, planned.list_seconds)}",
        f"with details, captions and chapters{of_all}: {_cost(planned.requests, planned.seconds)}",
    )
    return "\n  ".join(lines)


def _cost(requests: int, seconds: float) -> str:
    return f"{counted(requests, 'request')}, about {timedelta(seconds=max(1, round(seconds)))}"
