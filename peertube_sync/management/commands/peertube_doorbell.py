"""`peertube_doorbell`: how the doorbell stands; turn it on and off, make new keys."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from peertube_sync.client.errors import PeerTubeError
from peertube_sync.conf import get_settings
from peertube_sync.history import record_once
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line, counted
from peertube_sync.models import Action, Via
from peertube_sync.sync.doorbell.actor import replace_keys
from peertube_sync.sync.doorbell.switch import doorbell_state, turn_off, turn_on


class Command(base.Command):
    """Say whom we follow, or change it."""

    help = (
        "Say which instances, channels and accounts are followed so that they report changes. With --off, take all "
        "follows back; --on follows again. It needs DOORBELL in the settings."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one thing to do at a time."""
        switch = parser.add_mutually_exclusive_group()
        switch.add_argument("--on", action="store_true", help="follow again, and begin now")
        switch.add_argument("--off", action="store_true", help="take all follows back")
        switch.add_argument("--new-key", action="store_true", help="make new keys, where the private key is lost")
        parser.add_argument("--for-good", action="store_true", help="with --off: our actor is gone, and answers 410")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, then say how it stands."""
        settings = get_settings()
        if options["for_good"] and not options["off"]:
            raise CommandError("--for-good belongs to --off.")
        if not settings.doorbell and not options["off"]:
            raise CommandError('The doorbell is off; turn it on with PEERTUBE_SYNC["DOORBELL"] in the settings.')
        trouble = []
        try:
            if options["new_key"]:
                replace_keys(settings)
                record_once(Action.DOORBELL_KEY, "", via=Via.COMMAND)
            elif options["on"]:
                turn_on()
                record_once(Action.DOORBELL_ON, "", via=Via.COMMAND)
            elif options["off"]:
                trouble = turn_off(settings, for_good=options["for_good"])
                record_once(Action.DOORBELL_OFF, "", via=Via.COMMAND)
        except PeerTubeError as error:
            raise CommandError(str(error)) from None
        self._report(doorbell_state(settings), options)
        if trouble:
            raise CommandError("\n".join(["These could not be told, which workers try again:", *trouble]))

    def _report(self, state: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(as_line(state))
            return
        gone = f", gone for good since {state['gone_at']:%Y-%m-%d %H:%M}" if state["gone_at"] else ""
        followed = counted(len(state["follows"]), "follow")
        self.stdout.write(f"The doorbell is {'on' if state['on'] else 'off'}{gone}: {followed}")
        rings = f"{state['rings_last_hour']} things rang in the last hour, {state['rings_waiting']} wait"
        median = f"; half of all became rows within {state['median_seconds']} s" if state["median_seconds"] else ""
        self.stdout.write(rings + median)
        for one in state["follows"]:
            who = f"{one['kind']} {one['name']}@{one['host']}" if one["name"] else one["host"]
            proven = "proven" if one["proven"] else one["state"]
            self.stdout.write(" ".join(filter(None, [f"{who}: {proven}", one["reason"], one["doubt"]])))
