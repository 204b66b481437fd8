"""A home that moved: the same catalogue at two hosts, the old one redirecting to the new one."""

from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.core.management import call_command

from peertube_sync.models import Video
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror


@dataclass
class Homes:
    """The mirrors of the old and the new host."""

    old: Mirror
    new: Mirror

    def redirect(self) -> None:
        self.old.sandbox.faults.add(Fault("moved", "", times=None, location=self.new.sandbox.url))

    def mirror_both(self) -> None:
        """Sync the old one, let it redirect, and do what its message says: add the new one."""
        self.old.sync()
        self.redirect()
        self.old.sync()
        self.new.add()
        self.new.sync()

    def move(self, *options: str) -> str:
        """Run the command; returns what it says."""
        told = StringIO()
        given = options or ("--yes",)
        call_command("peertube_move", self.old.sandbox.url, self.new.sandbox.url, *given, stdout=told)
        return told.getvalue()

    def twins(self, number: int = 0) -> tuple[Video, Video]:
        """A video at the old host, and the same at the new one."""
        first = Video.objects.filter(instance__host=self.old.sandbox.host).order_by("pk")[number]
        return first, Video.objects.get(instance__host=self.new.sandbox.host, uuid=first.uuid)


def status(*options: str) -> Any:
    told = StringIO()
    call_command("peertube_status", *options, stdout=told)
    return told.getvalue()
