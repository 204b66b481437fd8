"""`peertube_move OLD NEW`: an instance has moved to another host, and a person has made sure of it."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from peertube_sync.client.errors import InvalidTarget, PeerTubeError
from peertube_sync.client.hosts import normalise_host
from peertube_sync.conf import get_settings
from peertube_sync.management import base
from peertube_sync.management.hosts import instance_at
from peertube_sync.management.output import add_json_argument, as_line, counted
from peertube_sync.models import Action, FormerHost
from peertube_sync.sync.operations.move import MovePlan, NewHome, look_at, move, plan_move

CONFLICTS_SHOWN = 50
"""Conflicts that are listed as text."""


class Command(base.Command):
    """Ask the new host, tell what will be done, ask whether to do it, do it."""

    help = (
        "Move an instance that is mirrored here to its new host. Its videos, channels, accounts and playlists keep "
        "their primary keys, and with them decisions, links and feeds; what is at both hosts becomes one again."
    )
    stopped = "stopped; nothing was moved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("old", metavar="OLD", help="the host that it is mirrored by")
        parser.add_argument("new", metavar="NEW", help="the host that it has now")
        parser.add_argument("--dry-run", action="store_true", help="show what would be done, and write nothing")
        parser.add_argument("--yes", action="store_true", help="don't ask")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Move; end with an error where that can't be, or isn't wanted."""
        if self._was_moved(options):
            return
        old, settings = instance_at(options["old"]), get_settings()
        try:
            home = look_at(old, options["new"], settings)
            planned = plan_move(old, home.host)
            if not options["json"]:
                self.stdout.write(_plan_in_words(planned, home))
            if planned.conflicts:
                self._report(planned, options, moved=False)
                more = len(planned.conflicts) - CONFLICTS_SHOWN
                shown = [
                    *planned.conflicts[:CONFLICTS_SHOWN],
                    *([f"and {more} more: --json has all"] if more > 0 else []),
                ]
                head = f"{counted(len(planned.conflicts), 'conflict')}, to be solved first:"
                raise CommandError("\n  ".join([head, *shown]) + "\nNothing was written.")
            if not options["dry_run"]:
                self._confirm(options)
                planned = move(old, home)
                self.log(Action.MOVED, [old])
        except PeerTubeError as error:
            raise CommandError(str(error)) from error
        self._report(planned, options, moved=not options["dry_run"])

    def _was_moved(self, options: dict[str, Any]) -> bool:
        """Say so where just this was done before."""
        try:
            old, new = (normalise_host(text.partition("://")[2] or text) for text in (options["old"], options["new"]))
        except InvalidTarget as error:
            raise CommandError(str(error)) from error
        if not FormerHost.objects.filter(host=old, instance__host=new).exists():
            return False
        done = {**MovePlan(old, new).as_dict(), "moved": False}
        self.stdout.write(as_line(done) if options["json"] else f"{old} was moved to {new} before: nothing to do")
        return True

    def _confirm(self, options: dict[str, Any]) -> None:
        if options["yes"]:
            return
        if options["json"] or not sys.stdin.isatty():
            raise CommandError(
                "Nobody can be asked here: look at it with --dry-run, then add --yes. Nothing was written."
            )
        if input("Move it? [y/N] ").strip().lower() not in {"y", "yes"}:
            raise CommandError("Nothing was written.")

    def _report(self, planned: MovePlan, options: dict[str, Any], *, moved: bool) -> None:
        if options["json"]:
            self.stdout.write(as_line({**planned.as_dict(), "moved": moved}))
        elif moved:
            self.stdout.write(f"{planned.old} is mirrored as {planned.new} now; the next sync reads all of it anew")
        elif options["dry_run"] and not planned.conflicts:
            self.stdout.write("Nothing was written.")


def _plan_in_words(planned: MovePlan, home: NewHome) -> str:
    alike = home.alike
    lines = [f"{planned.new} calls itself {home.name!r}, PeerTube {home.version or 'of unknown version'}"]
    if alike is None:
        lines.append(f"it doesn't tell whether it has the videos of {planned.old}")
    elif alike.compared:
        lines.append(
            f"it has {alike.alike} of {counted(alike.compared, 'video')} of {planned.old} that it was asked for"
        )
    going = ", ".join(f"{number} {name}" for name, number in planned.twins.items() if number)
    moving = ", ".join(f"{number} {name}" for name, number in planned.moving.items() if number)
    handed = ", ".join(f"{number} of {label}" for label, number in planned.handed.items())
    lines += [f"here twice, and once afterwards: {going}"] if going else []
    lines += [f"mirrored at {planned.new} only, and kept: {moving}"] if moving else []
    lines += [f"handed over: {handed}"] if handed else []
    lines += [f"dropped: {counted(planned.logins, 'login')}"] if planned.logins else []
    return "\n  ".join(lines)
