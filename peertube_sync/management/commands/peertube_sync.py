"""`peertube_sync`: do all that is due, in this process, with no broker."""

import math
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from peertube_sync.client.errors import with_name
from peertube_sync.conf import get_settings
from peertube_sync.management import base
from peertube_sync.management.hosts import instance_at
from peertube_sync.management.output import add_json_argument, as_line, counted, progress_line
from peertube_sync.models import Instance, Source
from peertube_sync.sync.doorbell.follows import say_goodbyes
from peertube_sync.sync.drain import Totals, drain, left_until
from peertube_sync.sync.operations.alarms import Lookout
from peertube_sync.sync.operations.retention import Daily
from peertube_sync.sync.schedule import make_due
from peertube_sync.sync.slices import SliceResult
from peertube_sync.sync.watch import DueInstances, keep_trying

NO_SOURCE = "No source yet; add one with: manage.py peertube_add video.example"


class Command(base.Command):
    """Mirror what is due, to the end; or, with --watch, for ever."""

    stopped = "stopped; everything read so far is kept. Run it again to go on."
    help = "Mirror what is due and end; with --watch go on for ever, as workers and beat would."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("hosts", nargs="*", metavar="HOST", help="only these instances (default: all)")
        parser.add_argument("--full", action="store_true", help="sweep the whole lists now, not only the newest")
        parser.add_argument("--no-details", action="store_true", help="lists only: no details, captions, chapters")
        parser.add_argument(
            "--wait", action="store_true", help="wait for hosts that fail, and try them a few times more"
        )
        parser.add_argument("--watch", action="store_true", help="stay and do what becomes due, until interrupted")
        add_json_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        instances = _instances_at(options["hosts"])
        if not Source.objects.exists():
            self.stderr.write(NO_SOURCE)
        begin = partial(make_due, Source.objects.filter(instance__in=instances), full=options["full"])
        if options["watch"]:
            keep_trying(begin)
            self._watch(options)
            return
        begin()
        with progress_line(wanted=not options["json"]) as progress:
            asked = {"details": not options["no_details"], "wait": options["wait"]}
            totals = drain(instances, get_settings(), **asked, progress=progress)
        if options["json"]:
            self.stdout.write(as_line(totals.as_dict()))
        else:
            here = f"{counted(totals.videos, 'video')} here after {totals.seconds:.1f} s"
            self.stdout.write("\n".join([f"{here}: {_totals_in_words(totals)}", *totals.left]))
        if totals.errors:
            raise CommandError("\n".join(totals.errors))

    def _watch(self, options: dict[str, Any]) -> None:
        """Do what is due, hosts side by side, and once a day what `peertube_purge` does, until interrupted.

        A host's errors are in its rows.
        """
        rows = Instance.objects.all()
        if options["hosts"]:
            rows = rows.filter(pk__in=[instance.pk for instance in _instances_at(options["hosts"])])
        lookout, bounds = Lookout(get_settings()), Daily(get_settings())

        def look_after_site() -> None:
            lookout()
            bounds()
            say_goodbyes(get_settings())

        def on_slice_end(instance: Instance, result: SliceResult) -> None:
            self._report(options, instance, result)
            look_after_site()

        due = DueInstances(
            rows, get_settings(), math.inf, not options["no_details"], on_slice_end, survives_errors=True
        )
        due.watch(look_after_site)

    def _report(self, options: dict[str, Any], instance: Instance, result: SliceResult) -> None:
        totals = Totals(errors=[with_name(instance.host, str(result.error))] if result.error else [])
        totals.add(result)
        if not (totals.errors or (result.done and totals.requests)):
            return
        if result.error:
            totals.left.append(left_until(instance))
        now = timezone.localtime()
        if options["json"]:
            line = as_line({"host": instance.host, "at": now.isoformat(), **totals.as_dict()})
        else:
            lines = ([_totals_in_words(totals)] if result.done else []) + totals.errors + totals.left
            line = f"{now:%Y-%m-%d %H:%M:%S} {instance.host}: " + "\n".join(lines)
        self.stdout.write(line)
        self.stdout.flush()


def _instances_at(hosts: list[str]) -> list[Instance]:
    if not hosts:
        return list(Instance.objects.mirrored() | Instance.objects.exclude(next_due_at=None))
    return [instance_at(host) for host in hosts]


def _totals_in_words(totals: Totals) -> str:
    lines = [
        f"{counted(totals.created, 'video')} created, {totals.updated} updated, "
        f"{totals.unchanged} unchanged, {totals.restored} restored, "
        f"{totals.removed} removed, {totals.skipped} skipped",
        f"{counted(totals.requests, 'request')}, {counted(totals.rate_limited, 'time')} told to slow down, "
        f"{totals.waited_seconds:.1f} s waited",
    ]
    return "\n".join(lines)
