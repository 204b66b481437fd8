"""`peertube_login HOST`: log in to an instance as one of its users."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from peertube_sync.client.errors import PeerTubeError, TwoFactorNeeded
from peertube_sync.client.secret import Secret
from peertube_sync.conf import get_settings
from peertube_sync.history import record_once
from peertube_sync.management import base
from peertube_sync.management.output import add_json_argument, as_line, counted
from peertube_sync.models import Action, Login, Via
from peertube_sync.sync.operations.logins import log_in, rotate_keys
from peertube_sync.sync.operations.vault import Vault


class Command(base.Command):
    """Ask for what is needed, log in, keep the tokens; the password is forgotten."""

    help = (
        "Log in to an instance, so that your own videos that aren't public can be mirrored. The password is asked for, "
        "or read from the first line of standard input; it is not stored. What the instance gives is kept encrypted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a host and a user name, never a password: others see a command's arguments."""
        parser.add_argument("host", nargs="?", metavar="HOST", help="host or address of the instance")
        parser.add_argument("--username", default="", help="your name or e-mail address there (default: asked for)")
        parser.add_argument("--otp", default="", help="one-time password, where the account has a second factor")
        parser.add_argument("--rotate-keys", action="store_true", help="encrypt all tokens by the first key")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Log in, or rotate the keys."""
        try:
            if options["rotate_keys"]:
                number = rotate_keys(get_settings())
                record_once(Action.KEYS_ROTATED, str(number), via=Via.COMMAND)
                text = f"The tokens of {counted(number, 'login')} are encrypted by the first key now."
                self._report({"rotated": number}, text, options)
            elif options["host"]:
                login = self._log_in(options)
                self.log(Action.LOGGED_IN, [login])
                again = f"Mirror your videos that aren't public with: manage.py peertube_add --own {login}"
                result = {"login": str(login), "state": login.state}
                self._report(result, f"Logged in as {login}. {again}", options)
            else:
                raise CommandError("Which HOST?")
        except PeerTubeError as error:
            raise CommandError(str(error)) from None

    def _log_in(self, options: dict[str, Any]) -> Login:
        """Log in, asking a person for the one-time password where it turns out to be needed."""
        settings = get_settings()
        Vault.of(settings)
        username = options["username"] or _prompt("User name: ", input)
        password = Secret(_prompt("Password: ", getpass.getpass))
        try:
            return log_in(options["host"], username, password, settings, options["otp"])
        except TwoFactorNeeded:
            if not sys.stdin.isatty():
                raise
            return log_in(options["host"], username, password, settings, _prompt("One-time password: ", input))

    def _report(self, result: dict[str, Any], text: str, options: dict[str, Any]) -> None:
        self.stdout.write(as_line(result) if options["json"] else text)


def _prompt(prompt: str, ask: Any) -> str:
    """Return what a person types, or the next line of standard input."""
    return str(ask(prompt)) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
