"""What all commands are: how they are interrupted, what they say without tables, and of options that there aren't."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from threading import current_thread, main_thread
from types import FrameType
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError, ProgrammingError, connections, router
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from peertube_sync.history import record
from peertube_sync.models import Action, Source, Via

INTERRUPTED = 128 + signal.SIGINT
"""The exit status of what Ctrl-C ended, as shells have it."""
STOPPING = "stopping, which may take some seconds; Ctrl-C again: at once"
NO_TABLES = "The tables of peertube_sync aren't there yet (or not up to date); run: manage.py migrate"


class Command(BaseCommand):
    """A command of this app. `stopped` is what it says when it is interrupted."""

    stopped = "stopped; what was done so far is kept. Run it again to go on."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Take no option for another that begins like it."""
        parser = super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)
        parser.__class__ = Parser  # the only way to another class: Django makes the parser by name
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as from a shell; Ctrl-C ends it with a line on what is kept, not with a traceback."""
        try:
            with _telling(self.say_plainly):
                super().run_from_argv(argv)
        except KeyboardInterrupt:
            self.say_plainly(self.stopped)
            sys.exit(INTERRUPTED)

    def log(self, action: Action, rows: Iterable[Model]) -> None:
        """Write down that somebody with a shell, whom nobody knows, did `action` to each of `rows`."""
        record(action, rows, via=Via.COMMAND)

    def say_plainly(self, text: str) -> None:
        """Write a plain line to who may no longer listen, whatever else is just being written."""
        with suppress(OSError, RuntimeError, ValueError):
            self.stderr.write(text, str)

    def agree(self, what: Callable[[], str], *, yes: bool) -> None:
        """Ask a person whether it is to be done, unless they have said `yes`; raises CommandError if it isn't."""
        if yes:
            return
        if not sys.stdin.isatty():
            raise CommandError(f"{what()} Nobody can be asked here: to do it, add --yes.")
        if input(f"{what()} Go on? [y/N] ").strip().lower() not in {"y", "yes"}:
            raise CommandError("Nothing was done.")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run; where the database lacks something, see whether it is only that nobody ran `migrate`."""
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            if _lacks_migrations():
                raise CommandError(NO_TABLES) from error
            raise


def add_yes_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="don't ask: for scripts")


@contextmanager
def _telling(say: Callable[[str], None]) -> Iterator[None]:
    """Let the first Ctrl-C be answered at once, and a second one end the process, unless others handle it already."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        say(STOPPING)
        raise KeyboardInterrupt

    ours = current_thread() is main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)


class Parser(CommandParser):
    """Names the option that is nearest to one that there isn't."""

    def parse_args(self, args: Sequence[str] | None = None, namespace: Namespace | None = None) -> Namespace:  # type: ignore[override]
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            known = [option for action in self._actions for option in action.option_strings]
            words = (word.partition("=")[0] for word in unknown if word.startswith("-"))
            near = [match for word in words for match in get_close_matches(word, known, 1)]
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            self.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
        return found


def _lacks_migrations() -> bool:
    """Whether migrations of this app are left to run; not when the database can't even say that."""
    try:
        executor = MigrationExecutor(connections[router.db_for_write(Source)])
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes(Source._meta.app_label)))
    except DatabaseError:
        return False
