"""`peertube_add WHAT…`: add sources by host, handle or any of PeerTube's addresses."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from peertube_sync.client.errors import PeerTubeError
from peertube_sync.conf import get_settings
from peertube_sync.management.output import add_json_argument, as_line
from peertube_sync.sync.add import Plan, add, plan


class Command(BaseCommand):
    """Recognise each WHAT, ask its server, say what it will cost, and add it."""

    help = (
        "Add what is to be mirrored: a host (video.example), a channel or account (name@video.example), or the "
        "address of an instance, channel, account, playlist or video. Nothing is fetched yet: "
        "run peertube_sync, or let the workers do it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take any number of things to add."""
        parser.add_argument("what", nargs="+", metavar="WHAT", help="host, handle or address")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Add one after the other; what can't be added fails the command at its end."""
        results = [self._one(what, quiet=options["json"]) for what in options["what"]]
        if options["json"]:
            self.stdout.write(as_line(results if len(results) > 1 else results[0]))
        if errors := [result["error"] for result in results if result["error"]]:
            raise CommandError("\n".join(errors))

    def _one(self, what: str, *, quiet: bool) -> dict[str, Any]:
        try:
            planned = plan(what, get_settings())
        except PeerTubeError as error:
            return {"what": what, "added": False, "error": f"{what}: {error}"}
        _source, new = add(planned)
        if not quiet:
            self.stdout.write(_described(planned, new=new))
        return {"what": what, "added": new, "error": "", **planned.as_dict()}


def _described(planned: Plan, *, new: bool) -> str:
    at = f"{planned.name}@{planned.host}" if planned.name else planned.host
    first = f"{planned.kind.capitalize()} {at} - {planned.title!r}, PeerTube {planned.version or 'of unknown version'}"
    time = timedelta(seconds=round(planned.seconds))
    cost = (
        f"  {planned.videos} videos; {planned.list_requests} requests for the list, {planned.requests} with details, "
        f"captions and chapters; about {time} at the allowed pace; about {planned.size / 1e6:.1f} MB of database"
    )
    return "\n".join((first, cost, "  added" if new else "  was added before"))
