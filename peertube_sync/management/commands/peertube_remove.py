"""`peertube_remove WHAT…`: stop mirroring sources."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.targets import recognise
from peertube_sync.management import base
from peertube_sync.management.output import counted
from peertube_sync.models import Action, Source, SourceKind, Video
from peertube_sync.sync.scope import remove_source


class Command(base.Command):
    """Remove sources by the words they were added with; no server is asked."""

    help = "Stop mirroring WHAT. Videos that no other source wants are shown no longer, at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take any number of things to remove."""
        parser.add_argument("what", nargs="+", metavar="WHAT", help="host, handle or address, as for peertube_add")
        parser.add_argument(
            "--own", action="store_true", help="name@host is an owner's own videos, as for peertube_add"
        )
        base.add_yes_argument(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Remove one after the other; what isn't there fails the command before anything is removed."""
        sources = [_source(what, own=options["own"]) for what in options["what"]]
        self.agree(lambda: _question_of_removal(sources), yes=options["yes"])
        for source in sources:
            hidden = remove_source(source)
            self.log(Action.REMOVED, [source])
            videos = f"{counted(hidden, 'video')} of {source.instance.host} {'is' if hidden == 1 else 'are'}"
            effect = f": {videos} not shown any more; peertube_add brings them back" if hidden else ""
            self.stdout.write(f"{source} is mirrored no longer{effect}")


def _question_of_removal(sources: list[Source]) -> str:
    held = sum(Video.objects.of_source(source).filter(removed_at=None).count() for source in sources)
    names = ", ".join(map(str, sources))
    return f"This stops mirroring {names}, with {counted(held, 'video')} here; other sources may keep some of them."


def _source(what: str, *, own: bool) -> Source:
    try:
        target = recognise(what)
    except InvalidTarget as error:
        raise CommandError(str(error)) from error
    kinds: list[str] = ["channel", "account"] if target.kind == "actor" else [target.kind]
    if own:
        kinds = [SourceKind.OWN]
    found = Source.objects.filter(instance__host=target.host, name=target.name, kind__in=kinds).first()
    if found is None:
        known = ", ".join(str(source) for source in Source.objects.all()[:20]) or "none yet"
        raise CommandError(f"{what} is no source here; the sources are: {known}")
    return found
