"""`peertube_status`: how complete and how fresh the copy is, and what a person has to look at."""

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError

from peertube_sync.conf import get_settings
from peertube_sync.management import base
from peertube_sync.management.hosts import instance_at
from peertube_sync.management.output import add_json_argument, as_line, counted, in_words
from peertube_sync.models import Instance
from peertube_sync.sync.operations.move_signs import offers
from peertube_sync.sync.operations.pictures import count_pictures
from peertube_sync.sync.operations.problems import mark_search_queue, problems
from peertube_sync.sync.operations.status import SourceStatus, status

COLUMNS = (
    "source",
    "remote",
    "wanted",
    "hidden",
    "mirrored",
    "unread",
    "coverage",
    "details",
    "lag",
    "last sweep",
    "last audit",
    "state",
    "login",
    "bell",
    "failing since",
    "next try",
    "last error",
)


class Command(base.Command):
    """One line per source, and no column of which no source says anything."""

    help = "Show for every source what it holds, how much of that is mirrored, how fresh, and what went wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take hosts, and offer problems and JSON."""
        parser.add_argument("hosts", nargs="*", metavar="HOST", help="only these instances (default: all)")
        parser.add_argument("--problems", action="store_true", help="what a person has to look at; fails on any")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the table, or one line of JSON."""
        hosts = options["hosts"]
        instances = [instance_at(host) for host in hosts] if hosts else None
        if options["problems"]:
            self._problems(instances, as_json=options["json"])
            return
        found, moves = status(instances), offers(instances)
        if options["json"]:
            rows = []
            for one in found:
                of_it = [move.as_dict() for move in moves if one.host in {move.old.host, move.new_host}]
                rows.append({**one.as_dict(), "moves": of_it})
            self.stdout.write(as_line(rows))
            return
        if not found:
            self.stdout.write(
                f"No source yet; add one with: manage.py peertube_add {' '.join(hosts) or 'video.example'}"
            )
        else:
            head, *lines = _in_columns([COLUMNS, *(_cells(one) for one in found)])
            self.stdout.write(head)
            for one, line in zip(found, lines, strict=True):
                self.stdout.write(line if one.healthy else self.style.ERROR(line))
        if get_settings().pictures == "site" and not hosts:
            self.stdout.write(f"\n{in_words(count_pictures(), get_settings())}")
        for move in moves:
            self.stdout.write("\n" + "\n  ".join([f"{move.headline}:", *move.evidence, move.command]))

    def _problems(self, instances: Sequence[Instance] | None, *, as_json: bool) -> None:
        """Print what a person has to look at; of chosen instances only what is about these. Raises CommandError."""
        mark_search_queue()
        found = problems(get_settings())
        if instances is not None:
            hosts = {instance.host for instance in instances}
            found = [problem for problem in found if problem.host in hosts]
        if as_json:
            self.stdout.write(as_line([problem.as_dict() for problem in found]))
        else:
            self.stdout.write(
                "\n".join(problem.message for problem in found) or "Nothing that a person has to look at."
            )
        if found:
            raise CommandError(counted(len(found), "problem"))


def _cells(status: SourceStatus) -> tuple[str, ...]:
    state = status.state
    if status.instance_state not in {"ok", "new"}:  # it stands in the place of "active", where nothing is wrong
        state = status.instance_state if state == "active" else f"{state}, {status.instance_state}"
    return (
        status.source,
        _number_or_unknown(status.remote_total),
        "" if status.wanted_total == status.remote_total else _number_or_unknown(status.wanted_total),
        f"{status.hidden_by_rules} of {status.held}" if status.rules else "",
        str(status.mirrored),
        str(status.unread or ""),
        "?" if status.coverage is None else f"{status.coverage:.1%}",
        str(status.with_details),
        "never" if status.lag_seconds is None else str(timedelta(seconds=int(status.lag_seconds))),
        _when(status.sweep_at) or "never",
        _when(status.audited_at)
        + ("" if status.audit_differences is None else f", {counted(status.audit_differences, 'difference')}"),
        state,
        status.login.partition(":")[0],
        status.bell,
        _when(status.failing_since),
        _when(status.next_due_at),
        status.last_error,
    )


def _number_or_unknown(total: int | None) -> str:
    return "?" if total is None else str(total)


def _when(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines of columns below their names; one that is empty but for its name is left out."""
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    lines = ("  ".join(map(str.ljust, row, widths)) for row in zip(*columns, strict=True))
    return [line.rstrip() for line in lines]
