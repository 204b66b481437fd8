"""`peertube_logout HOST`: have an instance forget the tokens it gave, and forget them here."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from peertube_sync.client.errors import PeerTubeError
from peertube_sync.conf import get_settings
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line
from peertube_sync.models import Action
from peertube_sync.sync.operations.logins import log_out, login_at


class Command(base.Command):
    help = (
        "Log out of an instance: its tokens are revoked there and deleted here. What was mirrored with them stays, and "
        "stays hidden, until its source is removed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a host, or a handle where several are logged in."""
        parser.add_argument("login", metavar="HOST", help="host, or name@host where several are logged in")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Log out; a server that can't be told is no reason to keep the tokens."""
        try:
            login = login_at(options["login"])
            name, trouble = str(login), log_out(login, get_settings())
            self.log(Action.LOGGED_OUT, [login])
        except PeerTubeError as error:
            raise CommandError(str(error)) from None
        text = f"Logged out: {name}." + (f" Its server could not be told: {trouble}" if trouble else "")
        self.stdout.write(
            as_line({"login": name, "revoked": not trouble, "error": trouble}) if options["json"] else text
        )
